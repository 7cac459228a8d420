"""What somebody keeps for themselves: saved messages, drafts, levels, preferences.

None of it is in a room's log. The person's own devices hear of each change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from loopchat.chat import access, history, reading
from loopchat.chat.cursors import Move
from loopchat.chat.ledger import Actor
from loopchat.chat.models import Draft, Membership, Message, Preferences, Room, Saved
from loopchat.chat.writer import writer
from loopchat.contacts import privacy
from loopchat.core.clock import now_ms
from loopchat.core.errors import Refused
from loopchat.core.text import MESSAGE_MAX
from loopchat.realtime import events, publish
from loopchat.realtime.bus import person_topic
from loopchat.realtime.outbox import Aside

SAVED_MAX: Final = 10_000
"""Saved messages of one person."""

CLIENT_MAX: Final = 4096
"""Bytes of a client's own preferences."""


@dataclass(frozen=True, slots=True)
class SavedPage:
    """Saved messages, the newest first; `next` is the `before` of the next page."""

    items: list[dict[str, object]]
    next: int | None


def save(person: Actor, room_id: int, message_id: int, *, on: bool) -> None:
    """Keep a message, or let it go."""
    mine = Saved.objects.filter(user=person.id)
    if not on:  # also what one may not read any more
        mine.filter(message=message_id).delete()
    elif mine.count() >= SAVED_MAX:
        raise Refused("conflict", "At most {n} saved messages.", n=SAVED_MAX)
    else:
        message = _visible_message(person, room_id, message_id)
        newest = mine.order_by("-ts").values_list("ts", flat=True).first() or 0
        ts = max(now_ms(), newest + 1)  # pages are cut by it: no two are the same
        Saved.objects.get_or_create(user_id=person.id, message=message, defaults={"ts": ts})
    _tell(person, events.Saved(room=room_id, id=message_id, on=on))


def saves(person: Actor, *, before: int | None = None, limit: int = 50) -> SavedPage:
    """What a person has saved, as far as they may still read it."""
    mine = Membership.objects.filter(
        user=person.id,
        room=OuterRef("message__room"),
        left_seq=None,
        standing__in=Membership.SHOWN,
        room__deleted_ts=None,
    )
    visible = mine.filter(
        Q(room__history=Room.History.SHARED) | Q(joined_seq__lte=OuterRef("message__seq"))
    )
    rows = Saved.objects.filter(Exists(visible), user=person.id)
    if before is not None:
        rows = rows.filter(ts__lt=before)
    found = list(rows.select_related("message").order_by("-ts")[:limit])
    shown = history.drawn([row.message for row in found])
    items: list[dict[str, object]] = [
        {"ts": row.ts, "room": row.message.room_id, "message": message}
        for row, message in zip(found, shown, strict=True)
    ]
    kept = history.as_many_as_fit(items)
    is_whole = len(found) < limit and len(kept) == len(items)
    return SavedPage(kept, None if is_whole else found[len(kept) - 1].ts)


def set_draft(person: Actor, room_id: int, body: str, *, reply_to: int | None) -> int:
    """Remember what somebody has begun to write; an empty text forgets it. The time (ms)."""
    if len(body) > MESSAGE_MAX:
        raise Refused("too_large", "A draft has at most {n} characters.", n=MESSAGE_MAX)
    _membership(person, room_id)
    now = now_ms()
    if body:
        Draft.objects.update_or_create(
            user_id=person.id,
            room_id=room_id,
            defaults={"body": body, "reply_to": reply_to, "ts": now},
        )
    else:
        Draft.objects.filter(user=person.id, room=room_id).delete()
    _tell(person, events.Draft(room=room_id, message=body, ts=now, reply_to=reply_to))
    return now


def set_level(person: Actor, room_id: int, *, level: str, muted_until: int | None) -> None:
    """Say what a room may call attention to, and until when to nothing (ms)."""
    if level not in Membership.Level.values:
        raise Refused("bad_request", "A level is all, mentions or nothing.", field="level")
    _membership(person, room_id)
    rows = Membership.objects.filter(user=person.id, room=room_id)
    rows.update(level=level, muted_until=muted_until)
    _tell(person, events.RoomSettings(room=room_id, level=level, muted_until=muted_until))


def set_preferences(
    person: Actor, *, receipts: bool | None, client: dict[str, object] | None
) -> events.PreferencesState:
    """Change what is given; all of it as it is now."""
    stored = None if client is None else msgspec.json.encode(client).decode()
    if stored is not None and len(stored) > CLIENT_MAX:
        raise Refused("too_large", "These are too many preferences.", field="client")
    with transaction.atomic():
        row, _ = Preferences.objects.get_or_create(user_id=person.id)
        row.client = row.client if stored is None else stored
        row.save()
        if receipts is not None and receipts != reading.preferences_of(person.id).receipts:
            privacy.change(person.id, receipts="everyone" if receipts else "nobody")
    state = reading.preferences_of(person.id)
    _tell(person, events.Preferences(receipts=state.receipts, client=state.client))
    return state


def mark_all_read(person: Actor) -> int:
    """Move the read cursor of every room to its head; how many rooms had something unread."""
    rows = Membership.objects.filter(user=person.id, left_seq=None, room__deleted_ts=None)
    rows = rows.filter(standing=Membership.Standing.OPEN)
    moved = 0
    for row in rows.select_related("room"):
        if row.read_seq < row.room.head or row.unread_from is not None:
            moved += 1
            writer.move((row.room_id, person.id), Move(person, read=row.room.head))
    return moved


def _visible_message(person: Actor, room_id: int, message_id: int) -> Message:
    membership = _membership(person, room_id)
    message = Message.objects.filter(pk=message_id, room=room_id, deleted_ts=None).first()
    first = access.first_visible(membership.room, membership)
    if message is None or message.seq < first:
        raise Refused("not_found", "There is no such message.", field="id")
    return message


def _membership(person: Actor, room_id: int) -> Membership:
    rows = Membership.objects.filter(user=person.id, room=room_id).select_related("room")
    membership = rows.first()
    room = membership.room if membership else Room.objects.filter(pk=room_id).first()
    return access.member(room, membership)[1]


def _tell(person: Actor, event: events.Event) -> None:
    publish.aside(Aside(person_topic(person.id), events.encode(event)))
