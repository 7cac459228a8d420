"""How a conversation stands with one of its people: open, waiting for a yes, or hidden.

None of it is an event of the log: the others are not told.
"""

from __future__ import annotations

from dataclasses import dataclass

from loopchat.accounts.models import User
from loopchat.chat import access, admission, wire
from loopchat.chat.ledger import Actor, Done, Ledger, Needs, direct_key
from loopchat.chat.models import Membership, Room
from loopchat.contacts import blocks, pairs
from loopchat.core.errors import Refused
from loopchat.realtime import events

Standing = Membership.Standing


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes or no to a conversation that somebody else began."""

    room_id: int
    person: Actor
    accept: bool

    def needs(self, needs: Needs) -> None:
        needs.want(self.room_id, self.person.id)

    def decide(self, ledger: Ledger) -> Done:
        room = ledger.rooms.get(self.room_id)
        membership = ledger.memberships.get((self.room_id, self.person.id))
        if self._is_hidden(membership) and not self.accept:
            return Done(self.room_id, None, dup=True)
        room, membership = access.member(room, membership)
        if membership.standing == Standing.REQUEST:
            if self.accept:
                accept(ledger, room, membership, self.person)
            else:
                hide(ledger, membership)
            return Done(room.pk, None)
        if not self.accept:
            raise Refused("conflict", "This conversation does not wait for an answer.")
        return Done(room.pk, None, dup=True)

    @staticmethod
    def _is_hidden(membership: Membership | None) -> bool:
        return membership is not None and membership.is_active and not membership.is_shown


@dataclass(frozen=True, slots=True)
class SetBlock:
    """Somebody is blocked or not any more, and the conversation of the two goes or comes back."""

    by: Actor
    other: Actor
    on: bool

    def needs(self, needs: Needs) -> None:
        needs.people.update((self.by.id, self.other.id))

    def decide(self, ledger: Ledger) -> Done:
        # All that may refuse comes first: what the ORM has written stays, also after a refusal.
        pair = (self.by.id, self.other.id)
        pairs.lock(*pair)  # before the room, as whoever begins a conversation does
        people = User.objects.in_bulk(pair)
        room = ledger.find_direct(direct_key(*pair), self.by.id)
        membership = ledger.memberships.get((room.pk, self.by.id)) if room else None
        landed = Standing.HIDDEN if self.on else admission.wish(self.by.id, self.other.id)
        change = blocks.put if self.on else blocks.lift
        is_new = change(people[self.by.id], people[self.other.id])
        (ledger.blocks.add if self.on else ledger.blocks.discard)(pair)
        if room is None or membership is None:
            return Done(0, None, dup=not is_new)
        if self.on and membership.is_shown:
            hide(ledger, membership)
        elif is_new and not self.on:
            show(ledger, room, membership, landed)
        return Done(room.pk, None, dup=not is_new)


def accept(ledger: Ledger, room: Room, membership: Membership, person: Actor) -> None:
    """It is a conversation like others from now on, also for the person's other devices."""
    membership.standing = Standing.OPEN
    ledger.change_membership(membership)
    ledger.touch([person.id])

    def told() -> events.Event:
        unread = wire.unread(room, membership)
        return events.MessageRequest(room=room.pk, request=False, unread=unread)

    ledger.tell(person.id, told)


def hide(ledger: Ledger, membership: Membership) -> None:
    """The person's list is without the room; in the log they stay."""
    membership.standing = Standing.HIDDEN
    ledger.change_membership(membership)
    ledger.touch([membership.user_id])


def show(ledger: Ledger, room: Room, membership: Membership, standing: Standing) -> None:
    """A direct room is back; what was said meanwhile is neither told nor unread.

    Events follow as after a join, so the person stands as one who has come after what is there.
    """
    membership.standing = standing
    membership.joined_seq = room.head + 1
    membership.read_seq = membership.delivered_seq = room.head
    membership.read_count, membership.own_ahead = room.message_count, 0
    membership.unread_from = None
    ledger.change_membership(membership)
    ledger.touch([membership.user_id])
