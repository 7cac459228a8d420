"""What one write transaction has locked, looked up and staged.

Operations decide on it in order, in plain Python: whatever an earlier operation of the batch has
done is already visible to the next. Nothing here talks to the bus; `flush` writes everything at
once and `committed` says what there is to tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import F

from loopchat.accounts.models import User
from loopchat.chat import access, rows, wire
from loopchat.chat.models import (
    Membership,
    Mention,
    Message,
    Pin,
    Reaction,
    Revision,
    Room,
    RoomEvent,
    Saved,
)
from loopchat.contacts.blocks import blocked_pairs
from loopchat.core.clock import now_ms
from loopchat.realtime import events
from loopchat.realtime.bus import person_topic
from loopchat.realtime.outbox import Aside, Committed, Entry


@dataclass(slots=True)
class Needs:
    """What the operations of a batch want to have looked up, all at once."""

    rooms: set[int] = field(default_factory=set)
    people: set[int] = field(default_factory=set)
    cids: set[UUID] = field(default_factory=set)
    messages: set[int] = field(default_factory=set)
    reactions: set[int] = field(default_factory=set)
    """Ids of messages whose reactions by `people` matter."""


@dataclass(slots=True, frozen=True)
class Actor:
    """Who does it: all of a person that the log needs to know."""

    id: int
    username: str


@dataclass(slots=True, frozen=True)
class Done:
    """An operation that took effect, now or (`dup`) before."""

    room_id: int
    seq: int | None
    row: Message | None = None
    dup: bool = False

    @property
    def id(self) -> int:
        """The id of the message."""
        return self.row.pk if self.row else 0

    @property
    def ts(self) -> int:
        """When the message was stored."""
        return self.row.ts if self.row else 0


class Ledger:
    """The rows of one batch."""

    def __init__(self, needs: Needs) -> None:
        self.now = now_ms()
        self.rooms = {r.pk: r for r in _locked(needs.rooms)}
        self.known = _by_cid(needs.cids)
        self.messages = Message.objects.in_bulk(needs.messages) if needs.messages else {}
        needs.people.update(message.author_id for message in self.messages.values())
        direct = {r.pk for r in self.rooms.values() if r.kind == Room.Kind.DIRECT}
        self.memberships = _memberships(needs, direct)
        self.reactions = _reactions(needs)
        self._direct = {key: m for key, m in self.memberships.items() if key[0] in direct}
        self.blocks = blocked_pairs({uid for _, uid in self._direct}) if direct else set()
        self._new_messages: list[Message] = []
        self._new_events: list[RoomEvent] = []
        self._new_memberships: list[Membership] = []
        self._new_reactions: list[Reaction] = []
        self._old_texts: list[Revision] = []
        self._dirty_rooms: set[int] = set()
        self._dirty_memberships: dict[int, Membership] = {}
        self._dirty_messages: dict[int, Message] = {}
        self._reactions_gone: list[int] = []
        self._told: list[tuple[Message | RoomEvent, str]] = []
        self._names: dict[int, str] = {}
        self._touched: set[int] = set()
        self._gone: set[int] = set()
        self._last: dict[int, Message] = {}
        self._mentions: list[Mention] = []
        self._pins: list[Pin] = []
        self._unpinned: set[int] = set()
        self._notices: list[tuple[int, Callable[[], events.Event]]] = []

    def member(self, room_id: int, user_id: int) -> tuple[Room, Membership]:
        """See `access.member`."""
        return access.member(self.rooms.get(room_id), self.memberships.get((room_id, user_id)))

    def posting(self, room_id: int, user_id: int) -> tuple[Room, Membership]:
        """See `access.posting`."""
        return access.posting(self.rooms.get(room_id), self.memberships.get((room_id, user_id)))

    def others_in_direct(self, room_id: int, user_id: int) -> list[int]:
        """The other person of a direct room (nobody in a conversation with oneself)."""
        return [uid for room, uid in self._direct if room == room_id and uid != user_id]

    def managing(self, room_id: int, user_id: int, *, role: str) -> tuple[Room, Membership]:
        """See `access.managing`."""
        return access.managing(
            self.rooms.get(room_id), self.memberships.get((room_id, user_id)), role=role
        )

    def last_seq(self, message: Message, kind: RoomEvent.Kind) -> int | None:
        """The seq of the latest event of a kind about a message, in this batch or before."""
        for row in reversed(self._new_events):
            if row.message_id == message.pk and row.kind == kind:
                return row.seq
        rows = RoomEvent.objects.filter(room=message.room_id, message=message.pk, kind=kind)
        return rows.order_by("-seq").values_list("seq", flat=True).first()

    def add_room(self, room: Room) -> Room:
        """Insert a room; its log begins empty and everything else can follow in this batch."""
        room.created_ts = room.updated_ts = self.now
        room.save(force_insert=True)
        self.rooms[room.pk] = room
        return room

    def say(
        self,
        room: Room,
        author: Actor,
        *,
        cid: UUID,
        digest: bytes,
        body: str,
        rich: str | None = None,
        for_all: bool = False,
        reply_to: int | None,
    ) -> Message:
        """Stage a new message at the next seq."""
        room.message_count += 1
        row = rows.new(
            Message,
            None,
            room.pk,
            self._next(room),
            room.message_count,
            author.id,
            cid,
            digest,
            body,
            rich,
            for_all,
            reply_to,
            self.now,
        )
        self._last[room.pk] = row
        self.known[(author.id, cid)] = row
        self._new_messages.append(row)
        self._told.append((row, author.username))
        return row

    def log(
        self,
        room: Room,
        kind: RoomEvent.Kind,
        actor: Actor,
        *,
        subject: Actor | None = None,
        message: Message | None = None,
        detail: str = "",
        role: str = "",
        on: bool = True,
    ) -> int:
        """Stage an event at the next seq, which is returned."""
        row = RoomEvent(
            room_id=room.pk,
            seq=self._next(room),
            kind=kind,
            actor_id=actor.id,
            subject_id=subject.id if subject else None,
            message=message,
            detail=detail,
            role=role,
            on=on,
            ts=self.now,
        )
        for person in (actor, subject):
            if person is not None:
                self._names[person.id] = person.username
        self._new_events.append(row)
        self._told.append((row, ""))
        return row.seq

    def add_membership(self, membership: Membership) -> None:
        """Stage a first membership."""
        self.memberships[(membership.room_id, membership.user_id)] = membership
        self._new_memberships.append(membership)

    def change_room(self, room: Room) -> None:
        """The room has other fields than in the database."""
        self._dirty_rooms.add(room.pk)

    def change_membership(self, membership: Membership) -> None:
        """The membership has other fields than in the database."""
        if membership.pk is not None:
            self._dirty_memberships[membership.pk] = membership

    def change_text(self, message: Message, body: str, rich: str | None) -> None:
        """Stage another text and keep the old one."""
        self._old_texts.append(
            Revision(message=message, body=message.body, ts=message.edited_ts or message.ts)
        )
        message.body, message.rich, message.edited_ts = body, rich, self.now
        self._dirty_messages[message.pk] = message

    def empty(self, message: Message) -> None:
        """Stage the end of a message: no text, no older texts, no reactions, only its place."""
        message.body, message.rich, message.is_for_all = "", None, False
        message.deleted_ts = self.now
        self._mentions = [m for m in self._mentions if m.message is not message]
        self._pins = [pin for pin in self._pins if pin.message is not message]
        self._old_texts = [old for old in self._old_texts if old.message_id != message.pk]
        self._new_reactions = [r for r in self._new_reactions if r.message_id != message.pk]
        self._dirty_messages[message.pk] = message

    def mentioned(self, message: Message) -> set[int]:
        """Whom the message has called already."""
        stored = Mention.objects.filter(message=message.pk).values_list("user_id", flat=True)
        return set(stored) | {m.user_id for m in self._mentions if m.message is message}

    def mention(self, message: Message, user_id: int) -> None:
        """Stage that a message concerns somebody."""
        row = Mention(room_id=message.room_id, user_id=user_id, seq=message.seq)
        row.message = message
        self._mentions.append(row)

    def tell(self, user_id: int, event: Callable[[], events.Event]) -> None:
        """Tell one person something once everything has its id."""
        self._notices.append((user_id, event))

    def is_pinned(self, message: Message) -> bool:
        """Whether the room keeps the message in sight."""
        if message.pk in self._unpinned:
            return False
        staged = any(pin.message is message for pin in self._pins)
        return staged or Pin.objects.filter(message=message.pk).exists()

    def pin_count(self, room: Room) -> int:
        """How many messages the room keeps in sight."""
        return Pin.objects.filter(room=room.pk).count() + len(self._pins) - len(self._unpinned)

    def pin(self, room: Room, message: Message, *, on: bool, seq: int) -> None:
        """Stage a pin or its end."""
        if on and message.pk in self._unpinned:
            self._unpinned.discard(message.pk)
        elif on:
            self._pins.append(Pin(room=room, message=message, seq=seq))
        elif any(pin.message is message for pin in self._pins):
            self._pins = [pin for pin in self._pins if pin.message is not message]
        else:
            self._unpinned.add(message.pk)

    def react(self, message: Message, user_id: int, emoji: str, *, seq: int) -> None:
        """Stage a reaction."""
        row = Reaction(message=message, user_id=user_id, emoji=emoji, seq=seq)
        self.reactions[(message.pk, user_id, emoji)] = row
        self._new_reactions.append(row)

    def unreact(self, message: Message, user_id: int, emoji: str) -> None:
        """Stage the end of a reaction."""
        row = self.reactions.pop((message.pk, user_id, emoji))
        if row in self._new_reactions:
            self._new_reactions.remove(row)
        elif row.pk is not None:
            self._reactions_gone.append(row.pk)

    def touch(self, user_ids: Iterable[int]) -> None:
        """What these people's sockets may see has changed."""
        self._touched.update(user_ids)

    def close(self, room: Room) -> None:
        """The room is gone for everybody as soon as this is committed."""
        room.deleted_ts, room.slug, room.direct_key = self.now, None, None
        self._gone.add(room.pk)
        self._dirty_rooms.add(room.pk)

    def flush(self) -> None:
        """Write everything that was staged, in few statements."""
        if self._new_messages:
            rows.insert(Message, self._new_messages, key=("room_id", "seq"))
            for room_id, row in self._last.items():
                self.rooms[room_id].last_message_id = row.pk
        rows.insert(RoomEvent, self._new_events)
        if self._new_memberships:
            Membership.objects.bulk_create(self._new_memberships)
        self._flush_messages()
        if self._new_reactions:
            Reaction.objects.bulk_create(self._new_reactions)
        if self._mentions:
            for mention in self._mentions:
                mention.message_id = mention.message.pk
            Mention.objects.bulk_create(self._mentions)
        if self._pins:
            Pin.objects.bulk_create(self._pins)
        if self._unpinned:
            Pin.objects.filter(message__in=self._unpinned).delete()
        if self._reactions_gone:
            Reaction.objects.filter(pk__in=self._reactions_gone).delete()
        rows.update(Membership, _MEMBERSHIP_FIELDS, self._dirty_memberships.values())
        rows.update(Room, _ROOM_FIELDS, (self.rooms[pk] for pk in sorted(self._dirty_rooms)))
        if self._touched:
            User.objects.filter(pk__in=sorted(self._touched)).update(version=F("version") + 1)

    def committed(self) -> Committed:
        """What there is to tell now that it is stored, in the order of the log."""
        told = Committed(people=self._touched, gone=self._gone)
        for row, username in self._told:
            told.rooms.setdefault(row.room_id, []).append(self._entry(row, username))
        for user_id, notice in self._notices:
            told.asides.append(Aside(person_topic(user_id), events.encode(notice())))
        return told

    def _entry(self, row: Message | RoomEvent, username: str) -> Entry:
        if isinstance(row, Message):
            return Entry(row.seq, events.encode(wire.message(row, username)))
        room = self.rooms[row.room_id]
        message = row.message if row.message_id else None
        return wire.entry(row, room, wire.logged(row, room, message, self._names))

    def _next(self, room: Room) -> int:
        room.head += 1
        room.updated_ts = self.now
        self._dirty_rooms.add(room.pk)
        return room.head

    def _flush_messages(self) -> None:
        rows.update(Message, _MESSAGE_FIELDS, self._dirty_messages.values())
        if self._old_texts:
            Revision.objects.bulk_create(self._old_texts)
        gone = [pk for pk, row in self._dirty_messages.items() if row.deleted_ts is not None]
        if gone:
            Revision.objects.filter(message__in=gone).delete()
            Reaction.objects.filter(message__in=gone).delete()
            Mention.objects.filter(message__in=gone).delete()
            Pin.objects.filter(message__in=gone).delete()
            Saved.objects.filter(message__in=gone).delete()


_ROOM_FIELDS = (
    "head",
    "message_count",
    "member_count",
    "last_message_id",
    "updated_ts",
    "name",
    "topic",
    "archived_ts",
    "deleted_ts",
    "slug",
    "direct_key",
    "kind",
)
_MEMBERSHIP_FIELDS = (
    "role",
    "joined_seq",
    "left_seq",
    "is_banned",
    "read_seq",
    "read_count",
    "own_ahead",
    "delivered_seq",
    "unread_from",
)
_MESSAGE_FIELDS = ("body", "rich", "is_for_all", "edited_ts", "deleted_ts")


def _locked(ids: set[int]) -> list[Room]:
    """The rooms, their rows locked in the order of ids so that two batches cannot deadlock."""
    if not ids:
        return []
    where = f"{rows.in_list('id')} ORDER BY id{rows.for_update()}"
    return rows.fetch(Room, where, [rows.a_list(ids)])


def _by_cid(cids: set[UUID]) -> dict[tuple[int, UUID], Message]:
    """Messages that were sent before with one of these cids. Looked up after the locks."""
    if not cids:
        return {}
    found = rows.fetch(Message, rows.in_list("cid"), [rows.a_list(cids)])
    return {(row.author_id, row.cid): row for row in found}


def _memberships(needs: Needs, direct: set[int]) -> dict[tuple[int, int], Membership]:
    """The people of the batch in its rooms; of direct rooms everybody, because of blocks."""
    if not needs.rooms or not needs.people:
        return {}
    within = f"{rows.in_list('room_id')} AND {rows.in_list('user_id')}"
    found = rows.fetch(Membership, within, [rows.a_list(needs.rooms), rows.a_list(needs.people)])
    if direct:
        found += rows.fetch(Membership, rows.in_list("room_id"), [rows.a_list(direct)])
    # The first instance of a row is the one that changes; the second one is not kept.
    kept: dict[tuple[int, int], Membership] = {}
    for row in found:
        kept.setdefault((row.room_id, row.user_id), row)
    return kept


def _reactions(needs: Needs) -> dict[tuple[int, int, str], Reaction]:
    if not needs.reactions:
        return {}
    found = Reaction.objects.filter(message__in=needs.reactions, user__in=needs.people)
    return {(row.message_id, row.user_id, row.emoji): row for row in found}
