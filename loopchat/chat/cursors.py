"""Read and delivered cursors: they only move forward, and many moves are one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction

from loopchat import rows
from loopchat.chat import access, wire
from loopchat.chat.ledger import Actor
from loopchat.chat.models import Membership, Message, ReadMark, Room
from loopchat.contacts import privacy
from loopchat.core.clock import now_ms
from loopchat.core.errors import Refused
from loopchat.realtime import events
from loopchat.realtime.bus import person_topic, room_topic
from loopchat.realtime.outbox import Aside, Committed

Key = tuple[int, int]
"""Room and person."""


@dataclass(slots=True)
class Move:
    """Where one person's cursors in one room want to be: the highest that was asked for."""

    actor: Actor
    read: int | None = None
    delivered: int | None = None
    unread_from: int | None = None

    def merge(self, later: Move) -> None:
        """Take in a later wish. Reading ends "unread from here"; that mark ends no reading."""
        if later.read is not None:
            self.read = max(later.read, self.read or 0)
            self.unread_from = None
        if later.delivered is not None:
            self.delivered = max(later.delivered, self.delivered or 0)
        if later.unread_from is not None:
            self.unread_from = later.unread_from


@dataclass(frozen=True, slots=True)
class Position:
    """Where the cursors of a person in a room stand after a move."""

    read: int
    unread: int
    unread_from: int | None


@dataclass(slots=True)
class Moved:
    """The outcome of each move, and what there is to tell."""

    outcomes: dict[Key, Position | Refused]
    committed: Committed


def advance(moves: Mapping[Key, Move]) -> Moved:
    """Write all moves in one transaction, under the same room locks as sends."""
    told = Committed()
    outcomes: dict[Key, Position | Refused] = {}
    now = now_ms()
    with transaction.atomic():
        rooms = _rooms(room_id for room_id, _ in moves)
        memberships = _memberships(moves)
        listeners = privacy.receipts_to(user_id for _, user_id in moves)
        marks: list[ReadMark] = []
        changed: list[Membership] = []
        for key, move in moves.items():
            try:
                room, membership = access.member(rooms.get(key[0]), memberships.get(key))
            except Refused as no:
                outcomes[key] = no
                continue
            only = listeners.get(move.actor.id)
            is_open = membership.standing == Membership.Standing.OPEN
            is_told = room.has_receipts and is_open and only != ()
            asides = _apply(
                room, membership, move, marks=marks, changed=changed, now=now, is_told=is_told
            )
            told.asides += [_for_some(aside, only) for aside in asides] if only else asides
            outcomes[key] = Position(
                membership.read_seq, wire.unread(room, membership), membership.unread_from
            )
        rows.update(Membership, _FIELDS, changed)
        ReadMark.objects.bulk_create(marks)
    return Moved(outcomes, told)


_FIELDS = ("read_seq", "read_count", "own_ahead", "delivered_seq", "unread_from")


def place_in(room_id: int, person: Actor) -> Aside | None:
    """How far somebody is in a room with receipts, to be told to the others.

    None where they are not told.
    """
    rows = Membership.objects.filter(room=room_id, user=person.id).select_related("room")
    membership = rows.first()
    only = privacy.receipts_to([person.id]).get(person.id)
    if membership is None or membership.standing != Membership.Standing.OPEN or only == ():
        return None
    if not membership.is_active or not membership.room.has_receipts:
        return None
    told = _read_event(membership.room, membership, person)
    aside = _to_others(membership.room, person, told)
    return _for_some(aside, only) if only else aside


def _for_some(aside: Aside, only: tuple[int, ...]) -> Aside:
    """News of a room for some of its people; what goes to one's own devices stays as it is."""
    return aside if aside.skip is None else aside._replace(only=only)


def own_height(room_id: int) -> str:
    """What one's own read cursor of a room is called among the heights of asides."""
    return f"read {room_id}"


def _apply(
    room: Room,
    membership: Membership,
    move: Move,
    *,
    marks: list[ReadMark],
    changed: list[Membership],
    now: int,
    is_told: bool,
) -> list[Aside]:
    """Move one membership's cursors; what the room and the person's own devices must hear."""
    asides: list[Aside] = []
    before = (membership.read_seq, membership.delivered_seq, membership.unread_from)
    if move.read is not None:
        _read_up_to(room, membership, min(move.read, room.head))
        membership.unread_from = None
    if move.unread_from is not None:
        membership.unread_from = min(max(1, move.unread_from), room.head + 1)
    reached = max(membership.read_seq, min(move.delivered or 0, room.head))
    membership.delivered_seq = max(membership.delivered_seq, reached)
    if before == (membership.read_seq, membership.delivered_seq, membership.unread_from):
        return asides
    changed.append(membership)
    own = person_topic(move.actor.id)
    if before[0] != membership.read_seq and is_told:
        marks.append(
            ReadMark(room_id=room.pk, user_id=move.actor.id, seq=membership.read_seq, ts=now)
        )
        asides.append(_to_others(room, move.actor, _read_event(room, membership, move.actor)))
    elif before[1] != membership.delivered_seq and is_told:
        delivered = events.Delivered(room=room.pk, uid=move.actor.id, seq=membership.delivered_seq)
        asides.append(_to_others(room, move.actor, delivered))
    if before[0] != membership.read_seq or before[2] != membership.unread_from:
        event = _read_event(room, membership, move.actor, own=True)
        height = (own_height(room.pk), membership.read_seq)
        asides.append(Aside(own, events.encode(event), height=height))
    return asides


def _read_up_to(room: Room, membership: Membership, target: int) -> None:
    """Set the read cursor and the counts that make unread a subtraction."""
    if target <= membership.read_seq:
        return
    membership.read_seq = target
    if target >= room.head:
        membership.read_count, membership.own_ahead = room.message_count, 0
        return
    messages = Message.objects.filter(room=room.pk)
    last = messages.filter(seq__lte=target).order_by("-seq").values_list("ordinal", flat=True)
    membership.read_count = last.first() or 0
    membership.own_ahead = messages.filter(seq__gt=target, author=membership.user_id).count()


def _read_event(
    room: Room, membership: Membership, actor: Actor, *, own: bool = False
) -> events.MessageRead:
    return events.MessageRead(
        room=room.pk,
        uid=actor.id,
        username=actor.username,
        seq=membership.read_seq,
        unread=wire.unread(room, membership) if own else None,
        unread_from=membership.unread_from if own else None,
    )


def _to_others(room: Room, actor: Actor, event: events.MessageRead | events.Delivered) -> Aside:
    height = (f"{type(event).__name__} {actor.id}", event.seq)
    return Aside(room_topic(room.pk), events.encode(event), skip=actor.id, height=height)


def _rooms(ids: Iterable[int]) -> dict[int, Room]:
    locked = Room.objects.select_for_update().filter(pk__in=set(ids)).order_by("pk")
    return {row.pk: row for row in locked}


def _memberships(moves: Mapping[Key, Move]) -> dict[Key, Membership]:
    found = Membership.objects.filter(
        room__in={room_id for room_id, _ in moves}, user__in={user_id for _, user_id in moves}
    )
    return {(row.room_id, row.user_id): row for row in found}
