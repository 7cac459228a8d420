"""Pages of a room's history, and who has read a message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeVar

import msgspec
from django.db.models import Min, Q, QuerySet

from loopchat.accounts.models import User
from loopchat.chat import access, log, wire
from loopchat.chat.ledger import Actor
from loopchat.chat.models import (
    Membership,
    Message,
    Pin,
    ReadMark,
    Revision,
    Room,
    RoomEvent,
)
from loopchat.contacts import privacy
from loopchat.core.errors import Refused
from loopchat.realtime import events
from loopchat.realtime.frames import FRAME_MAX

PAGE_MAX: Final = 100
"""Items in a page."""

BYTES_MAX: Final = FRAME_MAX - 1024
"""Bytes of a page's items and quotes; the rest of the frame is what is around them."""

_OPEN: Final = Membership.Standing.OPEN

T = TypeVar("T")


class _Item(NamedTuple):
    """An item of a page, encoded to know its size, and what it replies to."""

    seq: int
    event: events.Event | msgspec.Raw
    size: int
    quote: events.ChatMessage | None = None


class History(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page of a room: `start` to `end` (`from`, `to` on the wire) is covered without a hole."""

    items: list[events.Event | msgspec.Raw]
    start: int = msgspec.field(name="from")
    end: int = msgspec.field(name="to")
    head: int
    complete: bool
    quoted: list[events.ChatMessage] | None = None


@dataclass(frozen=True, slots=True)
class Readers:
    """Who has read a message and to whom it was delivered, its author left out."""

    read_by: list[dict[str, int]]
    delivered_to: list[int]


def page(
    person: User | Actor,
    room_id: int,
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int = 50,
    whole_log: bool = False,
) -> History:
    """A page of what is drawn (`whole_log`: of every event), oldest first, up to 256 KiB."""
    if before is not None and after is not None:
        raise Refused("bad_request", "Ask for what is before or after, not both.", field="after")
    room, membership = _membership(person, room_id)
    first = access.first_visible(room, membership)
    low = max(first, (after or 0) + 1)
    high = min(room.head, before - 1 if before is not None else room.head)
    backwards = after is None
    limit = max(1, min(limit, PAGE_MAX))
    if whole_log:
        return _log_page(room, low=low, high=high, limit=limit, backwards=backwards, first=first)
    return _drawn_page(room, low=low, high=high, limit=limit, backwards=backwards, first=first)


def around(
    person: User | Actor,
    room_id: int,
    *,
    seq: int | None = None,
    ts: int | None = None,
    limit: int = 50,
) -> tuple[int, History]:
    """A page with a place in its middle, and the seq of that place.

    `ts` (ms) means the first message at or after that time, or the newest one.
    """
    room, membership = _membership(person, room_id)
    first = access.first_visible(room, membership)
    at = seq if seq is not None else _at_time(room, ts or 0)
    at = max(first, min(at, room.head))
    half = max(1, limit // 2)
    back = page(person, room_id, before=at + 1, limit=half)
    forth = page(person, room_id, after=at, limit=limit - half or 1)
    quoted = {q.id: q for q in [*(back.quoted or []), *(forth.quoted or [])]}
    return at, History(
        [*back.items, *forth.items],
        back.start,
        forth.end,
        forth.head,
        back.complete,
        list(quoted.values()) or None,
    )


def revisions(person: User | Actor, room_id: int, message_id: int) -> list[dict[str, object]]:
    """The newest texts of a message, oldest first; the present one is the last."""
    room, membership = _membership(person, room_id)
    message = Message.objects.filter(pk=message_id, room=room_id, deleted_ts=None).first()
    if message is None or message.seq < access.first_visible(room, membership):
        raise Refused("not_found", "There is no such message.", field="id")
    present: dict[str, object] = {"message": message.body, "ts": message.edited_ts or message.ts}
    if message.rich is not None:
        present["rich"] = wire.raw(message.rich)
    older = Revision.objects.filter(message=message).order_by("-pk")[:PAGE_MAX]
    found = [present, *({"message": old.body, "ts": old.ts} for old in older)]
    return as_many_as_fit(found)[::-1]


def pins(person: User | Actor, room_id: int) -> list[events.ChatMessage]:
    """The messages that a room keeps in sight, the newest pin first."""
    room, membership = _membership(person, room_id)
    first = access.first_visible(room, membership)
    rows = Pin.objects.filter(room=room_id, message__seq__gte=first).select_related("message")
    return as_many_as_fit(drawn([pin.message for pin in rows.order_by("-seq")]))


def as_many_as_fit(items: list[T]) -> list[T]:
    """The first items that share a frame; at least one."""
    left = BYTES_MAX
    for at, item in enumerate(items):
        left -= len(msgspec.json.encode(item)) + 1
        if at and left < 0:
            return items[:at]
    return items


def drawn(rows: Sequence[Message]) -> list[events.ChatMessage]:
    """Messages as they are drawn, in the order given."""
    names = log.names_of({row.author_id for row in rows})
    reactions = log.reactions_of([row.pk for row in rows])
    return [
        wire.message(row, names.get(row.author_id, ""), reactions=reactions.get(row.pk))
        for row in rows
    ]


def readers(person: Actor, room_id: int, message_id: int) -> Readers:
    """Who has read a message, with times where they are known. Empty in rooms without receipts."""
    room, membership = _membership(person, room_id)
    message = Message.objects.filter(pk=message_id, room=room_id).first()
    if message is None or message.seq < access.first_visible(room, membership):
        raise Refused("not_found", "There is no such message.", field="id")
    if not room.has_receipts:
        return Readers([], [])
    # Who came later begins at the join: that is not to say that they have read what was before.
    there = Membership.objects.filter(
        room=room_id, left_seq=None, standing=_OPEN, joined_seq__lte=message.seq
    )
    there = there.filter(user__is_bot=False)  # nobody waits for a program
    others = [row for row in there if row.user_id != message.author_id]
    telling = privacy.telling_receipts(person.id, [row.user_id for row in others])
    others = [row for row in others if row.user_id in telling]
    marks = ReadMark.objects.filter(room=room_id, seq__gte=message.seq)
    times = dict(marks.values_list("user_id").annotate(Min("ts")))
    read_by = [
        {"uid": uid, "ts": times[uid]} if uid in times else {"uid": uid}
        for uid in (row.user_id for row in others if row.read_seq >= message.seq)
    ]
    delivered = [row.user_id for row in others if row.delivered_seq >= message.seq]
    return Readers(read_by, delivered)


def _at_time(room: Room, ts: int) -> int:
    rows = Message.objects.filter(room=room.pk, ts__gte=ts).order_by("ts", "seq")
    return rows.values_list("seq", flat=True).first() or room.head


def _membership(person: User | Actor, room_id: int) -> tuple[Room, Membership]:
    rows = Membership.objects.filter(user=person.id, room=room_id).select_related("room")
    membership = rows.first()
    room = membership.room if membership else Room.objects.filter(pk=room_id).first()
    return access.member(room, membership)


def _log_page(
    room: Room, *, low: int, high: int, limit: int, backwards: bool, first: int
) -> History:
    """Seqs have no holes, so a page of the whole log is a range."""
    if backwards:
        low = max(low, high - limit + 1)
    else:
        high = min(high, low + limit - 1)
    entries = log.read(room.pk, after=low - 1, upto=high)
    items = [_Item(e.seq, msgspec.Raw(e.data), len(e.data)) for e in entries]
    kept = _within_frame(items, backwards)
    cut = len(kept) < len(entries)
    start = kept[0].seq if cut and backwards else low
    end = kept[-1].seq if cut and not backwards else high
    complete = start <= first if backwards else end >= room.head
    return History([item.event for item in kept], start, end, room.head, complete)


def _drawn_page(
    room: Room, *, low: int, high: int, limit: int, backwards: bool, first: int
) -> History:
    """What is drawn has holes (edits, reactions): the page covers them too."""
    rows = _drawn_rows(room, low=low, high=high, limit=limit + 1, backwards=backwards)
    chosen = rows[-limit:] if backwards else rows[:limit]
    kept = _within_frame(_items(chosen, room, first), backwards)
    cut = len(kept) < len(rows)
    start = kept[0].seq if cut and backwards else low
    end = kept[-1].seq if cut and not backwards else high
    complete = start <= first if backwards else end >= room.head
    quoted = {item.quote.id: item.quote for item in kept if item.quote is not None}
    shown = [item.event for item in kept]
    return History(shown, start, end, room.head, complete, list(quoted.values()) or None)


def _items(chosen: Sequence[Message | RoomEvent], room: Room, first: int) -> list[_Item]:
    """The rows as they are drawn, each with the message that it quotes if it may be read."""
    targets = {
        row.pk: row for row in _quoted(chosen) if row.seq >= first and row.room_id == room.pk
    }
    names = log.names_of(
        {p for row in chosen for p in _people(row)} | {row.author_id for row in targets.values()}
    )
    reactions = log.reactions_of([row.pk for row in chosen if isinstance(row, Message)])
    quotes = {pk: wire.message(row, names.get(row.author_id, "")) for pk, row in targets.items()}
    items: list[_Item] = []
    for row in chosen:
        event = _drawn(row, room, names, reactions)
        target = row.reply_to_id if isinstance(row, Message) else None
        quote = quotes.get(target) if target is not None else None
        items.append(_Item(row.seq, event, len(events.encode(event)), quote))
    return items


def _drawn_rows(
    room: Room, *, low: int, high: int, limit: int, backwards: bool
) -> list[Message | RoomEvent]:
    order = "-seq" if backwards else "seq"
    span = Q(room=room.pk, seq__gte=low, seq__lte=high)
    lines = [RoomEvent.Kind.MEMBERSHIP, RoomEvent.Kind.ROOM, RoomEvent.Kind.PINNED]
    messages = Message.objects.filter(span).select_related("reply_to").order_by(order)[:limit]
    changes: QuerySet[RoomEvent] = RoomEvent.objects.filter(span, kind__in=lines).order_by(order)
    rows: list[Message | RoomEvent] = [*messages, *changes[:limit]]
    rows.sort(key=lambda row: row.seq)
    return rows[-limit:] if backwards else rows[:limit]


def _drawn(
    row: Message | RoomEvent,
    room: Room,
    names: dict[int, str],
    reactions: dict[int, dict[str, events.ReactionCount]],
) -> events.Event:
    if isinstance(row, Message):
        username = names.get(row.author_id, "")
        return wire.message(row, username, reactions=reactions.get(row.pk))
    return wire.logged(row, room, None, names)


def _people(row: Message | RoomEvent) -> list[int]:
    if isinstance(row, Message):
        return [row.author_id]
    return [row.actor_id, row.subject_id or row.actor_id]


def _quoted(rows: Sequence[Message | RoomEvent]) -> list[Message]:
    found = {
        row.reply_to.pk: row.reply_to
        for row in rows
        if isinstance(row, Message) and row.reply_to is not None
    }
    return list(found.values())


def _within_frame(items: list[_Item], backwards: bool) -> list[_Item]:
    """As many items as fit 256 KiB with what they quote, from the near end; at least one."""
    room_left = BYTES_MAX
    quoted: set[int] = set()
    kept: list[_Item] = []
    for item in reversed(items) if backwards else items:
        room_left -= item.size + 1
        if item.quote is not None and item.quote.id not in quoted:
            quoted.add(item.quote.id)
            room_left -= len(events.encode(item.quote)) + 1
        if kept and room_left < 0:
            break
        kept.append(item)
    return kept[::-1] if backwards else kept
