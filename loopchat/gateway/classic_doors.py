"""Which room a classic address means, and the way into it."""

from __future__ import annotations

from loopchat.accounts import people
from loopchat.accounts.grants import Grant
from loopchat.chat import access, reading, rooms
from loopchat.chat.doors import Join
from loopchat.chat.ledger import Actor
from loopchat.chat.models import Room
from loopchat.chat.writer import writer
from loopchat.core.errors import Refused
from loopchat.core.fields import MAX_INT
from loopchat.core.text import name_key


def find(actor: Actor, grant: Grant, *, room_id: int = 0, slug: str = "", pair: str = "") -> int:
    """The id of the room, which is the person's from now on: a public one is joined."""
    if pair:
        return _direct(actor, grant, pair)
    room = _visible(actor, room_id, slug)
    grant.admit_room(room.pk)
    if not reading.memberships_of(actor.id, [room.pk]):
        grant.admit_writing()
        writer.run(Join(room.pk, actor))
    return room.pk


def _visible(actor: Actor, room_id: int, slug: str) -> Room:
    if slug:
        found = Room.objects.filter(slug=slug, deleted_ts=None).values_list("pk", flat=True)
        room_id = found.first() or 0
    if not 1 <= room_id <= MAX_INT:
        raise access.not_found()
    return reading.visible_room(actor.id, room_id)


def _direct(actor: Actor, grant: Grant, pair: str) -> int:
    """Opened as by `open_direct`. A token that allows less has to know the room already."""
    if grant.is_limited:
        grant.admit_anything()
        grant.admit_writing()
    return rooms.open_direct_of(actor, other_of(actor.username, pair))


def other_of(mine: str, pair: str) -> str:
    """Whom `me_other` or `other_me` means. Names may have `_` in them, so it may be read in two
    ways; then the one counts in which the names are in order."""
    me = name_key(mine)
    read: dict[str, bool] = {}
    for at, sign in enumerate(pair):
        first, second = pair[:at], pair[at + 1 :]
        if sign != "_" or me not in (name_key(first), name_key(second)):
            continue
        other = second if name_key(first) == me else first
        if people.find(other) is not None:
            is_sorted = name_key(first) <= name_key(second)
            read[other] = read.get(other, False) or is_sorted
    if len(read) > 1:
        read = {other: True for other, is_sorted in read.items() if is_sorted}
    if len(read) != 1:
        raise Refused("not_found", "There is no such conversation.")
    return next(iter(read))
