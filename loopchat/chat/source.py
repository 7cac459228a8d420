"""The hub's source of truth: what it may ask the database, in database threads."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet

from loopchat.accounts import sessions
from loopchat.accounts.models import User
from loopchat.chat import log, reading
from loopchat.chat.models import Membership, Room
from loopchat.contacts import circles, privacy
from loopchat.contacts.models import Privacy
from loopchat.realtime import events
from loopchat.realtime.listener import Addition, Audience, Head, Rights
from loopchat.realtime.outbox import Entry
from loopchat.realtime.presence_rows import present

ADDITION_MAX = 500
"""Events before the join's answer that a new member still gets one by one."""


class DatabaseSource:
    """See `loopchat.realtime.listener.Source`."""

    def read(self, room_id: int, *, after: int, upto: int) -> list[Entry]:
        return log.read(room_id, after=after, upto=upto)

    def heads(self, room_ids: Collection[int]) -> dict[int, Head]:
        rooms = Room.objects.filter(pk__in=room_ids, deleted_ts=None)
        rooms = rooms.only("head", "kind", "member_count")
        return {room.pk: Head(room.head, room.has_receipts) for room in rooms}

    def behind(self, cursors: Mapping[int, int]) -> dict[int, int | None]:
        return dict(_query(_BEHIND, cursors))

    def changed(self, versions: Mapping[int, int]) -> set[int]:
        return {user_id for (user_id,) in _query(_CHANGED, versions)}

    def rights(self, user_ids: Collection[int]) -> dict[int, Rights]:
        # Versions first: what changes between the two reads is noticed by the next comparison.
        versions = dict(User.objects.filter(pk__in=user_ids).values_list("pk", "version"))
        rows = Membership.objects.filter(
            user__in=user_ids,
            left_seq=None,
            standing__in=Membership.SHOWN,
            room__deleted_ts=None,
        )
        rooms: dict[int, set[int]] = {}
        quiet: dict[int, set[int]] = {}
        for user_id, room_id, standing in rows.values_list("user_id", "room_id", "standing"):
            rooms.setdefault(user_id, set()).add(room_id)
            if standing != _OPEN:
                quiet.setdefault(user_id, set()).add(room_id)
        veils = privacy.veils(user_ids, quiet)
        return {
            user_id: Rights(version, frozenset(rooms.get(user_id, ())), veils[user_id])
            for user_id, version in versions.items()
        }

    def additions(self, user_id: int, room_ids: Collection[int]) -> list[Addition]:
        rows = reading.memberships_of(user_id, room_ids)
        added = []
        for row, summary in zip(rows, reading.summaries(rows), strict=True):
            base = max(row.joined_seq - 1, row.room.head - ADDITION_MAX)
            fields = {name: getattr(summary, name) for name in summary.__struct_fields__}
            as_of = summary.head if summary.head > base else None
            event = events.RoomAdded(**{**fields, "head": base, "as_of": as_of})
            added.append(Addition(row.room_id, base, events.encode(event)))
        return added

    def ended(self, logins: Iterable[Any]) -> dict[Any, str]:
        return dict(sessions.ended(logins))

    def audience(self, user_ids: Collection[int]) -> Audience:
        found = Audience()
        rows = Membership.objects.filter(
            user__in=user_ids,
            left_seq=None,
            standing__in=Membership.SEEN,
            room__deleted_ts=None,
        ).select_related("room")
        for row in rows.only("user_id", "room__kind", "room__member_count"):
            found.counted.add(row.room_id)
            if row.room.has_receipts:
                found.rooms.setdefault(row.user_id, set()).add(row.room_id)
        found.contacts = circles.friends_of_each(user_ids)
        found.shows = privacy.shown(user_ids)
        return found

    def online_counts(self, room_ids: Collection[int]) -> dict[int, int]:
        counts = dict(_online_in(room_ids).values_list("room_id").annotate(Count("pk")))
        return {room_id: counts.get(room_id, 0) for room_id in room_ids}

    def counted(self, room_ids: Collection[int], user_ids: Collection[int]) -> dict[int, set[int]]:
        found: dict[int, set[int]] = {}
        rows = _online_in(room_ids).filter(user__in=user_ids)
        for room_id, user_id in rows.values_list("room_id", "user_id"):
            found.setdefault(room_id, set()).add(user_id)
        return found


def _online_in(room_ids: Collection[int]) -> QuerySet[Membership]:
    """Members who are here and do not mind that everybody knows."""
    shy = Privacy.objects.exclude(online=Privacy.Audience.EVERYONE)
    rows = Membership.objects.filter(
        room__in=room_ids, left_seq=None, standing=_OPEN, user__in=present().values("user")
    )
    return rows.exclude(user__in=shy.values("user"))


_OPEN = Membership.Standing.OPEN


_PAIRS = {
    "sqlite": "json_each(%s) AS pair",
    "postgresql": "json_each_text(%s) AS pair",
}
_BEHIND = (
    "SELECT CAST(pair.key AS bigint), room.head FROM {pairs}"
    " LEFT JOIN chat_room room ON room.id = CAST(pair.key AS bigint) AND room.deleted_ts IS NULL"
    " WHERE room.id IS NULL OR room.head > CAST(pair.value AS bigint)"
)
_CHANGED = (
    "SELECT person.id FROM {pairs}"
    " JOIN accounts_user person ON person.id = CAST(pair.key AS bigint)"
    " WHERE person.version <> CAST(pair.value AS bigint)"
)


def _query(sql: str, pairs: Mapping[int, int]) -> list[tuple[Any, ...]]:
    """One indexed statement with all pairs as one parameter."""
    with connection.cursor() as cursor:
        cursor.execute(sql.format(pairs=_PAIRS[connection.vendor]), [json.dumps(pairs)])
        return list(cursor.fetchall())
