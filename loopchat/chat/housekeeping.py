"""What nobody waits for: rows of deleted rooms and old read marks go, a portion at a time."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.db.models import Model

from loopchat.chat import declined
from loopchat.chat.models import (
    Declined,
    Draft,
    Membership,
    Message,
    Reaction,
    ReadMark,
    Revision,
    Room,
    RoomEvent,
)
from loopchat.core.clock import now_ms

PORTION: Final = 500
"""Rows that one transaction removes: sends in between do not notice."""

READ_MARKS_KEPT_MS: Final = 30 * 24 * 3600 * 1000
"""How long it is known when somebody has read: thirty days."""


def tidy() -> bool:
    """Remove one portion of what is over; whether there may be more."""
    return _purge_a_room() or _forget_read_marks() or _forget_refusals()


def _purge_a_room() -> bool:
    """A deleted room is invisible at once; here its rows go, those without dependents first."""
    room = Room.objects.filter(deleted_ts__isnull=False).order_by("pk").first()
    if room is None:
        return False
    with transaction.atomic():
        ids = list(Message.objects.filter(room=room).values_list("pk", flat=True)[:PORTION])
        if ids:
            _remove_messages(ids)
            return True
        if not any(_remove_portion(model, room) for model in _OF_A_ROOM):
            room.delete()
    return True


_OF_A_ROOM: Final = (RoomEvent, ReadMark, Draft, Membership)


def _remove_portion(model: type[Model], room: Room) -> int:
    """Remove a portion of a room's rows; how many there were."""
    rows = model._default_manager  # noqa: SLF001 - Django's name for it
    ids = list(rows.filter(room=room).values_list("pk", flat=True)[:PORTION])
    return rows.filter(pk__in=ids).delete()[0] if ids else 0


def _remove_messages(ids: list[int]) -> None:
    Message.objects.filter(reply_to__in=ids).update(reply_to=None)
    Revision.objects.filter(message__in=ids).delete()
    Reaction.objects.filter(message__in=ids).delete()
    RoomEvent.objects.filter(message__in=ids).delete()
    Message.objects.filter(pk__in=ids).delete()


def _forget_read_marks() -> bool:
    old = ReadMark.objects.filter(ts__lt=now_ms() - READ_MARKS_KEPT_MS)
    ids = list(old.values_list("pk", flat=True)[:PORTION])
    ReadMark.objects.filter(pk__in=ids).delete()
    return len(ids) == PORTION


def _forget_refusals() -> bool:
    ids = declined.expired(PORTION)
    Declined.objects.filter(pk__in=ids).delete()
    return len(ids) == PORTION
