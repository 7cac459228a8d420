"""What one write transaction has locked, looked up and staged.

Operations decide on it in order, in plain Python: whatever an earlier operation of the batch has
done is already visible to the next. Nothing here talks to the bus.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from loopchat import rows
from loopchat.chat import access, lookups
from loopchat.chat.lookups import Needs, direct_key
from loopchat.chat.models import (
    Membership,
    Mention,
    Message,
    Pin,
    Reaction,
    Revision,
    Room,
    RoomEvent,
)
from loopchat.chat.staging import Staging
from loopchat.contacts.blocks import blocked_pairs
from loopchat.core.clock import now_ms
from loopchat.realtime import events
from loopchat.realtime.outbox import Committed

__all__ = ["Actor", "Done", "Ledger", "Needs", "direct_key"]


@dataclass(slots=True, frozen=True)
class Actor:
    """Who does it: all of a person that the log needs to know."""

    id: int
    username: str
    is_guest: bool = False


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
        self.rooms = {r.pk: r for r in lookups.locked_rooms(needs.rooms)}
        self.known = lookups.sent_with(needs.cids)
        self.messages = Message.objects.in_bulk(needs.messages) if needs.messages else {}
        needs.people.update(message.author_id for message in self.messages.values())
        direct = {r.pk for r in self.rooms.values() if r.kind == Room.Kind.DIRECT}
        self.memberships = lookups.memberships_in(needs, direct)
        self.reactions = lookups.reactions_of(needs)
        self.entered: Counter[int] = Counter()
        """How many more rooms people are in by what this batch has staged."""
        self._direct = {key: m for key, m in self.memberships.items() if key[0] in direct}
        watched = {uid for _, uid in self._direct} | needs.named
        if needs.named:
            watched.update(message.author_id for message in self.messages.values())
        self.blocks = blocked_pairs(watched) if watched else set()
        self.staged = Staging()

    def place(self, room_id: int, user_id: int) -> tuple[Room | None, Membership | None]:
        """The room and somebody's place in it as they are, which a rule of `access` looks at."""
        return self.rooms.get(room_id), self.memberships.get((room_id, user_id))

    def member(self, room_id: int, user_id: int) -> tuple[Room, Membership]:
        """See `access.member`."""
        return access.member(*self.place(room_id, user_id))

    def posting(self, room_id: int, user_id: int) -> tuple[Room, Membership]:
        """See `access.posting`."""
        return access.posting(*self.place(room_id, user_id))

    def others_in_direct(self, room_id: int, user_id: int) -> list[int]:
        """The other person of a direct room (nobody in a conversation with oneself)."""
        return [uid for room, uid in self._direct if room == room_id and uid != user_id]

    def find_direct(self, key: str, *people: int) -> Room | None:
        """The room of two people, locked, with memberships: nobody knew its id before."""
        known = (room for room in self.rooms.values() if room.direct_key == key)
        room = next(known, None) or lookups.direct_room(key)
        if room is None:
            return None
        self.rooms[room.pk] = room
        missing = [person for person in people if (room.pk, person) not in self.memberships]
        for row in Membership.objects.filter(room=room.pk, user__in=missing):
            self.memberships[(room.pk, row.user_id)] = row
        return room

    def find_founded(self, key: str) -> Room | None:
        """The room that was made under the name in this key, locked."""
        name = key[: lookups.FOUNDING_KEY]
        known = (room for room in self.rooms.values() if (room.direct_key or "").startswith(name))
        room = next(known, None) or lookups.founded_room(key)
        if room is not None:
            self.rooms[room.pk] = room
        return room

    def are_apart(self, one: int, other: int) -> bool:
        """Whether one of two people of a direct room, or who name each other, blocks the other."""
        return (one, other) in self.blocks or (other, one) in self.blocks

    def managing(self, room_id: int, user_id: int, *, role: str) -> tuple[Room, Membership]:
        """See `access.managing`."""
        return access.managing(*self.place(room_id, user_id), role=role)

    def last_seq(self, message: Message, kind: RoomEvent.Kind) -> int | None:
        """The seq of the latest event of a kind about a message, in this batch or before."""
        for row in reversed(self.staged.logged):
            if row.message_id == message.pk and row.kind == kind:
                return row.seq
        stored = RoomEvent.objects.filter(room=message.room_id, message=message.pk, kind=kind)
        return stored.order_by("-seq").values_list("seq", flat=True).first()

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
        guise: str | None = None,
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
        row.guise = guise
        self.known[(author.id, cid)] = row
        self.staged.messages.append(row)
        self.staged.told.append((row, room, author.username))
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
                self.staged.names[person.id] = person.username
        self.staged.logged.append(row)
        self.staged.told.append((row, room, ""))
        return row.seq

    def add_membership(self, membership: Membership) -> None:
        """Stage a first membership."""
        self.memberships[(membership.room_id, membership.user_id)] = membership
        self.staged.memberships.append(membership)

    def change_membership(self, membership: Membership) -> None:
        """The membership has other fields than in the database."""
        if membership.pk is not None:
            self.staged.changed_memberships[membership.pk] = membership

    def change_text(self, message: Message, body: str, rich: str | None) -> None:
        """Stage another text and keep the old one."""
        self.staged.old_texts.append(
            Revision(message=message, body=message.body, ts=message.edited_ts or message.ts)
        )
        message.body, message.rich, message.edited_ts = body, rich, self.now
        self.staged.changed_messages[message.pk] = message

    def empty(self, message: Message) -> None:
        """Stage the end of a message: no text, no older texts, no reactions, only its place."""
        message.body, message.rich, message.guise, message.is_for_all = "", None, None, False
        message.deleted_ts = self.now
        self.staged.forget(message)
        self.staged.changed_messages[message.pk] = message

    def mentioned(self, message: Message) -> set[int]:
        """Whom the message has called already."""
        stored = Mention.objects.filter(message=message.pk).values_list("user_id", flat=True)
        return set(stored) | {m.user_id for m in self.staged.mentions if m.message is message}

    def mention(self, message: Message, user_id: int) -> None:
        """Stage that a message concerns somebody."""
        row = Mention(room_id=message.room_id, user_id=user_id, seq=message.seq)
        row.message = message
        self.staged.mentions.append(row)

    def tell(self, user_id: int, event: Callable[[], events.Event]) -> None:
        """Tell one person something once everything has its id."""
        self.staged.notices.append((user_id, event))

    def is_pinned(self, message: Message) -> bool:
        """Whether the room keeps the message in sight."""
        if message.pk in self.staged.unpinned:
            return False
        staged = any(pin.message is message for pin in self.staged.pins)
        return staged or Pin.objects.filter(message=message.pk).exists()

    def pin_count(self, room: Room) -> int:
        """How many messages the room keeps in sight."""
        stored = Pin.objects.filter(room=room.pk).count()
        more = sum(pin.room_id == room.pk for pin in self.staged.pins)
        less = sum(self.messages[pk].room_id == room.pk for pk in self.staged.unpinned)
        return stored + more - less

    def pin(self, room: Room, message: Message, *, on: bool, seq: int) -> None:
        """Stage a pin or its end."""
        if on and message.pk in self.staged.unpinned:
            self.staged.unpinned.discard(message.pk)
        elif on:
            self.staged.pins.append(Pin(room=room, message=message, seq=seq))
        elif any(pin.message is message for pin in self.staged.pins):
            self.staged.pins = [pin for pin in self.staged.pins if pin.message is not message]
        else:
            self.staged.unpinned.add(message.pk)

    def react(self, message: Message, user_id: int, emoji: str, *, seq: int) -> None:
        """Stage a reaction."""
        row = Reaction(message=message, user_id=user_id, emoji=emoji, seq=seq)
        self.reactions[(message.pk, user_id, emoji)] = row
        self.staged.reactions.append(row)

    def unreact(self, message: Message, user_id: int, emoji: str) -> None:
        """Stage the end of a reaction."""
        row = self.reactions.pop((message.pk, user_id, emoji))
        if row in self.staged.reactions:
            self.staged.reactions.remove(row)
        elif row.pk is not None:
            self.staged.unreacted.append(row.pk)

    def touch(self, user_ids: Iterable[int]) -> None:
        """What these people's sockets may see has changed."""
        self.staged.touched.update(user_ids)

    def close(self, room: Room) -> None:
        """The room is gone for everybody as soon as this is committed."""
        room.deleted_ts, room.slug, room.direct_key = self.now, None, None
        self.staged.gone.add(room.pk)
        self.staged.changed_rooms[room.pk] = room

    def flush(self) -> None:
        """Write everything that was staged."""
        self.staged.flush()

    def committed(self) -> Committed:
        """What there is to tell after COMMIT."""
        return self.staged.committed()

    def _next(self, room: Room) -> int:
        room.head += 1
        room.updated_ts = self.now
        self.staged.changed_rooms[room.pk] = room
        return room.head
