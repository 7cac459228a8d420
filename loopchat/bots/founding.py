"""How bots begin: who may make one, and what it has from the start."""

from __future__ import annotations

from typing import Final

from django.conf import settings

from loopchat.accounts import people, profiles
from loopchat.accounts.models import User
from loopchat.accounts.profiles import Change, clean_display_name
from loopchat.bots.models import Bot
from loopchat.chat import access
from loopchat.core.errors import Refused
from loopchat.core.text import NAME_MAX, slug_from

BOTS_MAX: Final = 100
"""Bots of one person that are not deleted."""

_TRIES: Final = 20
_MARK: Final = "-bot"


def create(owner: User | None, *, name: str = "", username: str = "", about: str = "") -> Bot:
    """A new bot of somebody; without a `username` one is made from the name.

    It has no token yet (`keys.renew`). Without an owner it belongs to those who run the server.
    """
    if owner is not None:
        refuse_who_may_not_make(owner)
        _refuse_too_many(owner)
    shown = clean_display_name(name) if name.strip() or not username else ""
    made: list[Bot] = []

    def store(user: User) -> None:
        made.append(Bot.objects.create(user=user, owner=owner))
        if shown or about:
            profiles.change(user, Change(name=shown, about=about))

    people.create(username or _free_username(shown), None, is_bot=True, also=store)
    return made[0]


def refuse_who_may_not_make(by: User) -> None:
    """Who may make bots is the operator's choice; never guests, never bots."""
    access.at_home(by.is_guest)
    if by.is_bot:
        raise Refused("forbidden", "This is not possible for bots.")
    if settings.BOT_MAKERS == "owners" and not runs_server(by):
        raise Refused("forbidden", "Only the owners of this server may make bots.")


def may_make(by: User) -> bool:
    """The same as a question."""
    try:
        refuse_who_may_not_make(by)
    except Refused:
        return False
    return True


def runs_server(person: User) -> bool:
    """Whether somebody answers for all bots."""
    return person.is_owner or person.is_staff


def _refuse_too_many(owner: User) -> None:
    if Bot.objects.filter(owner=owner, deleted_at=None).count() >= BOTS_MAX:
        raise Refused("too_large", "At most {n} bots of one person.", n=BOTS_MAX)


def _free_username(name: str) -> str:
    """The name as an account has it, with `-bot` or a number behind it when it is taken."""
    stem = slug_from(name)[: NAME_MAX - len(_MARK) - 3].strip("-") or "a"
    wanted = [stem, f"{stem}{_MARK}", *(f"{stem}{_MARK}-{n}" for n in range(2, _TRIES))]
    free = next((one for one in wanted if people.find(one) is None), None)
    if free is None:
        raise Refused("conflict", "Choose another name.", field="name")
    return free
