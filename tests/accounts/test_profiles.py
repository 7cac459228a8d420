"""What people say of themselves: cleaned, bounded, and over when it is over."""

from __future__ import annotations

import pytest

from loopchat.accounts import former_names, people, profiles
from loopchat.accounts.models import User
from loopchat.accounts.profiles import Change
from loopchat.core.clock import now_ms
from loopchat.core.errors import Refused
from tests.accounts.conftest import PASSWORD

HOUR = 3_600_000


def test_what_is_given_changes_and_the_rest_stays(ann: User) -> None:
    profiles.change(ann, Change(name=" Ann Miller ", about="Plants\r\nand books", time_zone="UTC"))
    row = profiles.change(ann, Change(status_emoji="❤", status_text="In the garden"))

    assert (row.about, row.time_zone) == ("Plants\nand books", "UTC")
    assert (row.status_emoji, row.status_text) == ("❤\ufe0f", "In the garden")
    assert User.objects.get(pk=ann.pk).name == "Ann Miller"


def test_an_empty_text_clears(ann: User) -> None:
    until = now_ms() + HOUR
    profiles.change(ann, Change(name="A", about="x", status_text="y", status_until_ts=until))

    row = profiles.change(ann, Change(name="", about="", status_text=""))

    assert (row.about, row.status_text, row.status_until_ts) == ("", "", None)
    assert User.objects.get(pk=ann.pk).name == ""


def test_a_new_status_does_not_end_with_the_one_before(ann: User) -> None:
    profiles.change(ann, Change(status_text="Lunch", status_until_ts=now_ms() + HOUR))

    row = profiles.change(ann, Change(status_text="Holidays"))

    assert row.status_until_ts is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "x" * 65),
        ("name", "a\u202eb"),
        ("name", "a\nb"),
        ("about", "x" * 501),
        ("about", "a\x00b"),
        ("about", "\u202e"),
        ("status_emoji", "hello"),
        ("status_emoji", "👍👍"),
        ("status_text", "x" * 101),
        ("status_text", "two\nlines"),
        ("status_until_ts", 1),
        ("status_until_ts", 10**15),
        ("dnd_until_ts", 1),
        ("time_zone", "Europe/Nowhere"),
        ("time_zone", "../../etc/passwd"),
        ("time_zone", "EST5EDT"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_stored(
    ann: User, field: str, value: object
) -> None:
    with pytest.raises(Refused) as no:
        profiles.change(ann, Change(**{"about": "good", field: value}))  # type: ignore[arg-type]

    assert no.value.field == field
    assert profiles.of(ann).about == ""


def test_what_has_ended_is_cleared(ann: User) -> None:
    profiles.change(ann, Change(status_text="Lunch", status_until_ts=now_ms() + HOUR))
    profiles.change(ann, Change(dnd_until_ts=now_ms() + 2 * HOUR))

    assert profiles.end_what_is_over(now_ms(), 10) == []
    assert profiles.end_what_is_over(now_ms() + HOUR + 1, 10) == [ann.pk]
    row = profiles.of(ann)
    assert (row.status_text, row.status_until_ts) == ("", None)
    assert row.dnd_until_ts is not None


def test_the_clock_of_a_zone() -> None:
    assert profiles.utc_offset_minutes("UTC") == 0
    assert profiles.utc_offset_minutes("Asia/Kolkata") == 330
    assert profiles.utc_offset_minutes("") is None


def test_a_former_name_is_nobodys(owner: User) -> None:
    former_names.remember("Zoë")

    with pytest.raises(Refused, match="taken"):
        people.create("ZOE\u0308", PASSWORD)
