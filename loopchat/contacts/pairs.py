"""Two people at a time: what changes between them happens in one order, whoever began it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from loopchat.accounts.models import User
from loopchat.contacts.models import Friendship
from loopchat.core.errors import Refused


def lock(one: int, other: int) -> None:
    """Hold both people's rows until the transaction ends, the smaller id first.

    Requests from both sides at once, and a block while a conversation is begun, come one after the
    other then.
    """
    people = User.objects.select_for_update(no_key=True).filter(pk__in=(one, other))
    list(people.order_by("pk").values_list("pk"))


def refuse_oneself(one: int, other: int) -> None:
    """Nobody is their own friend, or blocks themselves."""
    if one == other:
        raise Refused("bad_request", "That is you.", field="username")


def of(one: int, other: int) -> Q:
    """The friendship of two people, if there is one."""
    return Q(first=min(one, other), second=max(one, other))


def are_friends(one: int, other: int) -> bool:
    """Whether these two are friends."""
    return Friendship.objects.filter(of(one, other)).exists()


def friends_of(user_id: int, among: Iterable[int] | None = None) -> set[int]:
    """The friends of a person, or those among some people."""
    mine = Friendship.objects.filter(Q(first=user_id) | Q(second=user_id))
    if among is not None:
        ids = list(among)
        mine = mine.filter(Q(first__in=ids) | Q(second__in=ids))
    pairs = mine.values_list("first_id", "second_id")
    found = {second if first == user_id else first for first, second in pairs}
    return found if among is None else found & set(ids)
