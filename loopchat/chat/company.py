"""Who else is in a room, as far as its summary says it: bots, and names for what has no name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from loopchat import rows
from loopchat.chat.models import Room

NAMED_MAX: Final = 3
"""People named in place of a group's name."""

_OTHERS: Final = (
    "FROM chat_membership member JOIN accounts_user person ON person.id = member.user_id"
    " WHERE member.left_seq IS NULL AND member.user_id <> %s AND "
)


def bots_in(rooms: Iterable[Room], but: int) -> dict[int, list[int]]:
    """The bots of each room that has receipts, which nobody waits for; directs tell their peer."""
    wanted = [room.pk for room in rooms if room.has_receipts and room.kind != Room.Kind.DIRECT]
    found: dict[int, list[int]] = {}
    if not wanted:
        return found
    sql = f"SELECT member.room_id, person.id {_OTHERS}{rows.in_list('member.room_id')}"
    sql += " AND person.is_bot ORDER BY person.id"
    for room_id, user_id in rows.select(sql, [but, rows.a_list(wanted)]):
        found.setdefault(room_id, []).append(user_id)
    return found


def others_in(rooms: Iterable[Room], but: int) -> dict[int, list[str]]:
    """Some other members of each group without a name, who has been there longest first."""
    wanted = [room.pk for room in rooms if room.kind == Room.Kind.GROUP and not room.name]
    found: dict[int, list[str]] = {}
    if not wanted:
        return found
    sql = f"SELECT member.room_id, person.name, person.username {_OTHERS}"
    sql += f"{rows.in_list('member.room_id')} ORDER BY member.joined_seq, member.id"
    for room_id, name, username in rows.select(sql, [but, rows.a_list(wanted)]):
        named = found.setdefault(room_id, [])
        if len(named) < NAMED_MAX:
            named.append(name or username)
    return found


def called(name: str, others: list[str] | None) -> str:
    """The name of a room, or "ben, carla" of who else is there; empty if nobody is."""
    return name or ", ".join(others or ())
