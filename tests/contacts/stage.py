"""How the tests of `contacts` look at what people are to each other, and what they were told."""

from __future__ import annotations

from typing import Any

from loopchat.accounts.models import User
from loopchat.contacts import circles
from tests.chat.stage import Told

Seen = dict[str, tuple[str | bool, ...]]


def seen_by(who: User) -> Seen:
    """By name what each contact of somebody is to them."""
    return {
        one.username: tuple(
            word for word in ("friend" if one.friend else "", one.request, one.blocked) if word
        )
        for one in circles.around(who.pk).contacts
    }


def heard_by(who: User, told: Told, kind: str) -> list[dict[str, Any]]:
    """The events of a kind that somebody's devices were told, in order."""
    topic = f"person:{who.pk}"
    return [event for where, event, _ in told.asides() if (where, event["type"]) == (topic, kind)]
