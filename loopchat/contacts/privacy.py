"""What people show of themselves: when they were seen last, whether they are here, what they read.

All of it goes both ways: two people see something of each other when both show it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final, cast

from django.db import transaction

from loopchat import rows
from loopchat.accounts import people as accounts
from loopchat.contacts import blocks, circles, pairs, telling
from loopchat.contacts.models import Privacy
from loopchat.core.errors import Refused
from loopchat.realtime import events
from loopchat.realtime.veil import CLEAR, Showing, Veil, meet

_SILENT: Final = Privacy()
"""What everybody shows who has said nothing about it."""


@dataclass(frozen=True, slots=True)
class Sight:
    """Which of some people one viewer sees online, and of which when they were here last."""

    online: frozenset[int]
    last_seen: frozenset[int]


def of(user_id: int) -> Privacy:
    """What somebody shows; everything to everybody unless they said otherwise."""
    found = rows.fetch(Privacy, "user_id = %s", [user_id])
    return found[0] if found else Privacy(user_id=user_id)


def state(row: Privacy) -> events.PrivacyState:
    """The same as clients are told it."""
    return events.PrivacyState(
        last_seen=row.last_seen, online=row.online, receipts=row.receipts, write=row.write
    )


def change(
    user_id: int,
    *,
    last_seen: str | None = None,
    online: str | None = None,
    receipts: str | None = None,
    write: str | None = None,
) -> Privacy:
    """Change what is given; all of it as it is now. The person's own devices are told."""
    shown = {"last_seen": last_seen, "online": online, "receipts": receipts}
    for field, value in shown.items():
        if value is not None and value not in Privacy.Audience.values:
            raise Refused("bad_request", "Say everyone, friends or nobody.", field=field)
    if write is not None and write not in Privacy.Writers.values:
        raise Refused("bad_request", "Say everyone, rooms or friends.", field="write")
    wanted = {name: value for name, value in (shown | {"write": write}).items() if value}
    with transaction.atomic():
        row, _ = Privacy.objects.get_or_create(user_id=user_id)
        for name, value in wanted.items():
            setattr(row, name, value)
        row.save(update_fields=list(wanted))
        now = state(row)
        told = events.Privacy(
            last_seen=now.last_seen, online=now.online, receipts=now.receipts, write=now.write
        )
        telling.tell(user_id, told)
        accounts.changed([user_id])
    return row


def stored(user_ids: Iterable[int]) -> dict[int, Privacy]:
    """Those of these people who have said anything about it."""
    wanted = rows.a_list(set(user_ids))
    return {row.user_id: row for row in rows.fetch(Privacy, rows.in_list("user_id"), [wanted])}


def sight(circle: circles.Circle, user_ids: Collection[int]) -> Sight:
    """What the person of a circle sees of some people. One query."""
    said = stored({circle.user_id, *user_ids})
    mine = said.get(circle.user_id) or _SILENT
    online: set[int] = set()
    last_seen: set[int] = set()
    for user_id in user_ids:
        if user_id in circle.apart:
            continue
        theirs = said.get(user_id) or _SILENT
        is_friend = user_id in circle.friends
        if user_id == circle.user_id or _meet(mine.online, theirs.online, is_friend):
            online.add(user_id)
        if user_id == circle.user_id or _meet(mine.last_seen, theirs.last_seen, is_friend):
            last_seen.add(user_id)
    return Sight(frozenset(online), frozenset(last_seen))


def shown(user_ids: Collection[int]) -> dict[int, tuple[Showing, Showing]]:
    """To whom these people show that they are here, and when they were; of those not to all."""
    said = Privacy.objects.filter(user__in=user_ids)
    levels = said.values_list("user_id", "online", "last_seen")
    return {pk: (cast(Showing, one), cast(Showing, two)) for pk, one, two in levels}


def receipts_to(user_ids: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """To whom those of these people show their receipts who do not show them to everybody."""
    said = Privacy.objects.exclude(receipts=Privacy.Audience.EVERYONE)
    levels = dict(said.filter(user__in=set(user_ids)).values_list("user_id", "receipts"))
    choosy = [pk for pk, level in levels.items() if level == Privacy.Audience.FRIENDS]
    friends = circles.friends_of_each(choosy) if choosy else {}
    return {user_id: tuple(friends.get(user_id, ())) for user_id in levels}


def telling_receipts(viewer_id: int, user_ids: Collection[int]) -> set[int]:
    """Those of these people of whom a viewer sees what they have read. Three queries at most.

    Of two who are apart by a block neither sees it of the other.
    """
    apart = blocks.apart_from([viewer_id]).get(viewer_id, set())
    said = stored({viewer_id, *user_ids})
    mine = said.get(viewer_id) or _SILENT
    choosy = any(row.receipts == Privacy.Audience.FRIENDS for row in said.values())
    friends = pairs.friends_of(viewer_id, user_ids) if choosy else set()
    friends.add(viewer_id)  # nobody is further from themselves than that
    found = {user_id: said.get(user_id) or _SILENT for user_id in user_ids}
    return {
        user_id
        for user_id, theirs in found.items()
        if user_id not in apart and _meet(mine.receipts, theirs.receipts, user_id in friends)
    }


def veil(row: Privacy, circle: circles.Circle, quiet: Iterable[int] = ()) -> Veil:
    """What the hub has to know of one person; `quiet` are rooms that wait for their yes."""
    return _veil(row, frozenset(circle.apart), circle.friends, quiet)


def veils(user_ids: Collection[int], quiet: dict[int, set[int]]) -> dict[int, Veil]:
    """The same for some people: three queries, whatever their number."""
    said = stored(user_ids)
    apart = blocks.apart_from(user_ids)
    choosy = [pk for pk, row in said.items() if row.receipts == Privacy.Audience.FRIENDS]
    friends = circles.friends_of_each(choosy) if choosy else {}
    return {
        user_id: _veil(
            said.get(user_id) or _SILENT,
            frozenset(apart.get(user_id, ())),
            frozenset(friends.get(user_id, ())),
            quiet.get(user_id, ()),
        )
        for user_id in user_ids
    }


def _veil(
    row: Privacy, apart: frozenset[int], friends: frozenset[int], quiet: Iterable[int]
) -> Veil:
    needs_friends = row.receipts == Privacy.Audience.FRIENDS
    veil = Veil(
        apart=apart,
        online=cast(Showing, row.online),
        last_seen=cast(Showing, row.last_seen),
        receipts=cast(Showing, row.receipts),
        friends=friends if needs_friends else frozenset(),
        quiet=frozenset(quiet),
    )
    return CLEAR if veil == CLEAR else veil


def _meet(one: str, other: str, are_friends: bool) -> bool:
    return meet(cast(Showing, one), cast(Showing, other), are_friends)
