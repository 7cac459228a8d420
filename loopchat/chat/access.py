"""May this person read, post or manage? The only place that answers.

A room that does not exist and a room that is nobody's business get the same `not_found`. Public
rooms are known to all signed-in people, so there the answer may be `forbidden`.
"""

from __future__ import annotations

from typing import Final

from django.db.models import Case, IntegerField, Value, When

from loopchat.chat.models import Membership, Room
from loopchat.core.errors import Refused

_RANK: Final = {
    Membership.Role.MEMBER: 0,
    Membership.Role.MODERATOR: 1,
    Membership.Role.OWNER: 2,
}

ROOMS_PER_PERSON: Final = 500


def rank(role: str) -> int:
    """What a role weighs: more than those below it."""
    return _RANK[Membership.Role(role)]


def ranked() -> Case:
    """The same as the database counts it, to order rows by."""
    whens = [When(role=role, then=Value(weight)) for role, weight in _RANK.items()]
    return Case(*whens, default=Value(0), output_field=IntegerField())


def member(room: Room | None, membership: Membership | None) -> tuple[Room, Membership]:
    """The room and the membership of somebody who is in it, else a refusal."""
    if room is None or room.deleted_ts is not None:
        raise not_found()
    if membership is None or not membership.is_shown:
        if room.kind == Room.Kind.PUBLIC:
            raise Refused("forbidden", "Join the room first.")
        raise not_found()
    return room, membership


def posting(room: Room | None, membership: Membership | None) -> tuple[Room, Membership]:
    """Like `member`, for somebody who wants to write: the room must not be archived."""
    room, membership = member(room, membership)
    if room.archived_ts is not None:
        if room.kind == Room.Kind.DIRECT:
            raise Refused("archived", "This account was deleted: nobody would read it.")
        raise Refused("archived", "This room is archived: it can be read, not written.")
    return room, membership


def managing(
    room: Room | None, membership: Membership | None, *, role: str = Membership.Role.MODERATOR
) -> tuple[Room, Membership]:
    """Like `member`, for somebody with at least `role`; in a group everybody may shape it."""
    room, membership = member(room, membership)
    if room.kind == Room.Kind.DIRECT:
        raise Refused("forbidden", "A direct conversation belongs to both people alike.")
    if room.kind == Room.Kind.GROUP and role == Membership.Role.MODERATOR:
        return room, membership
    _refuse_below(membership, role)
    return room, membership


def moderating(room: Room, membership: Membership) -> None:
    """Refuse who may not delete other people's messages: only moderators and owners of a room."""
    if room.kind in (Room.Kind.DIRECT, Room.Kind.GROUP):
        raise Refused("forbidden", "Only its author may delete a message here.")
    _refuse_below(membership, Membership.Role.MODERATOR)


def may_call_all(room: Room, membership: Membership) -> bool:
    """Whether `@all` of this member calls: of everybody in small rooms, else of moderators."""
    if room.has_receipts or room.kind == Room.Kind.GROUP:
        return True
    return rank(membership.role) >= rank(Membership.Role.MODERATOR)


def pinning(room: Room, membership: Membership) -> None:
    """Refuse who may not pin: in public and private rooms everybody below moderator."""
    if room.kind not in (Room.Kind.DIRECT, Room.Kind.GROUP):
        _refuse_below(membership, Membership.Role.MODERATOR)


def inviting(room: Room | None, membership: Membership | None) -> tuple[Room, Membership]:
    """Like `member`, for somebody who brings others in: everybody, but in private rooms."""
    room, membership = member(room, membership)
    if room.kind == Room.Kind.DIRECT:
        raise Refused("forbidden", "Make a group to talk with more people.")
    if room.archived_ts is not None:
        raise Refused("archived", "This room is archived: nobody can join it any more.")
    if room.kind == Room.Kind.PRIVATE:
        _refuse_below(membership, Membership.Role.MODERATOR)
    return room, membership


def hosting(room: Room | None, membership: Membership | None) -> tuple[Room, Membership]:
    """Like `inviting`, for somebody who lets guests in: moderators, owners, in a group all."""
    room, membership = inviting(room, membership)
    if room.kind != Room.Kind.GROUP:
        _refuse_below(membership, Membership.Role.MODERATOR)
    return room, membership


def at_home(*are_guests: bool) -> None:
    """Refuse guests: they are in the room of their link, and nothing else is for them."""
    if any(are_guests):
        raise Refused("forbidden", "This is not possible for guests.")


def _refuse_below(membership: Membership, role: str) -> None:
    if rank(membership.role) < rank(role):
        if role == Membership.Role.OWNER:
            raise Refused("forbidden", "Only an owner of the room may do this.")
        raise Refused("forbidden", "Only a moderator of the room may do this.")


def outranks(actor: Membership, subject: Membership) -> bool:
    """Whether somebody may remove or change somebody else in the same room."""
    return rank(actor.role) > rank(subject.role)


def joining(room: Room | None, membership: Membership | None) -> Room:
    """A room that somebody may enter without being asked: a public one that did not ban them."""
    if room is None or room.deleted_ts is not None or room.kind != Room.Kind.PUBLIC:
        raise not_found()
    if membership is not None and membership.is_banned:
        raise Refused("forbidden", "You were banned from this room.")
    if room.archived_ts is not None:
        raise Refused("archived", "This room is archived: nobody can join it any more.")
    return room


def first_visible(room: Room, membership: Membership) -> int:
    """The first seq of the room's log that this member may read."""
    return membership.joined_seq if room.history == Room.History.JOINED else 1


def changed_meanwhile() -> Refused:
    """What is not any more as whoever wants to change it has seen it."""
    return Refused("conflict", "This has changed meanwhile.", field="If-Match")


def not_found() -> Refused:
    """The one answer for what does not exist and for what is somebody else's."""
    return Refused("not_found", "There is no such room.")
