"""Who may sign in, and how guessing is slowed down."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate
from django.test import RequestFactory
from pytest_django import Settings

from loopchat.accounts import people, sign_in
from loopchat.accounts.models import User
from loopchat.accounts.throttle import FREE
from loopchat.core.errors import Refused
from loopchat.core.limits import Buckets, Rate
from tests.accounts.conftest import PASSWORD

pytestmark = pytest.mark.django_db
HOME, AWAY = "203.0.113.7", "198.51.100.1"


def refusal(username: str, password: str, address: str = HOME) -> Refused:
    """Why this sign-in did not work."""
    with pytest.raises(Refused) as no:
        sign_in.check(username, password, address=address)
    return no.value


@pytest.mark.parametrize("name", ["Ann", "ann", "ANN"])
def test_it_lets_the_person_in(ann: User, name: str) -> None:
    assert sign_in.check(name, PASSWORD, address=HOME) == ann


@pytest.mark.parametrize(
    "password", ["", " ", "wrong", f" {PASSWORD}", "CORRECT HORSE", "x" * 10**6]
)
def test_it_refuses_a_wrong_password(ann: User, password: str) -> None:
    assert refusal("ann", password).code == "unauthorized"


def test_every_wrong_sign_in_is_refused_in_the_same_words(ann: User, settings: Settings) -> None:
    settings.PASSWORDLESS = "on"
    people.enter("zoe")
    people.create("helper", None, is_bot=True)
    disabled = people.create("dora", PASSWORD)
    people.disable(disabled)

    answers = {
        (no.code, no.text)
        for no in (
            refusal("ann", "wrong"),
            refusal("nobody", PASSWORD),
            refusal("zoe", ""),
            refusal("helper", ""),
            refusal("dora", PASSWORD),
            refusal("ann\x00", PASSWORD),
            refusal("n" * 100_000, PASSWORD),
        )
    }

    assert len(answers) == 1


def test_guessing_is_delayed_more_and_more(ann: User) -> None:
    for _ in range(FREE):
        assert refusal("ann", "wrong").code == "unauthorized"

    no = refusal("Ann", PASSWORD)

    assert no.code == "rate_limited"
    assert no.retry_after_ms == 1000
    assert "1 second" in no.text


def test_names_that_nobody_has_are_delayed_alike(owner: User) -> None:
    for _ in range(FREE):
        refusal("nobody", "wrong")

    assert refusal("nobody", "wrong").code == "rate_limited"


def test_the_victim_is_not_locked_out_from_elsewhere(ann: User) -> None:
    for _ in range(FREE + 1):
        refusal("ann", "wrong", AWAY)
    assert refusal("ann", PASSWORD, AWAY).code == "rate_limited"

    assert sign_in.check("ann", PASSWORD, address=HOME) == ann


def test_a_right_password_ends_the_counting(ann: User) -> None:
    for _ in range(3 * FREE):
        refusal("ann", "wrong")
        sign_in.check("ann", PASSWORD, address=HOME)


def test_an_address_is_slowed_down_whatever_the_names(
    ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_in, "visits", Buckets(Rate(0.1, 10)))
    for number in range(10):
        assert refusal(f"name{number}", PASSWORD).code == "unauthorized"

    assert refusal("ann", PASSWORD).code == "rate_limited"
    assert sign_in.check("ann", PASSWORD, address=AWAY) == ann


def test_one_household_is_one_address(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "visits", Buckets(Rate(0.1, 10)))
    for number in range(10):
        refusal(f"name{number}", PASSWORD, f"2001:db8:0:1::{number:x}")

    assert refusal("ann", PASSWORD, "2001:db8:0:1:ffff::1").code == "rate_limited"
    assert sign_in.check("ann", PASSWORD, address="2001:db8:0:2::1") == ann


def test_it_can_be_switched_off(
    ann: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RATE_SIGN_IN = None
    monkeypatch.setattr(sign_in, "visits", Buckets(None))

    assert {refusal("ann", "wrong").code for _ in range(100)} == {"unauthorized"}


def test_whatever_calls_django_is_refused_and_delayed_alike(ann: User) -> None:
    request = RequestFactory().post("/", REMOTE_ADDR=HOME)

    assert authenticate(request, username="ann", password=PASSWORD) == ann
    for _ in range(FREE):
        assert authenticate(request, username="ann", password="wrong") is None
    assert authenticate(request, username="ann", password=PASSWORD) is None


def test_the_superuser_of_django_can_sign_in(ann: User) -> None:
    assert sign_in.check("olga", PASSWORD, address=HOME).is_owner
