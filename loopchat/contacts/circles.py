"""The people around somebody: friends, requests, blocks, in one statement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from django.db import connection
from django.db.models import Q

from loopchat.contacts.models import Friendship
from loopchat.realtime import events

ASKING_MAX: Final = 100
"""Requests to one person that are shown, the newest."""


@dataclass(slots=True)
class Circle:
    """Everybody who is something to a person."""

    user_id: int
    friends: frozenset[int] = frozenset()
    apart: frozenset[int] = frozenset()
    """Whom they block, and who blocks them: the latter nobody is ever told."""
    contacts: list[events.ContactState] = field(default_factory=list)
    """What the person themselves may know of it."""


def around(user_id: int) -> Circle:
    """The circle of a person."""
    friends: set[int] = set()
    apart: set[int] = set()
    known: dict[int, events.ContactState] = {}
    with connection.cursor() as cursor:
        cursor.execute(_AROUND, [user_id] * _AROUND.count("%s"))
        rows = cursor.fetchall()
    for kind, uid, username, name, note in rows:
        if kind == "friend":
            friends.add(uid)
        if kind in ("blocked", "blocker"):
            apart.add(uid)
        if kind != "blocker":
            known[uid] = events.ContactState(
                uid=uid,
                username=username,
                name=name or None,
                friend=kind == "friend",
                request=kind if kind in ("in", "out") else None,
                note=note or None,
                blocked=kind == "blocked",
            )
    return Circle(user_id, frozenset(friends), frozenset(apart), list(known.values()))


def friends_of_each(user_ids: Iterable[int]) -> dict[int, set[int]]:
    """The friends of each of these people, in one query."""
    wanted = set(user_ids)
    found: dict[int, set[int]] = {}
    rows = Friendship.objects.filter(Q(first__in=wanted) | Q(second__in=wanted))
    for first, second in rows.values_list("first_id", "second_id"):
        found.setdefault(first, set()).add(second)
        found.setdefault(second, set()).add(first)
    return {user_id: found[user_id] for user_id in wanted if user_id in found}


_AROUND: Final = f"""
SELECT tie.kind, person.id, person.username, person.name, tie.note FROM (
  SELECT 'friend' AS kind, second_id AS other, '' AS note
    FROM contacts_friendship WHERE first_id = %s
  UNION ALL SELECT 'friend', first_id, '' FROM contacts_friendship WHERE second_id = %s
  UNION ALL SELECT 'out', receiver_id, note FROM contacts_friendrequest
    WHERE sender_id = %s AND NOT is_withdrawn
  UNION ALL SELECT * FROM (SELECT 'in', sender_id, note FROM contacts_friendrequest
    WHERE receiver_id = %s AND rejected_at IS NULL ORDER BY id DESC LIMIT {ASKING_MAX}) AS newest
  UNION ALL SELECT 'blocked', blocked_id, '' FROM contacts_block WHERE owner_id = %s
  UNION ALL SELECT 'blocker', owner_id, '' FROM contacts_block WHERE blocked_id = %s
) AS tie JOIN accounts_user person ON person.id = tie.other
ORDER BY person.username_key
"""  # noqa: S608 - a number of ours
