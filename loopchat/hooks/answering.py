"""What an answer of a bot's program does: the bot says it, to the room or to who asked."""

from __future__ import annotations

import uuid
from typing import Final

import msgspec

from loopchat.chat import marking, messages, rooms, wire
from loopchat.chat.models import Room
from loopchat.core.clock import now_ms
from loopchat.core.outgoing import Answer
from loopchat.core.text import clean_message
from loopchat.hooks.models import Delivery
from loopchat.realtime import events, publish
from loopchat.realtime.bus import person_topic
from loopchat.realtime.outbox import Aside

_REPLY: Final = uuid.UUID("7f0f8b9e-6d2f-4a27-9a52-0b6f6f2c8a11")
"""Makes the `cid` of a reply from the id of its delivery: whatever comes twice is said once."""


class Said(msgspec.Struct, frozen=True):
    """An answer as JSON."""

    text: str = ""
    response_type: str = "ephemeral"
    """For a command: `in_channel` tells the whole room, `ephemeral` only who asked."""


class Unreadable(Exception):
    """An answer that says nothing to us, and why, in a few English words."""


def read(answer: Answer) -> Said:
    """What the program says; raises `Unreadable`."""
    if answer.status != 200:
        return Said()
    if answer.body is None:
        raise Unreadable("the answer is too long, or packed")
    if not answer.body.strip():
        return Said()
    try:
        if answer.kind == "application/json":
            return msgspec.json.decode(answer.body, type=Said)
        if answer.kind == "text/plain":
            return Said(answer.body.decode(answer.charset))
    except (msgspec.MsgspecError, ValueError, LookupError, RecursionError):
        raise Unreadable("the answer cannot be read") from None
    return Said()  # a page of HTML, say: nobody means the room to see that


def tell(delivery: Delivery, said: Said) -> None:
    """Say it. Raises `Refused` as any sending does."""
    room = delivery.room
    if room is None or not said.text.strip():
        return
    if delivery.kind == Delivery.Kind.COMMAND and said.response_type != "in_channel":
        whisper(delivery, said.text)
        return
    is_direct = room.kind == Room.Kind.DIRECT
    messages.send(
        room.pk,
        rooms.actor(delivery.hook.bot.user),
        cid=uuid.uuid5(_REPLY, str(delivery.key)),
        body=said.text,
        reply_to=None if is_direct else delivery.message_id,
        asked=_asked(delivery),
    )


def _asked(delivery: Delivery) -> events.Asked | None:
    """Whose command it answers, so that the room does not wonder why the bot speaks."""
    if delivery.kind != Delivery.Kind.COMMAND or delivery.person_id is None:
        return None
    return events.Asked(delivery.person_id, delivery.command)


def whisper(delivery: Delivery, text: str | None) -> None:
    """Tell the one who gave the command, and nobody else; without a text: there is no answer."""
    bot, person = delivery.hook.bot.user, delivery.person_id
    if person is None or delivery.room_id is None:
        return
    body = None if text is None else clean_message(text)
    event = events.Whisper(
        room=delivery.room_id,
        uid=bot.pk,
        username=bot.username,
        command=delivery.command,
        cid=str(delivery.cid),
        ts=now_ms(),
        message=body,
        rich=wire.raw(marking.mark(body).rich) if body else None,
        failed=text is None,
    )
    publish.aside(Aside(person_topic(person), events.encode(event)))
