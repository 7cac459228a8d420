"""Yes or no to a conversation that somebody else began, and what a yes between friends opens.

A no to a conversation of two hides it, and the other is not told. Who says no to a group or a room
is out of it, as everybody can see there: nobody waits for them, or hands the room over to them.
"""

from __future__ import annotations

from dataclasses import dataclass

from loopchat.chat import access, declined, standing
from loopchat.chat.companions import exit_from
from loopchat.chat.deeds import Own
from loopchat.chat.ledger import Done, Ledger
from loopchat.chat.models import Membership, Room, RoomEvent
from loopchat.core.errors import Refused

Standing = Membership.Standing


@dataclass(frozen=True, slots=True)
class Answer(Own):
    """Yes or no."""

    accept: bool

    def decide(self, ledger: Ledger) -> Done:
        room, membership = ledger.place(self.room_id, self.person.id)
        if not self.accept and self._is_out(membership):
            return Done(self.room_id, None, dup=True)
        room, membership = access.member(room, membership)
        if membership.standing == Standing.REQUEST:
            if self.accept:
                standing.accept(ledger, room, membership, self.person)
                return Done(room.pk, None)
            return Done(room.pk, self._decline(ledger, room, membership))
        if not self.accept:
            raise Refused("conflict", "This conversation does not wait for an answer.")
        return Done(room.pk, None, dup=True)

    def _is_out(self, membership: Membership | None) -> bool:
        """Whether the no was said before."""
        if membership is None or membership.is_shown:
            return False
        return declined.has_declined(self.person.id, self.room_id)

    def _decline(self, ledger: Ledger, room: Room, membership: Membership) -> int | None:
        by = _host(ledger, room, membership)
        if by is not None:
            declined.remember(self.person.id, by, room.pk)
        if room.kind == Room.Kind.DIRECT:
            standing.hide(ledger, membership)
            return None
        return exit_from(ledger, room, membership, self.person, self.person, "leave")


@dataclass(frozen=True, slots=True)
class Reopen(Own):
    """A conversation of two that one of them had declined is back: they are friends now."""

    def decide(self, ledger: Ledger) -> Done:
        room, membership = ledger.place(self.room_id, self.person.id)
        if room is None or membership is None or not self._may_come_back(ledger, room, membership):
            return Done(self.room_id, None, dup=True)
        standing.show(ledger, room, membership, Standing.OPEN)
        return Done(room.pk, None)

    def _may_come_back(self, ledger: Ledger, room: Room, membership: Membership) -> bool:
        is_hidden = membership.standing == Standing.HIDDEN and room.message_count > 0
        others = ledger.others_in_direct(room.pk, self.person.id)
        return is_hidden and not any(ledger.are_apart(self.person.id, one) for one in others)


def _host(ledger: Ledger, room: Room, membership: Membership) -> int | None:
    """Who began it, or brought the person in."""
    if room.kind == Room.Kind.DIRECT:
        return next(iter(ledger.others_in_direct(room.pk, membership.user_id)), None)
    entry = RoomEvent.objects.filter(room=room.pk, seq=membership.joined_seq)
    return entry.values_list("actor_id", flat=True).first()
