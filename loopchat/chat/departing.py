"""What remains of somebody in rooms when their account goes: their places, and if they wish, texts.

Nobody refuses this: an archived room, and a room without another owner, let them go too.
"""

from __future__ import annotations

from dataclasses import dataclass

from loopchat.chat import access
from loopchat.chat.doors import exit_from
from loopchat.chat.ledger import Actor, Done, Ledger, Needs
from loopchat.chat.models import Membership, Room, RoomEvent
from loopchat.core.errors import Refused

Role = Membership.Role


@dataclass(frozen=True, slots=True)
class Depart:
    """Somebody leaves a room for ever. Its last owner hands it to who has been there longest."""

    room_id: int
    person: Actor
    heirs: tuple[Actor, ...]
    """Who could become its owner, the best first."""

    def needs(self, needs: Needs) -> None:
        needs.want(self.room_id, self.person.id, *(heir.id for heir in self.heirs))

    def decide(self, ledger: Ledger) -> Done:
        room = ledger.rooms.get(self.room_id)
        membership = ledger.memberships.get((self.room_id, self.person.id))
        if room is None or membership is None or not membership.is_active:
            return Done(self.room_id, None, dup=True)
        if room.kind == Room.Kind.DIRECT:
            raise Refused("forbidden", "A direct conversation cannot be left.")
        if membership.role == Role.OWNER:
            self._hand_over(ledger, room)
        seq = exit_from(ledger, room, membership, self.person, self.person, "leave")
        return Done(room.pk, seq)

    def _hand_over(self, ledger: Ledger, room: Room) -> None:
        there = [
            (heir, row)
            for heir in self.heirs
            if (row := ledger.memberships.get((room.pk, heir.id))) is not None and row.is_active
        ]
        if not there or any(row.role == Role.OWNER for _, row in there):
            return
        heir, row = there[0]
        row.role = Role.OWNER
        ledger.change_membership(row)
        ledger.touch([heir.id])
        kind, role = RoomEvent.Kind.MEMBERSHIP, Role.OWNER
        ledger.log(room, kind, self.person, subject=heir, detail="role", role=role)


@dataclass(frozen=True, slots=True)
class Unsay:
    """Texts of one author in one room go, as if each had been deleted."""

    room_id: int
    person: Actor
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


def heirs_of(room_id: int, person: Actor) -> tuple[Actor, ...]:
    """Other owners, then moderators, then members, of each those first who came first."""
    rows = Membership.objects.filter(room=room_id, left_seq=None, user__is_active=True)
    found = rows.exclude(user=person.id).filter(user__is_guest=False, user__is_bot=False)
    named = found.values_list("role", "joined_seq", "user", "user__username")
    ordered = sorted(named, key=lambda row: (-access.rank(row[0]), row[1]))
    return tuple(Actor(user_id, username) for _, _, user_id, username in ordered[:HEIRS_MAX])


HEIRS_MAX = 20
