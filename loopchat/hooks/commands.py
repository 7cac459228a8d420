"""Slash commands: which ones there are in a room, and giving one.

A command is no message: it is in no log, and only its bot hears of it.
"""

from __future__ import annotations

import re
import uuid
from typing import Final

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from loopchat.chat import access
from loopchat.chat.ledger import Actor
from loopchat.chat.models import Membership, Room
from loopchat.core.clock import now_ms
from loopchat.core.errors import Code, Refused
from loopchat.core.names import name_key
from loopchat.core.text import clean_message
from loopchat.hooks import watching
from loopchat.hooks.deliverer import deliverer
from loopchat.hooks.models import Command, Delivery, working

NAME: Final = r"[a-z][a-z0-9_-]{0,31}"

OWN: Final = frozenset({"help", "invite", "leave", "me", "mute", "status", "topic", "unmute"})
"""Words that clients understand themselves, or may some day."""

WAITING_MAX: Final = 10
"""Commands of one person that wait for an answer."""

_CALL: Final = re.compile(rf"/({NAME})(?:@(\S{{1,128}}))?(?:\s+(.*))?", re.DOTALL | re.IGNORECASE)


class Offer(msgspec.Struct, frozen=True, omit_defaults=True):
    """A command that can be given in a room, and the bot that answers it."""

    name: str
    uid: int
    username: str
    hint: str = ""
    help: str = ""


def offered(person: Actor, room_id: int) -> list[Offer]:
    """What can be given in a room, for its members, in order of names."""
    access.member(*_place(person, room_id))
    rows = _in_room(room_id).order_by("name", "bot__user__username_key")
    return [Offer(row.name, row.bot_id, row.bot.user.username, row.hint, row.help) for row in rows]


def give(person: Actor, room_id: int, *, text: str, cid: uuid.UUID) -> None:
    """Give a command, `/name rest` or `/name@bot rest`; the same `cid` again gives it once.

    Its answer comes later, as a message of the bot or as `whisper`.
    """
    name, bot, rest = _read(text)
    access.posting(*_place(person, room_id))
    if _is_known(person, room_id, cid, name, rest):
        return
    command = _found(room_id, name, bot)
    _refuse_too_many(person)
    try:
        with transaction.atomic():
            _queue(command, person, room_id, rest, cid)
    except IntegrityError:  # the same at the same time, or its hook or the room has gone
        if not _is_known(person, room_id, cid, name, rest):
            raise _unknown("not_found", name) from None
    deliverer.wake()


def _read(text: str) -> tuple[str, str, str]:
    found = _CALL.fullmatch(clean_message(text))
    if found is None:
        raise Refused("bad_request", "This is not a command.", field="text")
    name, bot, rest = found.groups()
    return name.lower(), name_key(bot or ""), rest or ""


def _place(person: Actor, room_id: int) -> tuple[Room | None, Membership | None]:
    room = Room.objects.filter(pk=room_id).first()
    return room, Membership.objects.filter(user=person.id, room=room_id).first()


def _in_room(room_id: int) -> QuerySet[Command]:
    """Commands of the hooks that work now and whose bots are in the room."""
    there = watching.members_of(room_id).values("user")
    rows = Command.objects.filter(hook__in=working(), bot__in=there)
    return rows.select_related("bot__user", "hook")


def _found(room_id: int, name: str, bot: str) -> Command:
    rows = _in_room(room_id).filter(name=name)
    if bot:
        rows = rows.filter(bot__user__username_key=bot)
    found = list(rows[:2])
    if not found:
        raise _unknown("bad_request", name)
    if len(found) > 1:
        raise Refused(
            "conflict",
            "Several bots have this command: write /{name}@{bot}.",
            field="text",
            name=name,
            bot=found[0].bot.user.username,
        )
    return found[0]


def _unknown(code: Code, name: str) -> Refused:
    return Refused(code, "There is no command /{name} here.", field="text", name=name)


def _is_known(person: Actor, room_id: int, cid: uuid.UUID, name: str, rest: str) -> bool:
    known = Delivery.objects.filter(person=person.id, cid=cid).first()
    if known is None:
        return False
    if (known.room_id, known.command, known.text) != (room_id, name, rest):
        raise Refused("cid_conflict", "This cid stands for something else.", field="cid")
    return True


def _refuse_too_many(person: Actor) -> None:
    """What waits at a hook that has stopped counts for nothing: no answer ends it."""
    waiting = Delivery.objects.filter(person=person.id, status=Delivery.Status.WAITING)
    waiting = waiting.filter(kind=Delivery.Kind.COMMAND, hook__in=working())
    if waiting.count() >= WAITING_MAX:
        raise Refused(
            "rate_limited", "Wait until the commands before have an answer.", retry_after_ms=2000
        )


def _queue(command: Command, person: Actor, room_id: int, rest: str, cid: uuid.UUID) -> None:
    now = now_ms()
    Delivery.objects.create(
        hook=command.hook,
        key=uuid.uuid4(),
        kind=Delivery.Kind.COMMAND,
        trigger="command",
        room_id=room_id,
        person_id=person.id,
        cid=cid,
        command=command.name,
        text=rest,
        due_ts=now,
        created_ts=now,
    )
