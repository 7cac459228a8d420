"""Bots as those find them who answer for them: their owners, and who runs the server."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q, QuerySet

from loopchat.accounts.models import User
from loopchat.bots.founding import runs_server
from loopchat.bots.models import Bot
from loopchat.chat import access
from loopchat.core.errors import Refused
from loopchat.core.names import name_key


def of(person: User) -> QuerySet[Bot]:
    """The bots that somebody answers for, in order of their names; deleted ones are gone."""
    return _answered_for(person).order_by("user__username_key")


def page(person: User, *, after: str, limit: int) -> list[Bot]:
    """So many of them behind this user name."""
    return list(of(person).filter(user__username_key__gt=name_key(after))[:limit])


def managed(bot_id: int, by: User) -> Bot:
    """One of them, by the id of its account; for everybody else there is none."""
    found = _answered_for(by).filter(pk=bot_id).first()
    if found is None:
        raise Refused("not_found", "There is no such bot.")
    return found


def owned(ids: Collection[int]) -> set[tuple[int, int]]:
    """Each (bot, owner) of whom one is among these accounts; deleted bots too."""
    found = Bot.objects.filter(Q(pk__in=ids) | Q(owner__in=ids), owner__isnull=False)
    return {(bot, owner) for bot, owner in found.values_list("pk", "owner_id") if owner}


def _answered_for(person: User) -> QuerySet[Bot]:
    access.at_home(person.is_guest)
    mine = Q() if runs_server(person) else Q(owner=person)
    found = Bot.objects.filter(mine, deleted_at=None)
    return found.select_related("user__profile", "owner")
