"""What a person can do with rooms: create, find, join, invite, leave, shape, archive, delete."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db.models import Q

from loopchat.accounts import people as accounts
from loopchat.accounts.models import User
from loopchat.chat import access
from loopchat.chat.doors import Admit, Invite, Join, Leave, Remove, SetRole, Unban
from loopchat.chat.founding import Change, Create, Delete, OpenDirect, Settle
from loopchat.chat.ledger import Actor, Done, direct_key
from loopchat.chat.models import Membership, Room
from loopchat.chat.writer import writer
from loopchat.core.errors import Refused
from loopchat.core.text import ROOM_NAME_MAX, clean_room_name, clean_topic, name_key

INVITE_MAX: Final = 100
"""People brought into a room at once."""

FOUND_MAX: Final = 50


def create(
    by: User,
    *,
    kind: str,
    name: str,
    topic: str = "",
    history: str = Room.History.SHARED,
    people: Iterable[User] = (),
) -> Room:
    """Make a room with its creator as owner; `people` are members from the start."""
    options = {"kind": kind, "name": name, "topic": topic, "history": history}
    return create_once(by, "", people=people, **options)[0]


def create_once(by: User, key: str, *, people: Iterable[User], **options: str) -> tuple[Room, bool]:
    """The same; with a `key` the room that this person made under it before, and whether so."""
    guests = [actor(person) for person in people]
    done = writer.run(Create.draft(actor(by), people=guests, key=key, **options))
    return Room.objects.get(pk=done.room_id), done.dup


def open_direct(by: User, username: str) -> Room:
    """The direct conversation with a person, made when there is none yet."""
    return Room.objects.get(pk=open_direct_of(actor(by), username))


def find_direct(by: User, username: str) -> tuple[User, Room | None]:
    """A person, and the direct conversation with them if it is in one's list.

    With somebody who cannot come any more there may be one, and nobody begins one.
    """
    other = accounts.find(username)
    if other is None or other.is_guest or by.is_guest:
        raise _nobody()
    mine = Membership.objects.filter(user=by, left_seq=None, standing__in=Membership.SHOWN)
    key = direct_key(by.pk, other.pk)
    rows = Room.objects.filter(direct_key=key, deleted_ts=None, pk__in=mine.values("room"))
    found = rows.first()
    if found is None and not other.is_active:
        raise _nobody()
    return other, found


def make_room(room_id: int, by: User, name: str) -> int:
    """Turn a group into a private room with a name; its log and its people stay."""
    return _seq(writer.run(Settle(room_id, actor(by), clean_room_name(name))))


def join(room_id: int, person: User) -> int:
    """Enter a public room; the seq of the event (again: of the first time)."""
    return _seq(writer.run(Join(room_id, actor(person))))


def leave(room_id: int, person: User) -> int:
    """Leave a room. The last owner of a room with others in it hands it over first."""
    return _seq(writer.run(Leave(room_id, actor(person))))


def invite(room_id: int, by: User, people: Iterable[User]) -> int:
    """Bring people into a room; how many are new in it."""
    guests = [actor(person) for person in people]
    if len(guests) > INVITE_MAX:
        raise Refused("too_large", "At most {n} people at once.", field="people", n=INVITE_MAX)
    return sum(writer.run(Invite(room_id, actor(by), guest)).seq is not None for guest in guests)


def admit(room_id: int, by: User, person: User) -> int:
    """Let somebody in who comes by a link of a member; the seq of the event, 0 for none."""
    return _seq(writer.run(Admit(room_id, actor(by), actor(person))))


def kick(room_id: int, by: User, person: User) -> int:
    """Take somebody out of a room; they may come back."""
    return _seq(writer.run(Remove(room_id, actor(by), actor(person), "kick")))


def ban(room_id: int, by: User, person: User) -> int:
    """Take somebody out of a room and keep them out."""
    return _seq(writer.run(Remove(room_id, actor(by), actor(person), "ban")))


def unban(room_id: int, by: User, person: User) -> None:
    """Let somebody back in who was banned."""
    writer.run(Unban(room_id, actor(by), actor(person)))


def banned(room_id: int, by: User, *, after: str = "", most: int = FOUND_MAX) -> list[User]:
    """Who is banned from a room, in order of their names; for its moderators and owners."""
    room = Room.objects.filter(pk=room_id).first()
    mine = Membership.objects.filter(room=room_id, user=by).first()
    access.managing(room, mine)
    found = Membership.objects.filter(room=room_id, is_banned=True).select_related("user")
    if after:
        found = found.filter(user__username_key__gt=name_key(after))
    return [row.user for row in found.order_by("user__username_key")[:most]]


def set_role(room_id: int, by: User, person: User, role: str) -> int:
    """Make a member owner, moderator or plain member."""
    return _seq(writer.run(SetRole.draft(room_id, actor(by), actor(person), role)))


def rename(room_id: int, by: User, name: str) -> int:
    """Give a room another name; its address stays."""
    return _seq(writer.run(Change(room_id, actor(by), name=clean_room_name(name))))


def set_topic(room_id: int, by: User, topic: str) -> int:
    """Say what a room is for."""
    return _seq(writer.run(Change(room_id, actor(by), topic=clean_topic(topic))))


def change(
    room_id: int,
    by: User,
    *,
    name: str | None,
    topic: str | None,
    archived: bool | None,
    seen: tuple[str, str, bool] | None = None,
) -> None:
    """Several of the above at once; with `seen` only if name, topic and archive are as that."""
    wanted_name = None if name is None else clean_room_name(name)
    wanted_topic = None if topic is None else clean_topic(topic)
    writer.run(Change(room_id, actor(by), wanted_name, wanted_topic, archived, seen))


def archive(room_id: int, by: User, on: bool) -> int:
    """Close a room for writing, or open it again."""
    return _seq(writer.run(Change(room_id, actor(by), archived=on)))


def delete(room_id: int, by: User) -> None:
    """Remove a room with everything in it, for everybody, at once."""
    writer.run(Delete(room_id, actor(by)))


def find(
    person: User | Actor,
    text: str,
    *,
    before: tuple[int, int] | None = None,
    most: int = FOUND_MAX,
) -> list[Room]:
    """Public rooms that somebody could join, by part of the name, the most lively first.

    `before` is the time of the last change and the id of the last room of the page before.
    """
    rooms = Room.objects.filter(kind=Room.Kind.PUBLIC, deleted_ts=None, archived_ts=None)
    mine = Membership.objects.filter(user=person.id, left_seq=None)
    rooms = rooms.exclude(pk__in=mine.values("room")).order_by("-updated_ts", "-pk")
    if before is not None:
        ts, pk = before
        rooms = rooms.filter(Q(updated_ts__lt=ts) | Q(updated_ts=ts, pk__lt=pk))
    wanted = text.strip()[:ROOM_NAME_MAX]
    if not wanted.isprintable():  # no name has such characters, and PostgreSQL takes no NUL
        return []
    if wanted:
        rooms = rooms.filter(name__icontains=wanted)
    return list(rooms[:most])


def actor(person: User) -> Actor:
    """A person as the log knows them."""
    return Actor(person.pk, person.username, person.is_guest)


def open_direct_of(by: Actor, username: str) -> int:
    """Like `open_direct`, for somebody whom only the log knows; the id of the room."""
    return writer.run(direct(by, username)).room_id


def direct(by: Actor, username: str) -> OpenDirect:
    """The operation that opens a direct conversation, as the socket submits it."""
    other = accounts.find(username)
    if other is None or not other.is_active or other.is_guest:
        raise _nobody()
    return OpenDirect(by, actor(other))


def _nobody() -> Refused:
    return Refused("not_found", "There is nobody with this name.", field="username")


def _seq(done: Done) -> int:
    return done.seq or 0
