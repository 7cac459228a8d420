"""What a person can see: their rooms, the people around them, who is in a room.

Everything here is a fixed number of statements, whatever the number of rooms or messages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from django.db.models import Q

from loopchat.accounts.models import User
from loopchat.chat import access, cursors, log, rows, wire
from loopchat.chat.ledger import Actor
from loopchat.chat.models import Draft, Membership, Message, Preferences, Room
from loopchat.core.text import ROOM_NAME_MAX, name_key
from loopchat.realtime import events, presence_rows
from loopchat.realtime.models import Present

FOUND_MAX: Final = 20
"""People that a search shows."""

PEOPLE_MAX: Final = 500
"""People in `ready`."""


class Overview(msgspec.Struct, frozen=True):
    """The rooms of a person and the people whose presence matters to them."""

    rooms: list[events.RoomSummary]
    people: list[events.Person]


class Member(msgspec.Struct, frozen=True):
    """Somebody in a room."""

    uid: int
    username: str
    name: str
    role: str


def overview(person: User) -> Overview:
    """What `ready` says to a new socket of this person."""
    rows = memberships_of(person.pk)
    return Overview(summaries(rows), people_of(person.pk, rows))


def memberships_of(user_id: int, room_ids: Iterable[int] | None = None) -> list[Membership]:
    """The active memberships of a person with rooms and last messages, the newest room first."""
    where, parameters = "user_id = %s AND left_seq IS NULL", [user_id]
    if room_ids is not None:
        where += f" AND {rows.in_list('room_id')}"
        parameters.append(rows.a_list(room_ids))
    memberships = rows.fetch(Membership, where, parameters)
    there = f"{rows.in_list('id')} AND deleted_ts IS NULL"
    wanted = rows.a_list(membership.room_id for membership in memberships)
    rooms = {room.pk: room for room in rows.fetch(Room, there, [wanted])}
    last_ids = rows.a_list(room.last_message_id for room in rooms.values() if room.last_message_id)
    lasts = {row.pk: row for row in rows.fetch(Message, rows.in_list("id"), [last_ids])}
    for room in rooms.values():
        room.last_message = lasts.get(room.last_message_id or 0)
    found = [membership for membership in memberships if membership.room_id in rooms]
    for membership in found:
        membership.room = rooms[membership.room_id]
    return sorted(found, key=lambda membership: -membership.room.updated_ts)


def summaries(memberships: Sequence[Membership]) -> list[events.RoomSummary]:
    """The rooms of these memberships as their person sees them."""
    peers = _peers(memberships)
    lasts = {one.room_id: _visible_last(one) for one in memberships}
    names = log.names_of({last.author_id for last in lasts.values() if last is not None})
    extras = _extras(memberships)
    return [
        wire.summary(
            one,
            peer=peers.get(one.room_id),
            last=lasts[one.room_id],
            names=names,
            extras=extras[one.room_id],
        )
        for one in memberships
    ]


def find_people(text: str) -> list[events.Person]:
    """People whose name begins with a text; everybody, in order, for an empty one."""
    wanted = text.strip()[:ROOM_NAME_MAX]  # no name is longer, and SQLite refuses long patterns
    if "\0" in wanted:
        return []
    people = User.objects.filter(is_active=True)
    named = Q(username_key__startswith=name_key(wanted)) | Q(name__istartswith=wanted)
    return with_presence(people.filter(named).order_by("username_key")[:FOUND_MAX])


def preferences_of(user_id: int) -> events.PreferencesState:
    """How a person wants it."""
    found = rows.fetch(Preferences, "user_id = %s", [user_id])
    row = found[0] if found else Preferences(user_id=user_id)
    return events.PreferencesState(
        receipts=row.shows_receipts, client=msgspec.Raw(row.client.encode())
    )


def _extras(memberships: Sequence[Membership]) -> dict[int, wire.Extras]:
    """Mentions that wait, pins and drafts, for all rooms at once."""
    if not memberships:
        return {}
    user_id = memberships[0].user_id
    wanted = rows.a_list(one.room_id for one in memberships)
    named = Counter(room for (room,) in rows.select(_UNSEEN_MENTIONS, [user_id]))
    named.update(room for (room,) in rows.select(_UNSEEN_FOR_ALL, [user_id, user_id]))
    in_rooms = rows.in_list("room_id")
    pinned = dict(
        rows.select(
            f"SELECT room_id, COUNT(*) FROM chat_pin WHERE {in_rooms} GROUP BY room_id",  # noqa: S608
            [wanted],
        )
    )
    drafts = {draft.room_id: draft for draft in rows.fetch(Draft, "user_id = %s", [user_id])}
    return {
        one.room_id: wire.Extras(
            named[one.room_id], pinned.get(one.room_id, 0), _draft(drafts.get(one.room_id))
        )
        for one in memberships
    }


_UNSEEN_MENTIONS: Final = (
    "SELECT mention.room_id FROM chat_mention mention JOIN chat_membership mine"
    " ON mine.room_id = mention.room_id AND mine.user_id = mention.user_id"
    " WHERE mine.user_id = %s AND mine.left_seq IS NULL AND mention.seq > mine.read_seq"
)
_UNSEEN_FOR_ALL: Final = (
    "SELECT message.room_id FROM chat_membership mine JOIN chat_message message"
    " ON message.room_id = mine.room_id AND message.is_for_all AND message.seq > mine.read_seq"
    " WHERE mine.user_id = %s AND mine.left_seq IS NULL AND message.author_id <> %s"
)


def _draft(row: Draft | None) -> events.DraftText | None:
    return None if row is None else events.DraftText(row.body, row.ts, row.reply_to)


def summary(person: User | Actor, room_id: int) -> events.RoomSummary:
    """One room of a person."""
    found = memberships_of(person.id, [room_id])
    if not found:
        raise access.not_found()
    return summaries(found)[0]


def people_of(user_id: int, memberships: Sequence[Membership]) -> list[events.Person]:
    """The people of direct rooms, and who is online in the rooms with receipts; at most 500."""
    direct = [one.room_id for one in memberships if one.room.kind == Room.Kind.DIRECT]
    small = [one.room_id for one in memberships if one.room.has_receipts]
    ids: set[int] = set()
    if direct:
        ids.update(pk for (pk,) in rows.select(_people_in(), [rows.a_list(direct)]))
    if small:
        ids.update(pk for (pk,) in rows.select(_present_in(), [rows.a_list(small)]))
    ids.discard(user_id)
    return _with_presence(sorted(ids)[:PEOPLE_MAX])


def with_presence(people: Iterable[User]) -> list[events.Person]:
    """People, in the order given, with the state that the presence rows give them."""
    ids = [person.pk for person in people]
    found = {person.uid: person for person in _with_presence(ids)}
    return [found[pk] for pk in ids]


def _with_presence(ids: Sequence[int]) -> list[events.Person]:
    if not ids:
        return []
    states = presence_rows.states_of(ids)
    people = rows.select(
        "SELECT id, username, name, last_seen_ts FROM accounts_user"  # noqa: S608
        f" WHERE {rows.in_list('id')} ORDER BY id",
        [rows.a_list(ids)],
    )
    return [
        events.Person(
            uid=pk,
            username=username,
            name=name or None,
            state=_STATES[states.get(pk, Present.State.GONE)],
            last_seen_ts=None if pk in states else last_seen_ts,
        )
        for pk, username, name, last_seen_ts in people
    ]


def _people_in() -> str:
    in_rooms = rows.in_list("room_id")
    return f"SELECT DISTINCT user_id FROM chat_membership WHERE {in_rooms}"  # noqa: S608


def _present_in() -> str:
    in_rooms = rows.in_list("member.room_id")
    return (
        "SELECT DISTINCT member.user_id FROM chat_membership member"  # noqa: S608
        " JOIN realtime_present present ON present.user_id = member.user_id AND present.state > 0"
        f" WHERE {in_rooms} AND member.left_seq IS NULL LIMIT {PEOPLE_MAX + 1}"
    )


def members(person: User, room_id: int) -> list[Member]:
    """Who is in a room, owners first; for its members, and for public rooms everybody."""
    room = visible_room(person.pk, room_id)
    found = Membership.objects.filter(room=room, left_seq=None).select_related("user")
    rank = {Membership.Role.OWNER: 0, Membership.Role.MODERATOR: 1, Membership.Role.MEMBER: 2}
    ordered = sorted(found, key=lambda m: (rank[Membership.Role(m.role)], m.user.username_key))
    return [Member(m.user_id, m.user.username, m.user.name, m.role) for m in ordered]


def cursors_of(user_id: int, room_id: int) -> list[events.MemberCursor]:
    """Where the other members of a room of this person are, as far as they and this person tell.

    Nothing in rooms without receipts.
    """
    mine = Membership.objects.filter(room=room_id, user=user_id, left_seq=None)
    membership = mine.select_related("room").first()
    if membership is None:
        raise access.not_found()
    if not membership.room.has_receipts:
        return []
    found = Membership.objects.filter(room=room_id, left_seq=None)
    silent = cursors.silent_people(row.user_id for row in found)
    if user_id in silent:
        return []
    others = [row for row in found if row.user_id not in silent | {user_id}]
    return [events.MemberCursor(row.user_id, row.read_seq, row.delivered_seq) for row in others]


_STATES: Final[dict[int, events.PresenceState]] = {
    Present.State.GONE: "offline",
    Present.State.AWAY: "away",
    Present.State.ONLINE: "online",
}


def visible_room(user_id: int, room_id: int) -> Room:
    """A room that this person may know of: their own, or a public one."""
    mine = Membership.objects.filter(user=user_id, left_seq=None)
    known = Q(kind=Room.Kind.PUBLIC) | Q(pk__in=mine.values("room"))
    room = Room.objects.filter(known, pk=room_id, deleted_ts=None).first()
    if room is None:
        raise access.not_found()
    return room


def _peers(memberships: Sequence[Membership]) -> dict[int, events.Peer]:
    """The other person of each direct room; oneself in a conversation with oneself."""
    direct = {m.room_id: m.user_id for m in memberships if m.room.kind == Room.Kind.DIRECT}
    if not direct:
        return {}
    found: dict[int, events.Peer] = {}
    both = rows.select(
        "SELECT member.room_id, person.id, person.username, person.name"  # noqa: S608
        " FROM chat_membership member JOIN accounts_user person ON person.id = member.user_id"
        f" WHERE {rows.in_list('member.room_id')}",
        [rows.a_list(direct)],
    )
    for room_id, uid, username, name in both:
        if uid != direct[room_id] or room_id not in found:
            found[room_id] = events.Peer(uid, username, name or None)
    return found


def _visible_last(row: Membership) -> Message | None:
    last = row.room.last_message
    if last is None or last.seq < access.first_visible(row.room, row):
        return None
    return last
