"""Pauses that other servers ask for."""

from __future__ import annotations

import pytest

from loopchat.core import retry_after

NOW = 1_790_000_000_000  # Mon, 21 Sep 2026 14:13:20 GMT


@pytest.mark.parametrize(
    ("said", "pause"),
    [
        ("120", 120_000),
        (" 7 ", 7_000),
        ("0", 0),
        ("Mon, 21 Sep 2026 14:14:20 GMT", 60_000),
        ("Mon, 21 Sep 2026 14:14:20 -0000", 60_000),
        ("Mon, 21 Sep 2026 16:14:20 +0200", 60_000),
        ("Mon, 21 Sep 2026 14:00:00 GMT", 0),  # it is over
        ("Monday, 21-Sep-26 14:14:20 GMT", 60_000),  # as the oldest servers write it
    ],
)
def test_seconds_and_dates(said: str, pause: int) -> None:
    assert retry_after.read(said, now_ms=NOW) == pause


@pytest.mark.parametrize(
    "said",
    [None, "", "soon", "-5", "1.5", "1e3", "\u0665", "9" * 40, "Mon, 99 Sep 2026 14:14:20 GMT"],
)
def test_nonsense_is_nothing(said: str | None) -> None:
    assert retry_after.read(said, now_ms=NOW) is None
