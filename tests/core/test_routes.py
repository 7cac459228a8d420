"""Patterns of addresses, as people read them in the log."""

from __future__ import annotations

import pytest

from loopchat.core.routes import readable


@pytest.mark.parametrize(
    ("route", "reads"),
    [
        ("rooms/<int:room_id>/<str:name>/", "rooms/<room_id>/<name>/"),
        (r"users/^confirm-email/(?P<key>[-:\w()]+)/\Z", "users/confirm-email/<key>/"),
        (r"^reset/(?P<uid>[0-9A-Za-z]+)-(?P<key>.+)/$", "reset/<uid>-<key>/"),
        (r"^a\.(?P<kind>(?:json|xml))/(b|c)/$", "a.<kind>/…/"),
    ],
)
def test_a_pattern_is_read_by_people(route: str, reads: str) -> None:
    assert readable(route) == reads
