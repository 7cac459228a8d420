"""Numbers in forms and addresses: plain digits, not too many, and nothing else."""

from __future__ import annotations

import pytest

from loopchat.core.errors import Refused
from loopchat.core.fields import MAX_INT
from loopchat.web import numbers


def test_plain_digits_are_a_number() -> None:
    assert (numbers.read("0"), numbers.read("007"), numbers.asked("42", "days")) == (0, 7, 42)
    longest = "9" * numbers.DIGITS
    assert numbers.read(longest) == int(longest) <= MAX_INT


@pytest.mark.parametrize(
    "text", ["", " 1", "-1", "+1", "1.0", "1_0", "٣", "²", "9" * 16, "9" * 9000]
)
def test_anything_else_is_none(text: str) -> None:
    assert numbers.read(text) is None
    with pytest.raises(Refused) as refused:
        numbers.asked(text, "days")
    assert (refused.value.code, refused.value.field) == ("bad_request", "days")


def test_a_field_may_bound_its_digits_and_be_empty() -> None:
    assert (numbers.read("99999", digits=5), numbers.read("100000", digits=5)) == (99_999, None)
    assert (numbers.asked_if_any("", "room"), numbers.asked_if_any("5", "room")) == (None, 5)
