"""What a batch writes at its end, in few statements, and what it has to tell then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db.models import F

from loopchat import rows
from loopchat.accounts.models import User
from loopchat.chat import wire
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
from loopchat.realtime import events
from loopchat.realtime.bus import LOBBY, person_topic
from loopchat.realtime.outbox import Aside, Committed, Entry


@dataclass(slots=True)
class Staging:
    """New rows, changed rows, and rows that go."""

    messages: list[Message] = field(default_factory=list)
    logged: list[RoomEvent] = field(default_factory=list)
    memberships: list[Membership] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    pins: list[Pin] = field(default_factory=list)
    old_texts: list[Revision] = field(default_factory=list)
    changed_rooms: dict[int, Room] = field(default_factory=dict)
    changed_memberships: dict[int, Membership] = field(default_factory=dict)
    changed_messages: dict[int, Message] = field(default_factory=dict)
    unreacted: list[int] = field(default_factory=list)
    unpinned: set[int] = field(default_factory=set)
    """Ids of messages."""
    told: list[tuple[Message | RoomEvent, Room, str]] = field(default_factory=list)
    """What took a seq, in order; of messages with the author's name."""
    names: dict[int, str] = field(default_factory=dict)
    notices: list[tuple[int, Callable[[], events.Event]]] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)

    def forget(self, message: Message) -> None:
        """A message was deleted: nothing that was staged about it is written."""
        self.mentions = [row for row in self.mentions if row.message is not message]
        self.pins = [row for row in self.pins if row.message is not message]
        self.old_texts = [row for row in self.old_texts if row.message_id != message.pk]
        self.reactions = [row for row in self.reactions if row.message_id != message.pk]

    def flush(self) -> None:
        """Write everything. New messages have their ids afterwards."""
        rows.insert(Message, self.messages, key=("room_id", "seq"))
        for message in self.messages:
            self.changed_rooms[message.room_id].last_message_id = message.pk
        rows.insert(RoomEvent, self.logged)
        if self.memberships:
            Membership.objects.bulk_create(self.memberships)
        self._flush_texts()
        self._flush_marks()
        rows.update(Membership, _MEMBERSHIP_FIELDS, self.changed_memberships.values())
        rows.update(Room, _ROOM_FIELDS, (room for _, room in sorted(self.changed_rooms.items())))
        if self.touched:
            people = User.objects.filter(pk__in=sorted(self.touched))
            people.update(version=F("version") + 1)

    def committed(self) -> Committed:
        """What there is to tell now that it is stored, in the order of the log."""
        told = Committed(people=self.touched, gone=self.gone, messages=len(self.messages))
        for row, room, username in self.told:
            told.rooms.setdefault(room.pk, []).append(self._entry(row, room, username))
        for user_id, notice in self.notices:
            told.asides.append(Aside(person_topic(user_id), events.encode(notice())))
        for room in self._offered():
            # After the end of a log nothing may be told of the room any more.
            height = (str(room.pk), room.head + (room.deleted_ts is not None))
            data = events.encode(wire.offer(room))
            told.asides.append(Aside(LOBBY, data, passing=True, height=height))
        return told

    def _offered(self) -> list[Room]:
        """Public rooms that look different from outside now."""
        shaped = {row.room_id for row in self.logged if row.kind in _SEEN_FROM_OUTSIDE} | self.gone
        return [
            room
            for room in self.changed_rooms.values()
            if room.kind == Room.Kind.PUBLIC and room.pk in shaped
        ]

    def _entry(self, row: Message | RoomEvent, room: Room, username: str) -> Entry:
        if isinstance(row, Message):
            return Entry(row.seq, events.encode(wire.message(row, username)))
        message = row.message if row.message_id else None
        return wire.entry(row, room, wire.logged(row, room, message, self.names))

    def _flush_texts(self) -> None:
        rows.update(Message, _MESSAGE_FIELDS, self.changed_messages.values())
        if self.old_texts:
            Revision.objects.bulk_create(self.old_texts)
        gone = [pk for pk, row in self.changed_messages.items() if row.deleted_ts is not None]
        if gone:
            Revision.objects.filter(message__in=gone).delete()
            Reaction.objects.filter(message__in=gone).delete()
            Mention.objects.filter(message__in=gone).delete()
            Pin.objects.filter(message__in=gone).delete()
            Saved.objects.filter(message__in=gone).delete()

    def _flush_marks(self) -> None:
        for mention in self.mentions:  # the message may have got its id just now
            mention.message_id = mention.message.pk
        if self.mentions:
            Mention.objects.bulk_create(self.mentions)
        if self.unreacted:  # first: the same emoji may have been put on again
            Reaction.objects.filter(pk__in=self.unreacted).delete()
        if self.reactions:
            Reaction.objects.bulk_create(self.reactions)
        if self.pins:
            Pin.objects.bulk_create(self.pins)
        if self.unpinned:
            Pin.objects.filter(message__in=self.unpinned).delete()


_SEEN_FROM_OUTSIDE = (RoomEvent.Kind.MEMBERSHIP, RoomEvent.Kind.ROOM)
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
    "standing",
)
_MESSAGE_FIELDS = ("body", "rich", "guise", "is_for_all", "edited_ts", "deleted_ts")
