"""Who wants to hear nothing from whom."""

from __future__ import annotations

from collections.abc import Collection

from loopchat.contacts.models import Block


def blocked_pairs(user_ids: Collection[int]) -> set[tuple[int, int]]:
    """Each (owner, blocked) among these people, in one query."""
    pairs = Block.objects.filter(owner__in=user_ids, blocked__in=user_ids)
    return set(pairs.values_list("owner_id", "blocked_id"))
