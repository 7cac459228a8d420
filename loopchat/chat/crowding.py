"""How many rooms somebody is in, and how many of them others may fill.

What somebody hides does not count. Between friends only the number of rooms is
bounded. Others bring somebody into a few rooms each, and into none when the rest has to stay free:
so nobody can use up what a person has. Whether one is blocked makes no difference to any answer.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from django.db.models import Count, F, OuterRef, Subquery

from loopchat.accounts import rates
from loopchat.chat import access
from loopchat.chat.ledger import Actor, Ledger
from loopchat.chat.models import Membership, RoomEvent
from loopchat.contacts import pairs
from loopchat.core.errors import Refused
from loopchat.core.limits import refuse_often

Standing = Membership.Standing

BY_ONE: Final = 20
"""Rooms that somebody is in, hides or has not answered because of one person who is no friend."""
WAITING: Final = 100
"""Conversations that wait for one person's answer."""
KEPT: Final = 100
"""Rooms of each person that only they and their friends can fill."""


def refuse_too_many_rooms(ledger: Ledger, people: Sequence[Actor]) -> None:
    """Every room of a person costs at each `hello`: the number is bounded, for guests too."""
    _refuse_full(ledger, people, access.ROOMS_PER_PERSON)


def refuse_crowding(ledger: Ledger, by: Actor, people: Sequence[Actor]) -> None:
    """Refuse to bring people into one more room."""
    others = [person for person in people if person.id != by.id]
    friends = pairs.friends_of(by.id, [person.id for person in others]) if others else set()
    strangers = [person for person in others if person.id not in friends]
    refuse_too_many_rooms(ledger, [person for person in people if person not in strangers])
    if not strangers:
        return
    for person in _with_rooms(ledger, strangers, access.ROOMS_PER_PERSON - KEPT):
        # In how many rooms somebody is, is nothing that strangers are told.
        raise Refused("forbidden", "{name} cannot be added by you.", name=person.username)
    brought = _brought(by.id, [person.id for person in strangers])
    waiting = _waiting([person.id for person in strangers])
    for person in strangers:
        staged = ledger.entered[person.id]
        if brought.get(person.id, 0) + staged >= BY_ONE:
            raise Refused(
                "forbidden",
                "You have brought {name} into {n} rooms: be friends first.",
                name=person.username,
                n=BY_ONE,
            )
        if waiting.get(person.id, 0) + staged >= WAITING:
            raise Refused("forbidden", "{name} has many requests to answer.", name=person.username)
    refuse_often(rates.brings.take(by.id, len(strangers)))


def refuse_landing(by: Actor, user_id: int, standing: Standing) -> None:
    """Refuse the first message to somebody whose list is full, or full of what waits."""
    most = access.ROOMS_PER_PERSON - (0 if pairs.are_friends(by.id, user_id) else KEPT)
    is_full = _room_counts([user_id]).get(user_id, 0) >= most
    waits = standing == Standing.REQUEST and _waiting([user_id]).get(user_id, 0) >= WAITING
    if is_full or waits:
        raise Refused("forbidden", "This person cannot be reached by you at the moment.")


def _refuse_full(ledger: Ledger, people: Sequence[Actor], most: int) -> None:
    for person in _with_rooms(ledger, people, most):
        raise Refused("too_large", "{name} is in {n} rooms already.", name=person.username, n=most)


def _with_rooms(ledger: Ledger, people: Sequence[Actor], least: int) -> list[Actor]:
    counts = _room_counts([person.id for person in people])
    return [one for one in people if counts.get(one.id, 0) + ledger.entered[one.id] >= least]


def _room_counts(people: Collection[int]) -> dict[int, int]:
    rows = Membership.objects.filter(
        user__in=people,
        left_seq=None,
        standing__in=Membership.SHOWN,
        room__deleted_ts=None,
    )
    return dict(rows.values_list("user").annotate(Count("pk")))


def _waiting(people: Collection[int]) -> dict[int, int]:
    rows = Membership.objects.filter(
        user__in=people, left_seq=None, standing=Standing.REQUEST, room__deleted_ts=None
    )
    return dict(rows.values_list("user").annotate(Count("pk")))


def _brought(by: int, people: Collection[int]) -> dict[int, int]:
    """In how many rooms people are because somebody put them there, also in those they hide."""
    entry = RoomEvent.objects.filter(room=OuterRef("room"), seq=OuterRef("joined_seq"))
    rows = Membership.objects.filter(user__in=people, left_seq=None, room__deleted_ts=None)
    rows = rows.annotate(host=Subquery(entry.values("actor")[:1])).filter(host=by)
    return dict(rows.exclude(user=F("host")).values_list("user").annotate(Count("pk")))
