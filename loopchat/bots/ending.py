"""How bots rest and end. What they have said stays, under their name."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from loopchat.accounts import people, tokens
from loopchat.accounts.models import User
from loopchat.bots.models import Bot, IncomingHook
from loopchat.chat import appearance, rooms
from loopchat.chat.departing import Depart
from loopchat.chat.models import Membership, Room
from loopchat.chat.writer import writer
from loopchat.core.errors import Refused

PORTION: Final = 100
"""Bots that one look of `tidy` takes."""


def switch(bot: Bot, *, on: bool) -> None:
    """Let it rest, with all its sockets and addresses, or work again."""
    if bot.user.is_active == on:
        return
    (people.enable if on else people.disable)(bot.user)


def delete(bot: Bot) -> None:
    """End it for ever: no token, no address, no room. Its name is not given to anybody else."""
    with transaction.atomic():
        _shut(bot)
    with suppress(Refused):  # it is gone; whatever is left to do, `tidy` does
        _leave_rooms(bot.user)


def end_all_of(person: User) -> None:
    """End the bots of somebody who goes, in the transaction of that; they leave rooms later."""
    for bot in Bot.objects.filter(owner=person, deleted_at=None).select_related("user"):
        _shut(bot)
    Bot.objects.filter(owner=person).update(owner=None)


def tidy() -> bool:
    """Switch off bots whose owner is, and let deleted ones leave; whether there may be more."""
    orphans = Bot.objects.filter(deleted_at=None, owner__is_active=False, user__is_active=True)
    resting = list(orphans.select_related("user")[:PORTION])
    for bot in resting:
        switch(bot, on=False)
    there = _places().filter(user=OuterRef("user"))
    gone = Bot.objects.filter(Exists(there), deleted_at__isnull=False).select_related("user")
    leaving = list(gone[:PORTION])
    left = [_has_left(bot.user) for bot in leaving]
    return len(resting) == PORTION or (len(left) == PORTION and all(left))


def _has_left(user: User) -> bool:
    """Let one go. A room that refuses does not keep the others: it is asked again later."""
    with suppress(Refused):
        _leave_rooms(user)
        return True
    return False


def _shut(bot: Bot) -> None:
    now = timezone.now()
    Bot.objects.filter(pk=bot.pk).update(deleted_at=now)
    IncomingHook.objects.filter(bot=bot, revoked_at=None).update(revoked_at=now)
    tokens.revoke_all(bot.user)
    people.disable(bot.user)
    appearance.tell(bot.user)


def _places() -> QuerySet[Membership]:
    """Where people are; a direct conversation is the other person's as well."""
    there = Membership.objects.filter(left_seq=None, room__deleted_ts=None)
    return there.exclude(room__kind=Room.Kind.DIRECT)


def _leave_rooms(user: User) -> None:
    actor = rooms.actor(user)
    for room_id in list(_places().filter(user=user).values_list("room_id", flat=True)):
        writer.run(Depart(room_id, actor))
