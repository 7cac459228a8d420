"""Bots as those find them who answer for them: their owners, and who runs the server."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from loopchat.accounts.models import User
from loopchat.bots.founding import runs_server
from loopchat.bots.models import Bot
from loopchat.chat import access
from loopchat.core.errors import Refused


def of(person: User) -> QuerySet[Bot]:
    """The bots that somebody answers for, in order of their names; deleted ones are gone."""
    return _answered_for(person).order_by("user__username_key")


def managed(bot_id: int, by: User) -> Bot:
    """One of them, by the id of its account; for everybody else there is none."""
    found = _answered_for(by).filter(pk=bot_id).first()
    if found is None:
        raise Refused("not_found", "There is no such bot.")
    return found


def _answered_for(person: User) -> QuerySet[Bot]:
    access.at_home(person.is_guest)
    mine = Q() if runs_server(person) else Q(owner=person)
    found = Bot.objects.filter(mine, deleted_at=None)
    return found.select_related("user__profile", "owner")
