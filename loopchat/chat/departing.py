"""What remains of somebody in rooms when their account goes: their places, and if they wish, texts.

Nobody refuses this: an archived room, and a room without another owner, let them go too.
"""

from __future__ import annotations

from dataclasses import dataclass

from loopchat.chat.companions import exit_from
from loopchat.chat.deeds import Own
from loopchat.chat.ledger import Done, Ledger, Needs
from loopchat.chat.models import Membership, Room, RoomEvent
from loopchat.chat.succession import hand_over
from loopchat.core.errors import Refused

Role = Membership.Role


@dataclass(frozen=True, slots=True)
class Depart(Own):
    """Somebody leaves a room for ever. Its last owner hands it to who has been there longest."""

    def decide(self, ledger: Ledger) -> Done:
        room, membership = ledger.place(self.room_id, self.person.id)
        if room is None or membership is None or not membership.is_active:
            return Done(self.room_id, None, dup=True)
        if room.kind == Room.Kind.DIRECT:
            raise Refused("forbidden", "A direct conversation cannot be left.")
        if membership.role == Role.OWNER:
            hand_over(ledger, room, self.person)
        seq = exit_from(ledger, room, membership, self.person, self.person, "leave")
        return Done(room.pk, seq)


@dataclass(frozen=True, slots=True)
class Shut(Own):
    """A direct conversation is over: nobody would read what is written there."""

    def decide(self, ledger: Ledger) -> Done:
        room = ledger.rooms.get(self.room_id)
        if room is None or room.archived_ts is not None:
            return Done(self.room_id, None, dup=True)
        room.archived_ts = ledger.now
        seq = ledger.log(room, RoomEvent.Kind.ROOM, self.person, detail="archived")
        return Done(room.pk, seq)


@dataclass(frozen=True, slots=True)
class Unsay(Own):
    """Texts of one author in one room go, as if each had been deleted."""

    message_ids: tuple[int, ...]

    def needs(self, needs: Needs) -> None:
        needs.want(self.room_id, self.person.id)
        needs.messages.update(self.message_ids)

    def decide(self, ledger: Ledger) -> Done:
        room = ledger.rooms.get(self.room_id)
        if room is None or room.deleted_ts is not None:
            return Done(self.room_id, None, dup=True)
        seq = None
        for message_id in self.message_ids:
            row = ledger.messages.get(message_id)
            is_theirs = row is not None and row.author_id == self.person.id
            if row is None or not is_theirs or row.deleted_ts is not None:
                continue
            ledger.empty(row)
            seq = ledger.log(room, RoomEvent.Kind.DELETED, self.person, message=row)
        return Done(room.pk, seq)
