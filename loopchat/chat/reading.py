"""What a person can see: their rooms, the people around them, who is in a room.

Everything here is a fixed number of statements, whatever the number of rooms or messages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from django.db.models import Max, OuterRef, Q, Subquery

from loopchat.accounts.models import User
from loopchat.chat import access, log, wire
from loopchat.chat.ledger import Actor
from loopchat.chat.models import Draft, Membership, Mention, Message, Pin, Preferences, Room
from loopchat.core.text import name_key
from loopchat.realtime import events
from loopchat.realtime.models import Present
from loopchat.realtime.presence_rows import present

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
    rows = Membership.objects.filter(user=user_id, left_seq=None, room__deleted_ts=None)
    if room_ids is not None:
        rows = rows.filter(room__in=list(room_ids))
    return list(rows.select_related("room", "room__last_message").order_by("-room__updated_ts"))


def summaries(rows: Sequence[Membership]) -> list[events.RoomSummary]:
    """The rooms of these memberships as their person sees them."""
    peers = _peers(rows)
    lasts = {row.room_id: _visible_last(row) for row in rows}
    names = log.names_of({last.author_id for last in lasts.values() if last is not None})
    extras = _extras(rows)
    return [
        wire.summary(
            row,
            peer=peers.get(row.room_id),
            last=lasts[row.room_id],
            names=names,
            extras=extras[row.room_id],
        )
        for row in rows
    ]


def find_people(text: str) -> list[events.Person]:
    """People whose name begins with a text; everybody, in order, for an empty one."""
    key = name_key(text.strip())
    rows = User.objects.filter(is_active=True)
    named = Q(username_key__startswith=key) | Q(name__istartswith=text.strip())
    return with_presence(rows.filter(named).order_by("username_key")[:FOUND_MAX])


def preferences_of(user_id: int) -> events.PreferencesState:
    """How a person wants it."""
    row = Preferences.objects.filter(user=user_id).first() or Preferences(user_id=user_id)
    return events.PreferencesState(
        receipts=row.shows_receipts, client=msgspec.Raw(row.client.encode())
    )


def _extras(rows: Sequence[Membership]) -> dict[int, wire.Extras]:
    """Mentions that wait, pins and drafts, for all rooms at once."""
    if not rows:
        return {}
    user_id = rows[0].user_id
    ids = [row.room_id for row in rows]
    waiting = Membership.objects.filter(user=user_id, room=OuterRef("room")).values("read_seq")
    unseen = Q(room__in=ids, seq__gt=Subquery(waiting))
    named = Counter(Mention.objects.filter(unseen, user=user_id).values_list("room_id", flat=True))
    for_all = Message.objects.filter(unseen, is_for_all=True).exclude(author=user_id)
    named.update(for_all.values_list("room_id", flat=True))
    pinned = Counter(Pin.objects.filter(room__in=ids).values_list("room_id", flat=True))
    drafts = {draft.room_id: draft for draft in Draft.objects.filter(user=user_id, room__in=ids)}
    return {
        room_id: wire.Extras(named[room_id], pinned[room_id], _draft(drafts.get(room_id)))
        for room_id in ids
    }


def _draft(row: Draft | None) -> events.DraftText | None:
    return None if row is None else events.DraftText(row.body, row.ts, row.reply_to)


def summary(person: User | Actor, room_id: int) -> events.RoomSummary:
    """One room of a person."""
    rows = memberships_of(person.id, [room_id])
    if not rows:
        raise access.not_found()
    return summaries(rows)[0]


def people_of(user_id: int, rows: Sequence[Membership]) -> list[events.Person]:
    """The people of direct rooms, and who is online in the rooms with receipts; at most 500."""
    direct = [row.room_id for row in rows if row.room.kind == Room.Kind.DIRECT]
    small = [row.room_id for row in rows if row.room.has_receipts]
    peers = Membership.objects.filter(room__in=direct)
    there = Membership.objects.filter(
        room__in=small, left_seq=None, user__in=present().values("user")
    )
    mine = Q(pk__in=peers.values("user")) | Q(pk__in=there.values("user"))
    found = User.objects.filter(mine).exclude(pk=user_id).order_by("pk")
    return with_presence(found[:PEOPLE_MAX])


def with_presence(people: Iterable[User]) -> list[events.Person]:
    """People with the state that the presence rows give them."""
    found = list(people)
    rows = present().filter(user__in=[person.pk for person in found])
    states = dict(rows.values_list("user").annotate(Max("state")))
    return [
        events.Person(
            uid=person.pk,
            username=person.username,
            name=person.name or None,
            state=_STATES[states.get(person.pk, Present.State.GONE)],
            last_seen_ts=None if person.pk in states else person.last_seen_ts,
        )
        for person in found
    ]


def members(person: User, room_id: int) -> list[Member]:
    """Who is in a room, owners first; for its members, and for public rooms everybody."""
    room = visible_room(person.pk, room_id)
    rows = Membership.objects.filter(room=room, left_seq=None).select_related("user")
    rank = {Membership.Role.OWNER: 0, Membership.Role.MODERATOR: 1, Membership.Role.MEMBER: 2}
    found = sorted(rows, key=lambda m: (rank[Membership.Role(m.role)], m.user.username_key))
    return [Member(m.user_id, m.user.username, m.user.name, m.role) for m in found]


_STATES: Final[dict[int, events.PresenceState]] = {
    Present.State.GONE: "offline",
    Present.State.AWAY: "away",
    Present.State.ONLINE: "online",
}


def visible_room(user_id: int, room_id: int) -> Room:
    """A room that this person may know of: their own, or a public one."""
    rows = Membership.objects.filter(user=user_id, left_seq=None)
    known = Q(kind=Room.Kind.PUBLIC) | Q(pk__in=rows.values("room"))
    room = Room.objects.filter(known, pk=room_id, deleted_ts=None).first()
    if room is None:
        raise access.not_found()
    return room


def _peers(rows: Sequence[Membership]) -> dict[int, events.Peer]:
    """The other person of each direct room; oneself in a conversation with oneself."""
    direct = {row.room_id: row.user_id for row in rows if row.room.kind == Room.Kind.DIRECT}
    if not direct:
        return {}
    found: dict[int, events.Peer] = {}
    both = Membership.objects.filter(room__in=list(direct)).select_related("user")
    for row in both:
        if row.user_id != direct[row.room_id] or row.room_id not in found:
            found[row.room_id] = events.Peer(row.user_id, row.user.username, row.user.name or None)
    return found


def _visible_last(row: Membership) -> Message | None:
    last = row.room.last_message
    if last is None or last.seq < access.first_visible(row.room, row):
        return None
    return last
