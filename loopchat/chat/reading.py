"""What a person can see: their rooms, the people around them, who is in a room.

Everything here is a fixed number of statements, whatever the number of rooms or messages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
from django.db.models import Exists, Q

from loopchat import rows
from loopchat.accounts.models import User
from loopchat.chat import access, company, faces, log, nearby, wire
from loopchat.chat.ledger import Actor
from loopchat.chat.models import Draft, Membership, Message, Preferences, Room
from loopchat.contacts import circles, privacy
from loopchat.contacts.models import Privacy
from loopchat.core.errors import Refused
from loopchat.core.text import name_key
from loopchat.realtime import events


class Overview(msgspec.Struct, frozen=True):
    """The rooms of a person and the people whose presence matters to them."""

    rooms: list[events.RoomSummary]
    people: list[events.Person]
    contacts: list[events.ContactState]


@dataclass(frozen=True, slots=True)
class MemberPage:
    """Some of the people in a room."""

    members: list[events.Member]
    count: int
    """How many there are in all."""
    next: str | None
    """What the next page comes after, if there is one."""


MEMBERS_MAX: Final = 100
"""People in a page of members."""


def overview(person: User | Actor) -> Overview:
    """What `ready` says to a new socket of this person."""
    rows = memberships_of(person.id)
    circle = circles.around(person.id)
    return Overview(summaries(rows), nearby.people_of(circle, rows), circle.contacts)


def memberships_of(user_id: int, room_ids: Iterable[int] | None = None) -> list[Membership]:
    """The active memberships of a person with rooms and last messages, the newest room first."""
    where = "user_id = %s AND left_seq IS NULL AND standing IN ('open', 'request')"
    parameters: list[object] = [user_id]
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


def preferences_of(user_id: int, shown: Privacy | None = None) -> events.PreferencesState:
    """How a person wants it; `shown` is what they show, when that is known already."""
    found = rows.fetch(Preferences, "user_id = %s", [user_id])
    row = found[0] if found else Preferences(user_id=user_id)
    return events.PreferencesState(
        receipts=(shown or privacy.of(user_id)).receipts != Privacy.Audience.NOBODY,
        client=msgspec.Raw(row.client.encode()),
    )


def _extras(memberships: Sequence[Membership]) -> dict[int, wire.Extras]:
    """Mentions that wait, pins and drafts, for all rooms at once."""
    if not memberships:
        return {}
    user_id = memberships[0].user_id
    wanted = rows.a_list(one.room_id for one in memberships)
    named = Counter(room for (room,) in rows.select(_UNSEEN_MENTIONS, [user_id]))
    named.update(room for (room,) in rows.select(_UNSEEN_FOR_ALL, [user_id] * 3))
    in_rooms = rows.in_list("room_id")
    pinned = dict(
        rows.select(
            f"SELECT room_id, COUNT(*) FROM chat_pin WHERE {in_rooms} GROUP BY room_id",  # noqa: S608
            [wanted],
        )
    )
    drafts = {draft.room_id: draft for draft in rows.fetch(Draft, "user_id = %s", [user_id])}
    bots = company.bots_in((one.room for one in memberships), user_id)
    others = company.others_in((one.room for one in memberships), user_id)
    return {
        room: wire.Extras(
            mentions=named[room],
            pinned=pinned.get(room, 0),
            draft=_draft(drafts.get(room)),
            bots=bots.get(room),
            others=others.get(room),
        )
        for room in (one.room_id for one in memberships)
    }


_UNSEEN_MENTIONS: Final = (
    "SELECT mention.room_id FROM chat_mention mention JOIN chat_membership mine"
    " ON mine.room_id = mention.room_id AND mine.user_id = mention.user_id"
    " WHERE mine.user_id = %s AND mine.left_seq IS NULL AND mine.standing = 'open'"
    " AND mention.seq > mine.read_seq"
)
_UNSEEN_FOR_ALL: Final = (
    "SELECT message.room_id FROM chat_membership mine JOIN chat_message message"
    " ON message.room_id = mine.room_id AND message.is_for_all AND message.seq > mine.read_seq"
    " WHERE mine.user_id = %s AND mine.left_seq IS NULL AND mine.standing = 'open'"
    " AND message.author_id <> %s AND message.author_id NOT IN"
    " (SELECT blocked_id FROM contacts_block WHERE owner_id = %s)"
)


def _draft(row: Draft | None) -> events.DraftText | None:
    return None if row is None else events.DraftText(row.body, row.ts, row.reply_to)


def summary(person: User | Actor, room_id: int) -> events.RoomSummary:
    """One room of a person."""
    found = memberships_of(person.id, [room_id])
    if not found:
        raise access.not_found()
    return summaries(found)[0]


def members(
    person: User, room_id: int, *, text: str = "", after: str = "", limit: int = MEMBERS_MAX
) -> MemberPage:
    """Who is in a room, owners first; for its members, and for public rooms everybody.

    `text` is a part of a name; `after` is the `next` of the page before.
    """
    room = visible_room(person.pk, room_id)
    found = Membership.objects.filter(room=room, left_seq=None).annotate(weight=access.ranked())
    if text:
        key = name_key(text)
        found = found.filter(Q(user__username_key__contains=key) | Q(user__name__icontains=text))
    if after:
        weight, key = _place(after)
        behind = Q(weight=weight, user__username_key__gt=key)
        found = found.filter(Q(weight__lt=weight) | behind)
    ordered = found.order_by("-weight", "user__username_key").select_related("user__profile")
    rows = list(ordered[: limit + 1])
    looks = ((m, faces.looks_of(m.user)) for m in rows[:limit])
    shown = [events.Member(**{**look, "name": m.user.name}, role=m.role) for m, look in looks]
    last = rows[limit - 1] if len(rows) > limit else None
    then = None if last is None else f"{access.rank(last.role)}-{last.user.username_key}"
    return MemberPage(shown, room.member_count, then)


def _place(after: str) -> tuple[int, str]:
    """Where a page ended: what the role weighs, and the key of the name."""
    weight, dash, key = after.partition("-")
    if not (dash and weight in ("0", "1", "2") and key.isprintable()):
        raise Refused("bad_request", "Take what `next` of the page before says.", field="after")
    return int(weight), key


def cursors_of(user_id: int, room_id: int) -> list[events.MemberCursor]:
    """Where the other members of a room of this person are, as far as they and this person tell.

    Nothing in rooms without receipts.
    """
    mine = Membership.objects.filter(room=room_id, user=user_id)
    membership = mine.select_related("room").first()
    if membership is None or not membership.is_shown:
        raise access.not_found()
    if not membership.room.has_receipts:
        return []
    found = Membership.objects.filter(room=room_id, left_seq=None, standing=_OPEN)
    others = [row for row in found if row.user_id != user_id]
    telling = privacy.telling_receipts(user_id, [row.user_id for row in others])
    return [
        events.MemberCursor(row.user_id, row.read_seq, row.delivered_seq)
        for row in others
        if row.user_id in telling
    ]


_OPEN: Final = Membership.Standing.OPEN


def visible_room(user_id: int, room_id: int) -> Room:
    """A room that this person may know of: their own, or a public one (of which guests do not)."""
    mine = Membership.objects.filter(user=user_id, left_seq=None, standing__in=Membership.SHOWN)
    at_home = Exists(User.objects.filter(pk=user_id, is_guest=False))
    known = Q(at_home, kind=Room.Kind.PUBLIC) | Q(pk__in=mine.values("room"))
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
        f"SELECT member.room_id, {faces.COLUMNS} FROM {faces.TABLES}"  # noqa: S608
        " JOIN chat_membership member ON member.user_id = person.id"
        f" WHERE {rows.in_list('member.room_id')}",
        [rows.a_list(direct)],
    )
    for room_id, *row in both:
        if row[0] != direct[room_id] or room_id not in found:
            found[room_id] = faces.peer(row)
    return found


def _visible_last(row: Membership) -> Message | None:
    last = row.room.last_message
    if last is None or last.seq < access.first_visible(row.room, row):
        return None
    return last
