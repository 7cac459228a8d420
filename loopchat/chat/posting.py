"""The operations on messages: what is said, changed, taken back, marked with an emoji, pinned."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from loopchat.chat import access, attention, marking, standing, wire
from loopchat.chat.deeds import OnMessage
from loopchat.chat.ledger import Actor, Done, Ledger, Needs
from loopchat.chat.marking import Marked
from loopchat.chat.models import Membership, Message, Room, RoomEvent
from loopchat.core.emoji import clean_emoji
from loopchat.core.errors import Refused
from loopchat.core.text import clean_message
from loopchat.realtime.events import Asked, Guise

PINS_MAX: Final = 50
"""Pinned messages of one room."""

REACTIONS_MAX: Final = 20
"""Different emoji of one person on one message."""


@dataclass(frozen=True, slots=True)
class Send:
    """A message on its way into the log."""

    room_id: int
    author: Actor
    cid: UUID
    body: str
    reply_to: int | None
    digest: bytes
    marked: Marked
    guise: str | None = None

    @classmethod
    def draft(
        cls,
        room_id: int,
        author: Actor,
        *,
        cid: UUID,
        body: str,
        reply_to: int | None,
        guise: Guise | None = None,
        asked: Asked | None = None,
    ) -> Send:
        """Clean and parse the text, and take its fingerprint: one cid never means two things."""
        text = clean_message(body)
        sent = f"{room_id}\0{reply_to or 0}\0{text}".encode()
        digest = hashlib.blake2b(sent, digest_size=16).digest()
        worn = wire.dressed(guise, asked)
        return cls(room_id, author, cid, text, reply_to, digest, marking.mark(text), worn)

    def needs(self, needs: Needs) -> None:
        needs.want(self.room_id, self.author.id)
        needs.people.update(self.marked.people)
        if self.marked.people or self.reply_to is not None:
            needs.named.update((self.author.id, *self.marked.people))
        needs.cids.add(self.cid)
        if self.reply_to is not None:
            needs.messages.add(self.reply_to)

    def decide(self, ledger: Ledger) -> Done:
        known = ledger.known.get((self.author.id, self.cid))
        if known is not None:
            return self._again(known)
        room, membership = _writing(ledger, self.room_id, self.author)
        self._refuse_unknown_reply(ledger, room, membership)
        landing = standing.landing(ledger, room, self.author)
        row = ledger.say(
            room,
            self.author,
            cid=self.cid,
            digest=self.digest,
            body=self.body,
            rich=self.marked.rich,
            for_all=self.marked.for_all and access.may_call_all(room, membership),
            reply_to=self.reply_to,
            guise=self.guise,
        )
        standing.land(ledger, room, row, landing)
        attention.call(ledger, room, row, self.author, self._called(ledger))
        _count_own(room, membership, row)
        ledger.change_membership(membership)
        if membership.standing == Membership.Standing.REQUEST:  # who answers has said yes
            standing.accept(ledger, room, membership, self.author)
        return Done(room.pk, row.seq, row)

    def _called(self, ledger: Ledger) -> dict[int, str]:
        """Whom the message concerns by name, and why."""
        called = dict.fromkeys(self.marked.people, "mention")
        target = ledger.messages.get(self.reply_to) if self.reply_to is not None else None
        if target is not None:
            called.setdefault(target.author_id, "reply")
        return called

    def _again(self, known: Message) -> Done:
        if bytes(known.digest) != self.digest:
            raise Refused("cid_conflict", "This cid was used for another message.", field="cid")
        return Done(known.room_id, known.seq, known, dup=True)

    def _refuse_unknown_reply(self, ledger: Ledger, room: Room, membership: Membership) -> None:
        if self.reply_to is None:
            return
        target = ledger.messages.get(self.reply_to)
        if target is None or not _visible(room, membership, target):
            raise Refused("not_found", "There is no such message to reply to.", field="reply_to")


@dataclass(frozen=True, slots=True)
class Edit(OnMessage):
    """Another text for a message."""

    body: str
    marked: Marked
    seen: str | None = None
    """The text that is to be replaced, when any other one is not."""

    @classmethod
    def draft(
        cls, room_id: int, person: Actor, *, message_id: int, body: str, seen: str | None = None
    ) -> Edit:
        """Clean and parse the new text."""
        text = clean_message(body)
        return cls(room_id, person, message_id, text, marking.mark(text), seen)

    def needs(self, needs: Needs) -> None:
        needs.want(self.room_id, self.person.id, *self.marked.people, message=self.message_id)
        if self.marked.people:
            needs.named.update((self.person.id, *self.marked.people))

    def decide(self, ledger: Ledger) -> Done:
        room, membership = _writing(ledger, self.room_id, self.person)
        message = _target(ledger, room, membership, self.message_id)
        if message.author_id != self.person.id:
            raise Refused("forbidden", "Only its author may edit a message.")
        _refuse_deleted(message)
        if self.seen not in (None, message.body):
            raise access.changed_meanwhile()
        if message.body == self.body:
            edited = ledger.last_seq(message, RoomEvent.Kind.EDITED)
            return Done(room.pk, edited or message.seq, message)
        ledger.change_text(message, self.body, self.marked.rich)
        new = self.marked.people - ledger.mentioned(message)
        attention.call(ledger, room, message, self.person, dict.fromkeys(new, "mention"))
        seq = ledger.log(room, RoomEvent.Kind.EDITED, self.person, message=message)
        return Done(room.pk, seq, message)


@dataclass(frozen=True, slots=True)
class Delete(OnMessage):
    """The end of a message."""

    def decide(self, ledger: Ledger) -> Done:
        room, membership = ledger.posting(self.room_id, self.person.id)
        message = _target(ledger, room, membership, self.message_id)
        if message.author_id != self.person.id:
            access.moderating(room, membership)
        if message.deleted_ts is not None:
            return Done(room.pk, ledger.last_seq(message, RoomEvent.Kind.DELETED), message)
        ledger.empty(message)
        seq = ledger.log(room, RoomEvent.Kind.DELETED, self.person, message=message)
        return Done(room.pk, seq, message)


@dataclass(frozen=True, slots=True)
class React(OnMessage):
    """An emoji, put on a message or taken away."""

    emoji: str
    on: bool

    @classmethod
    def draft(cls, room_id: int, person: Actor, *, message_id: int, emoji: str, on: bool) -> React:
        """Refuse what is no emoji."""
        return cls(room_id, person, message_id, clean_emoji(emoji), on)

    def needs(self, needs: Needs) -> None:
        needs.want(self.room_id, self.person.id, message=self.message_id)
        needs.reactions.add(self.message_id)

    def decide(self, ledger: Ledger) -> Done:
        room, membership = _writing(ledger, self.room_id, self.person)
        message = _target(ledger, room, membership, self.message_id)
        _refuse_deleted(message)
        key = (message.pk, self.person.id, self.emoji)
        if (key in ledger.reactions) == self.on:
            return Done(room.pk, None, message)
        if self.on:
            _refuse_too_many(ledger, message, self.person)
        seq = ledger.log(
            room,
            RoomEvent.Kind.REACTION,
            self.person,
            message=message,
            detail=self.emoji,
            on=self.on,
        )
        if self.on:
            ledger.react(message, self.person.id, self.emoji, seq=seq)
        else:
            ledger.unreact(message, self.person.id, self.emoji)
        return Done(room.pk, seq, message)


@dataclass(frozen=True, slots=True)
class Pin(OnMessage):
    """A message is kept in sight, or let go."""

    on: bool

    def decide(self, ledger: Ledger) -> Done:
        room, membership = ledger.posting(self.room_id, self.person.id)
        access.pinning(room, membership)
        message = _target(ledger, room, membership, self.message_id)
        _refuse_deleted(message)
        if ledger.is_pinned(message) == self.on:
            return Done(room.pk, None, message)
        if self.on and ledger.pin_count(room) >= PINS_MAX:
            raise Refused("conflict", "At most {n} pinned messages in a room.", n=PINS_MAX)
        seq = ledger.log(room, RoomEvent.Kind.PINNED, self.person, message=message, on=self.on)
        ledger.pin(room, message, on=self.on, seq=seq)
        return Done(room.pk, seq, message)


def _writing(ledger: Ledger, room_id: int, person: Actor) -> tuple[Room, Membership]:
    """See `access.posting`. Who blocks somebody does not write to them; those notice nothing."""
    if ledger.blocks and (room_id, person.id) in ledger.memberships:
        for other in ledger.others_in_direct(room_id, person.id):
            if (person.id, other) in ledger.blocks:
                raise Refused("blocked", "You have blocked this person.")
    return ledger.posting(room_id, person.id)


def _count_own(room: Room, membership: Membership, row: Message) -> None:
    """Own messages are never unread: move the cursor with them, or count them as own."""
    before = room.message_count - 1 - membership.read_count - membership.own_ahead
    if before <= 0:
        membership.read_seq = row.seq
        membership.read_count = room.message_count
        membership.own_ahead = 0
        membership.delivered_seq = max(membership.delivered_seq, row.seq)
    else:
        membership.own_ahead += 1


def _target(ledger: Ledger, room: Room, membership: Membership, message_id: int) -> Message:
    message = ledger.messages.get(message_id)
    if message is None or not _visible(room, membership, message):
        raise Refused("not_found", "There is no such message.", field="id")
    return message


def _visible(room: Room, membership: Membership, message: Message) -> bool:
    return message.room_id == room.pk and message.seq >= access.first_visible(room, membership)


def _refuse_deleted(message: Message) -> None:
    if message.deleted_ts is not None:
        raise Refused("not_found", "This message was deleted.")


def _refuse_too_many(ledger: Ledger, message: Message, person: Actor) -> None:
    own = sum(1 for pk, uid, _ in ledger.reactions if pk == message.pk and uid == person.id)
    if own >= REACTIONS_MAX:
        raise Refused("conflict", "That is enough reactions on one message.", field="emoji")
