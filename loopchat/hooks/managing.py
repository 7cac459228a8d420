"""What those who answer for a bot do with its webhooks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import transaction

from loopchat.accounts.models import User
from loopchat.bots import finding
from loopchat.bots.models import Bot
from loopchat.core import destinations
from loopchat.core.characters import one_line
from loopchat.core.clock import now_ms
from loopchat.core.errors import Refused
from loopchat.hooks import commands, queue, signing, stopping, watching
from loopchat.hooks.deliverer import deliverer
from loopchat.hooks.models import Command, Delivery, Hook

HOOKS_MAX: Final = 10
"""Webhooks of one bot."""

COMMANDS_MAX: Final = 20
"""Commands of one webhook."""

ROOMS_MAX: Final = 50
"""Rooms of which one webhook hears everything."""

HINT_MAX: Final = 64
HELP_MAX: Final = 200

_NAME: Final = re.compile(commands.NAME)


@dataclass(frozen=True, slots=True)
class Named:
    """A command as somebody wants it."""

    name: str
    hint: str = ""
    help: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a webhook is to be; None: as it is."""

    url: str | None = None
    on_mention: bool | None = None
    on_direct: bool | None = None
    rooms: Sequence[int] | None = None
    commands: Sequence[Named] | None = None


def of(bot: Bot) -> list[Hook]:
    """All webhooks of a bot, the first one first."""
    return list(bot.hooks.order_by("pk").prefetch_related("commands"))


def managed(bot_id: int, hook_id: int, by: User) -> Hook:
    """One of them, for those who answer for the bot."""
    bot = finding.managed(bot_id, by)
    found = bot.hooks.filter(pk=hook_id).select_related("bot__user").first()
    if found is None:
        raise Refused("not_found", "There is no such webhook.")
    return found


def create(bot: Bot, wanted: Wanted) -> tuple[Hook, str]:
    """A new webhook and its secret, which nobody can read again later.

    It hears what is said from now on.
    """
    if wanted.url is None:
        raise Refused("bad_request", "A webhook needs an address.", field="url")
    with transaction.atomic():
        if bot.hooks.count() >= HOOKS_MAX:
            raise Refused("too_large", "At most {n} webhooks of one bot.", n=HOOKS_MAX)
        hook = Hook(bot=bot, salt=signing.new_salt(), created_ts=now_ms())
        _apply(hook, wanted, is_new=True)
        watching.start_from_now(hook)
    return hook, signing.secret_of(hook.salt)


def change(hook: Hook, wanted: Wanted) -> Hook:
    """Make it as it is wanted; what was said until now is heard as it was."""
    watching.catch_up(hook)
    with transaction.atomic():
        _apply(hook, wanted)
    return hook


def renew(hook: Hook) -> str:
    """Another secret, shown once. For a day the one before signs as well."""
    hook.old_salt, hook.old_salt_until_ts = hook.salt, now_ms() + signing.OVERLAP_MS
    hook.salt = signing.new_salt()
    hook.save(update_fields=["salt", "old_salt", "old_salt_until_ts"])
    return signing.secret_of(hook.salt)


def switch(hook: Hook, *, on: bool) -> None:
    """Let it rest, or work again: what waits is delivered then, what was said meanwhile is not.

    Commands do not wait: who gave one is told that there is no answer.
    """
    wanted = Hook.State.ACTIVE if on else Hook.State.OFF
    if hook.state == wanted:
        return
    with transaction.atomic():
        hook.state, hook.failing_since_ts = wanted, None
        hook.save(update_fields=["state", "failing_since_ts"])
        if on:
            watching.start_from_now(hook)
    if not on:
        stopping.give_up(hook)
    deliverer.wake()


def delete(hook: Hook) -> None:
    """End it, with its commands and its log."""
    stopping.give_up(hook)
    hook.delete()


def deliveries(hook: Hook, *, before: int | None = None, limit: int = 50) -> list[Delivery]:
    """Its log, the newest first."""
    rows = hook.deliveries.select_related("person").order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows[:limit])


def test(hook: Hook, by: User) -> Delivery:
    """Send something that says nothing, to see whether it arrives; its log tells, after one try."""
    _refuse_stopped(hook)
    if not hook.bot.user.is_active:
        raise Refused("conflict", "This bot is switched off.")
    if is_testing(hook.pk):
        raise Refused("rate_limited", "The test before is still on its way.", retry_after_ms=2000)
    made = queue.test(hook, by)
    deliverer.wake()
    return made


def is_testing(hook_id: int, *, since: int = 0) -> bool:
    """Whether a test is on its way that began then or later."""
    tests = Delivery.objects.filter(hook=hook_id, kind=Delivery.Kind.TEST, created_ts__gte=since)
    return tests.filter(status=Delivery.Status.WAITING).exists()


def redeliver(hook: Hook, delivery_id: int) -> Delivery:
    """Send one of them again, with the same id."""
    found = hook.deliveries.filter(pk=delivery_id).first()
    if found is None:
        raise Refused("not_found", "There is no such delivery.")
    _refuse_stopped(hook)
    queue.again(found)
    deliverer.wake()
    found.refresh_from_db()
    return found


def _refuse_stopped(hook: Hook) -> None:
    if hook.state != Hook.State.ACTIVE:
        raise Refused("conflict", "This webhook is switched off.")


def _apply(hook: Hook, wanted: Wanted, *, is_new: bool = False) -> None:
    """Write what is wanted and nothing else: its secret or its state may be others by now."""
    changes = _changes(hook, wanted)
    for field, value in changes.items():
        setattr(hook, field, value)
    hook.save(update_fields=None if is_new else changes)
    if wanted.commands is not None:
        _set_commands(hook, wanted.commands)


def _changes(hook: Hook, wanted: Wanted) -> dict[str, object]:
    """Its fields as they are to be, cleaned."""
    changes: dict[str, object] = {}
    if wanted.url is not None:
        changes["url"] = _clean_url(wanted.url)
    if wanted.on_mention is not None:
        changes["on_mention"] = wanted.on_mention
    if wanted.on_direct is not None:
        changes["on_direct"] = wanted.on_direct
    if wanted.rooms is not None:
        changes["rooms"] = _clean_rooms(hook.bot_id, wanted.rooms)
    return changes


def _clean_url(url: str) -> str:
    """An address that might be asked; where a name leads is looked at each time."""
    text = url.strip()
    destinations.refuse_hopeless(destinations.parse(text), settings.WEBHOOK_ALLOW)
    return text


def _clean_rooms(bot_id: int, rooms: Sequence[int]) -> list[int]:
    wanted = sorted(set(rooms))
    if len(wanted) > ROOMS_MAX:
        raise Refused("too_large", "At most {n} rooms.", field="rooms", n=ROOMS_MAX)
    if len(wanted) != watching.places_of(bot_id).filter(room__in=wanted).count():
        raise Refused("not_found", "The bot is not in this room.", field="rooms")
    return wanted


def _set_commands(hook: Hook, wanted: Sequence[Named]) -> None:
    cleaned = {one.name: one for one in map(_clean_command, wanted)}
    if len(cleaned) > COMMANDS_MAX:
        raise Refused("too_large", "At most {n} commands.", field="commands", n=COMMANDS_MAX)
    taken = Command.objects.filter(bot=hook.bot_id, name__in=cleaned).exclude(hook=hook)
    if taken.exists():
        raise Refused("conflict", "Another webhook of this bot has this command.", field="commands")
    hook.commands.all().delete()
    Command.objects.bulk_create(
        Command(hook=hook, bot_id=hook.bot_id, name=one.name, hint=one.hint, help=one.help)
        for one in cleaned.values()
    )


def _clean_command(one: Named) -> Named:
    name = one.name.strip().removeprefix("/").lower()
    if not _NAME.fullmatch(name):
        raise Refused(
            "bad_request",
            "A command is made of a to z, digits, hyphens and underscores.",
            field="commands",
        )
    if name in commands.OWN:
        raise Refused(
            "conflict", "/{name} belongs to the chat itself.", field="commands", name=name
        )
    hint = one_line(one.hint, limit=HINT_MAX, field="commands")
    return Named(name, hint, one_line(one.help, limit=HELP_MAX, field="commands"))
