"""Whole numbers in forms and addresses, where everything arrives as text."""

from __future__ import annotations

from typing import Final

from loopchat.core.errors import Refused

DIGITS: Final = 15
"""Every id, place in a room and time in milliseconds has at most so many. Python refuses to read
numbers of thousands of digits, and says so in an exception of its own."""


def read(text: str, *, digits: int = DIGITS) -> int | None:
    """The number that plain digits name; None for any other text, and for too many of them."""
    is_one = text.isascii() and text.isdecimal() and len(text) <= digits
    return int(text) if is_one else None


def asked(text: str, field: str) -> int:
    """The same, or a refusal at this field."""
    found = read(text)
    if found is None:
        raise Refused("bad_request", "This is a whole number.", field=field)
    return found


def asked_if_any(text: str, field: str) -> int | None:
    """The same, where the field may be empty."""
    return asked(text, field) if text else None
