"""Who is around somebody, and how they look from there: present, away, or gone since when.

Everything here is a fixed number of statements, whatever the number of people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from django.db.models import Q

from loopchat import rows
from loopchat.accounts import people as accounts
from loopchat.accounts.models import User
from loopchat.chat import faces
from loopchat.chat.models import Membership, Room
from loopchat.contacts import circles, privacy
from loopchat.contacts.circles import Circle
from loopchat.core.clock import now_ms
from loopchat.core.text import ROOM_NAME_MAX, name_key
from loopchat.realtime import events, presence_rows
from loopchat.realtime.models import Present

FOUND_MAX: Final = 20
"""People that a search shows."""

PEOPLE_MAX: Final = 500
"""People in `ready`."""


def find_people(asker_id: int, text: str) -> list[events.Person]:
    """People whose name begins with a text; everybody, in order, for an empty one."""
    wanted = text.strip()[:ROOM_NAME_MAX]  # no name is longer, and SQLite refuses long patterns
    if "\0" in wanted:
        return []
    named = Q(username_key__startswith=name_key(wanted)) | Q(name__istartswith=wanted)
    return with_presence(
        accounts.listed().filter(named).order_by("username_key")[:FOUND_MAX], asker_id
    )


def people_of(circle: Circle, memberships: Sequence[Membership]) -> list[events.Person]:
    """Friends, the people of direct rooms, and who shows that they are here in rooms with receipts.

    At most 500, friends first. Who has not said yes to a conversation, or wants none, looks as if
    they were not here and did not say when they were.
    """
    direct = [one.room_id for one in memberships if one.room.kind == Room.Kind.DIRECT]
    small = [one.room_id for one in memberships if one.room.has_receipts]
    beside = dict(rows.select(_people_in(), [rows.a_list(direct)])) if direct else {}
    here = rows.select(_present_in(), [rows.a_list(small)]) if small else []
    shown = {pk for pk, standing in beside.items() if standing in Membership.SEEN}
    shown |= {pk for (pk,) in here}
    ids = shown | set(beside)
    ids.discard(circle.user_id)
    wanted = [*sorted(circle.friends), *sorted(ids - circle.friends)][:PEOPLE_MAX]
    silent = ids - shown - circle.friends
    around = replace(circle, apart=circle.apart | silent) if silent else circle
    known = circle.friends | set(beside)  # of others it would say something that they are named
    found = [
        one for one in _with_presence(wanted, around) if one.state in _HERE or one.uid in known
    ]
    return sorted(found, key=lambda person: person.uid)


def with_presence(people: Iterable[User], viewer_id: int) -> list[events.Person]:
    """People, in the order given, with the state that they show to the viewer."""
    ids = [person.pk for person in people]
    seen = _with_presence(ids, circles.around(viewer_id)) if ids else []
    found = {person.uid: person for person in seen}
    return [found[pk] for pk in ids]


def _with_presence(ids: Sequence[int], circle: Circle) -> list[events.Person]:
    """Who does not show that they are here looks as if they were not."""
    if not ids:
        return []
    sight = privacy.sight(circle, ids)
    states, now = presence_rows.states_of(ids), now_ms()
    people = rows.select(
        f"SELECT {faces.COLUMNS}, person.last_seen_ts FROM {faces.TABLES}"  # noqa: S608
        f" WHERE {rows.in_list('person.id')} ORDER BY person.id",
        [rows.a_list(ids)],
    )
    return [
        events.Person(
            state=_STATES[states.get(row[0], _GONE) if row[0] in sight.online else _GONE],
            last_seen_ts=_last_seen(row[0], row[-1], sight, states),
            **faces.looks(row, now),
        )
        for row in people
    ]


def _last_seen(
    user_id: int, seen_ts: int | None, sight: privacy.Sight, states: Mapping[int, int]
) -> int | None:
    is_here = user_id in states and user_id in sight.online
    return None if is_here or user_id not in sight.last_seen else seen_ts


def _people_in() -> str:
    in_rooms = rows.in_list("room_id")
    return f"SELECT DISTINCT user_id, standing FROM chat_membership WHERE {in_rooms}"  # noqa: S608


def _present_in() -> str:
    in_rooms = rows.in_list("member.room_id")
    return (
        "SELECT DISTINCT member.user_id FROM chat_membership member"  # noqa: S608
        " JOIN realtime_present present ON present.user_id = member.user_id AND present.state > 0"
        f" WHERE {in_rooms} AND member.left_seq IS NULL AND member.standing = 'open'"
        f" LIMIT {PEOPLE_MAX + 1}"
    )


_HERE: Final = ("online", "away")
_GONE: Final = Present.State.GONE
_STATES: Final[dict[int, events.PresenceState]] = {
    Present.State.GONE: "offline",
    Present.State.AWAY: "away",
    Present.State.ONLINE: "online",
}
