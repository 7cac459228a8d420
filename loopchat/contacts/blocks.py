"""Who wants to hear nothing from whom."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.db.models import Q

from loopchat.accounts import bot_owners
from loopchat.accounts import people as accounts
from loopchat.accounts.models import User
from loopchat.contacts import friends, pairs, telling
from loopchat.contacts.models import Block
from loopchat.core.errors import Refused

BLOCKS_MAX: Final = 500
"""People whom one person blocks."""


def put(owner: User, other: User) -> bool:
    """Hear nothing from somebody any more; whether that is new. In the caller's transaction.

    The friendship and all requests between the two are over. The other person is told nothing
    that a friendship which was ended would not show too.
    """
    pairs.refuse_oneself(owner.pk, other.pk)
    pairs.lock(owner.pk, other.pk)
    mine = Block.objects.filter(owner=owner)
    if mine.filter(blocked=other).exists():
        return False
    if mine.count() >= BLOCKS_MAX:
        raise Refused("too_large", "At most {n} people can be blocked.", n=BLOCKS_MAX)
    Block.objects.create(owner=owner, blocked=other)
    if friends.part(owner, other):
        telling.contact(other, owner)
    telling.contact(owner, other)
    accounts.changed([owner.pk, other.pk])
    return True


def lift(owner: User, other: User) -> bool:
    """Hear from somebody again; whether that is new. In the caller's transaction."""
    pairs.lock(owner.pk, other.pk)
    if not Block.objects.filter(owner=owner, blocked=other).delete()[0]:
        return False
    telling.contact(owner, other)
    accounts.changed([owner.pk, other.pk])
    return True


def blocked_pairs(user_ids: Collection[int]) -> set[tuple[int, int]]:
    """Each (owner, blocked) among these people, in two queries.

    Who blocks a person blocks that person's bots.
    """
    behind = bot_owners.owners_of(user_ids)
    meant = {*user_ids, *behind.values()}
    rows = Block.objects.filter(owner__in=user_ids, blocked__in=meant)
    found = set(rows.values_list("owner_id", "blocked_id"))
    for bot, person in behind.items():
        found |= {(one, bot) for one in user_ids if (one, person) in found}
    return found


def apart_from(user_ids: Collection[int]) -> dict[int, set[int]]:
    """For each of these people those whom they block and those who block them, in one query."""
    found: dict[int, set[int]] = {}
    rows = Block.objects.filter(Q(owner__in=user_ids) | Q(blocked__in=user_ids))
    for owner, other in rows.values_list("owner_id", "blocked_id"):
        found.setdefault(owner, set()).add(other)
        found.setdefault(other, set()).add(owner)
    return found
