"""Who comes into a room and who goes: the operations on memberships.

Each is an event of the room's log, so who may see which event follows from the log alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from loopchat.chat import access, admission, attention, companions, declined
from loopchat.chat.companions import exit_from
from loopchat.chat.crowding import refuse_crowding, refuse_too_many_rooms
from loopchat.chat.deeds import Own, Upon
from loopchat.chat.ledger import Actor, Done, Ledger
from loopchat.chat.models import Membership, Room, RoomEvent
from loopchat.chat.succession import hand_over
from loopchat.core.errors import Refused

GROUP_MAX: Final = 50
"""People in an unnamed group."""


@dataclass(frozen=True, slots=True)
class Join(Own):
    """Somebody enters a public room by themselves."""

    def decide(self, ledger: Ledger) -> Done:
        access.at_home(self.person.is_guest)
        room, membership = ledger.place(self.room_id, self.person.id)
        if membership is not None and membership.is_active:
            room, membership = ledger.member(self.room_id, self.person.id)
            return Done(room.pk, membership.joined_seq, dup=True)
        room = access.joining(room, membership)
        companions.refuse_bot_of_banned(ledger, room, self.person)
        refuse_too_many_rooms(ledger, [self.person])
        return Done(room.pk, enter(ledger, room, self.person))


@dataclass(frozen=True, slots=True)
class Invite(Upon):
    """Somebody is brought into a room."""

    def decide(self, ledger: Ledger) -> Done:
        access.at_home(self.by.is_guest, self.person.is_guest)
        room, _ = access.inviting(*ledger.place(self.room_id, self.by.id))
        there = ledger.memberships.get((room.pk, self.person.id))
        if there is None or not there.is_active:
            self._refuse_unwanted(room)
            refuse_crowding(ledger, self.by, [self.person])
        done = _bring_in(ledger, room, self.by, self.person)
        if done.seq is not None:
            attention.bring_in(ledger, room, self.by, self.person, done.seq)
        return done

    def _refuse_unwanted(self, room: Room) -> None:
        person = self.person
        admission.refuse_unwanted(self.by.id, {person.id: person.username})
        if declined.has_declined(person.id, room.pk):
            raise admission.unwanted(person.username)


@dataclass(frozen=True, slots=True)
class Admit(Upon):
    """Somebody comes by a link, with the right of who has made it to bring others in."""

    def decide(self, ledger: Ledger) -> Done:
        rule = access.hosting if self.person.is_guest else access.inviting
        room, _ = rule(*ledger.place(self.room_id, self.by.id))
        return _bring_in(ledger, room, self.by, self.person)


def _bring_in(ledger: Ledger, room: Room, by: Actor, person: Actor) -> Done:
    membership = ledger.memberships.get((room.pk, person.id))
    if membership is not None and membership.is_active:
        return Done(room.pk, None, dup=True)
    if membership is not None and membership.is_banned:
        raise Refused("forbidden", "{name} was banned from this room.", name=person.username)
    companions.refuse_bot_of_banned(ledger, room, person)
    if room.kind == Room.Kind.GROUP and room.member_count >= GROUP_MAX:
        raise Refused("too_large", "A group has at most {n} people.", n=GROUP_MAX)
    refuse_too_many_rooms(ledger, [person])
    return Done(room.pk, enter(ledger, room, person, by=by))


@dataclass(frozen=True, slots=True)
class Leave(Own):
    """Somebody goes by themselves."""

    def decide(self, ledger: Ledger) -> Done:
        room, membership = ledger.place(self.room_id, self.person.id)
        if room is not None and membership is not None and membership.left_seq is not None:
            return Done(room.pk, membership.left_seq, dup=True)
        hidden = membership is not None and not membership.is_shown  # who said no may go for good
        is_there = room is not None and room.deleted_ts is None and room.kind != Room.Kind.DIRECT
        if room is None or membership is None or not (hidden and is_there):
            room, membership = ledger.member(self.room_id, self.person.id)
        if room.kind == Room.Kind.DIRECT:
            raise Refused("forbidden", "A direct conversation cannot be left.")
        _refuse_ownerless(ledger, room, membership)
        if membership.role == Membership.Role.OWNER:
            hand_over(ledger, room, self.person)
        for bot in companions.there_of(ledger, room, self.person):
            if bot.role != Membership.Role.OWNER:  # who runs the room stays
                companions.take_out(ledger, room, bot, self.person, "leave")
        return Done(room.pk, exit_from(ledger, room, membership, self.person, self.person, "leave"))


@dataclass(frozen=True, slots=True)
class Remove(Upon):
    """Somebody is taken out: kick or ban."""

    kind: str

    def decide(self, ledger: Ledger) -> Done:
        room, own = ledger.managing(self.room_id, self.by.id, role=Membership.Role.MODERATOR)
        membership = ledger.memberships.get((room.pk, self.person.id))
        if membership is None or not (membership.is_active or self.kind == "ban"):
            raise Refused("not_found", "{name} is not in this room.", name=self.person.username)
        bots = companions.there_of(ledger, room, self.person)
        if not all(access.outranks(own, one) for one in (membership, *bots)):
            raise Refused("forbidden", "Nobody removes a person of the same or a higher role.")
        if self.kind == "ban":
            membership.is_banned = True
            ledger.change_membership(membership)
        for bot in bots:
            companions.take_out(ledger, room, bot, self.by, "kick")
        if not membership.is_active:
            return Done(room.pk, membership.left_seq, dup=True)
        return Done(room.pk, exit_from(ledger, room, membership, self.by, self.person, self.kind))


@dataclass(frozen=True, slots=True)
class Unban(Upon):
    """Somebody may come back."""

    def decide(self, ledger: Ledger) -> Done:
        room, _ = ledger.managing(self.room_id, self.by.id, role=Membership.Role.MODERATOR)
        membership = ledger.memberships.get((room.pk, self.person.id))
        if membership is None or not membership.is_banned:
            raise Refused("not_found", "{name} is not banned here.", name=self.person.username)
        membership.is_banned = False
        ledger.change_membership(membership)
        return Done(room.pk, None)


@dataclass(frozen=True, slots=True)
class SetRole(Upon):
    """Somebody's role changes."""

    role: Membership.Role

    @classmethod
    def draft(cls, room_id: int, by: Actor, person: Actor, role: str) -> SetRole:
        """Check the role's name."""
        if role not in Membership.Role.values:
            raise Refused("bad_request", "A role is owner, moderator or member.", field="role")
        return cls(room_id, by, person, Membership.Role(role))

    def decide(self, ledger: Ledger) -> Done:
        room, _ = ledger.managing(self.room_id, self.by.id, role=Membership.Role.OWNER)
        membership = ledger.memberships.get((room.pk, self.person.id))
        if membership is None or not membership.is_active:
            raise Refused("not_found", "{name} is not in this room.", name=self.person.username)
        if membership.role == self.role:
            return Done(room.pk, None)
        access.at_home(self.person.is_guest)
        if membership.standing != Membership.Standing.OPEN:
            raise Refused("conflict", "{name} has not said yes yet.", name=self.person.username)
        if self.person.id == self.by.id:
            _refuse_ownerless(ledger, room, membership)
        membership.role = self.role
        ledger.change_membership(membership)
        ledger.touch([self.person.id])
        seq = ledger.log(
            room,
            RoomEvent.Kind.MEMBERSHIP,
            self.by,
            subject=self.person,
            detail="role",
            role=self.role,
        )
        return Done(room.pk, seq)


def enter(
    ledger: Ledger,
    room: Room,
    person: Actor,
    *,
    role: Membership.Role = Membership.Role.MEMBER,
    by: Actor | None = None,
    standing: Membership.Standing = Membership.Standing.OPEN,
) -> int:
    """Log the join and set all cursors to it, for the first time or again."""
    room.member_count += 1
    ledger.entered[person.id] += 1
    seq = ledger.log(
        room,
        RoomEvent.Kind.MEMBERSHIP,
        by or person,
        subject=person,
        detail="join",
        role=role,
    )
    membership = ledger.memberships.get((room.pk, person.id))
    known = membership is not None
    if membership is None:
        membership = Membership(room_id=room.pk, user_id=person.id)
    membership.role = role
    membership.joined_seq = membership.read_seq = membership.delivered_seq = seq
    membership.read_count, membership.own_ahead = room.message_count, 0
    membership.left_seq = membership.unread_from = None
    membership.standing = standing
    if known:
        ledger.change_membership(membership)
    else:
        ledger.add_membership(membership)
    ledger.touch([person.id])
    return seq


def _refuse_ownerless(ledger: Ledger, room: Room, membership: Membership) -> None:
    """A named room with people in it needs an owner, also after what this batch has staged."""
    if membership.role != Membership.Role.OWNER or room.member_count <= 1:
        return
    if room.kind == Room.Kind.GROUP:
        return
    rows = Membership.objects.filter(room=room.pk, left_seq=None, role=Membership.Role.OWNER)
    owners = {row.user_id: row for row in rows.exclude(user=membership.user_id)}
    staged = {
        user_id: m for (room_id, user_id), m in ledger.memberships.items() if room_id == room.pk
    }
    owners |= {uid: m for uid, m in staged.items() if uid != membership.user_id}
    if not any(m.is_active and m.role == Membership.Role.OWNER for m in owners.values()):
        raise Refused("conflict", "Make somebody else an owner of the room first.")
