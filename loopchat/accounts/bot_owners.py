"""Who is behind a bot, for rules about people that no bot may lead around.

`bots` knows it, above all that asks here: at the start it says how to look it up.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

Lookup = Callable[[Collection[int]], Collection[tuple[int, int]]]
"""Ids of accounts to each (bot, owner) of whom one is among them; of deleted bots too."""

_lookups: list[Lookup] = []


def look_up_with(lookup: Lookup) -> None:
    """Ask this from now on."""
    _lookups[:] = [lookup]


def owners_of(ids: Collection[int]) -> dict[int, int]:
    """The owners of those who are bots of somebody, in one query."""
    return {bot: owner for bot, owner in _pairs(ids) if bot in ids}


def bots_of(owner_id: int) -> set[int]:
    """All bots of somebody, in one query."""
    return {bot for bot, owner in _pairs([owner_id]) if owner == owner_id}


def voices_of(user_id: int) -> set[int]:
    """Whose deeds count for this account: of a bot its owner's and those of all their bots.

    What a bot did does not count for its owner: a no to a program is none to the person.
    """
    owner = owners_of([user_id]).get(user_id)
    return {user_id} if owner is None else {user_id, owner, *bots_of(owner)}


def _pairs(ids: Collection[int]) -> set[tuple[int, int]]:
    return {pair for lookup in _lookups for pair in lookup(ids)} if ids else set()
