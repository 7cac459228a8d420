"""What somebody said no to, and for how long the no holds.

In that time what the same person begins does not reach them, and nobody brings them back into the
room. Whoever is kept out is told what they would be told of a block, or of somebody choosy.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from loopchat.accounts import bot_owners
from loopchat.chat.models import Declined
from loopchat.core.clock import now_ms

SILENCE_MS: Final = 30 * 24 * 3600 * 1000
"""How long nobody is asked again: as after a friend request that was rejected."""


def remember(user_id: int, by: int, room_id: int) -> None:
    """Somebody said no to what `by` began."""
    Declined.objects.update_or_create(
        user_id=user_id, by_id=by, room_id=room_id, defaults={"ts": now_ms()}
    )


def forget(user_id: int, by: int) -> None:
    """Somebody turns to a person themselves: what they said before is over."""
    Declined.objects.filter(user=user_id, by=by).delete()


def has_declined(user_id: int, room_id: int) -> bool:
    """Whether somebody said no to a room, and it still holds."""
    return Declined.objects.filter(user=user_id, room=room_id, ts__gt=_since()).exists()


def those_who_declined(by: int, people: Collection[int]) -> set[int]:
    """Which of these people said no to what `by` began, and it still holds.

    What a bot begins is also what its owner and their other bots began.
    """
    voices = bot_owners.voices_of(by)
    rows = Declined.objects.filter(by__in=voices, user__in=people, ts__gt=_since())
    return set(rows.values_list("user_id", flat=True))


def expired(most: int) -> list[int]:
    """Ids of rows that mean nothing any more."""
    rows = Declined.objects.filter(ts__lte=_since())
    return list(rows.values_list("pk", flat=True)[:most])


def _since() -> int:
    return now_ms() - SILENCE_MS
