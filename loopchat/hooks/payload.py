"""What a hook is sent: the shapes of the protocol, as things are at the moment of sending."""

from __future__ import annotations

import msgspec

from loopchat.accounts.models import User
from loopchat.chat import history
from loopchat.chat.models import Message, Room
from loopchat.hooks.models import Delivery
from loopchat.realtime import events


class Who(msgspec.Struct, frozen=True, omit_defaults=True):
    """An account."""

    uid: int
    username: str
    name: str = ""


class Where(msgspec.Struct, frozen=True, omit_defaults=True):
    """A room."""

    room: int
    kind: str
    name: str = ""
    slug: str | None = None
    topic: str = ""


class Payload(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The body of a delivery."""

    event: str
    """`message`, `command` or `test`."""
    trigger: str
    """`direct`, `mention`, `room`, `command` or `test`."""
    delivery: str
    ts: int
    """When the delivery was queued."""
    bot: Who
    room: Where | None = None
    author: Who
    message: events.ChatMessage | None = None
    command: str | None = None
    text: str | None = None


def of(delivery: Delivery) -> Payload | None:
    """The body; None when there is nothing to tell any more."""
    author = delivery.person
    shown: events.ChatMessage | None = None
    if delivery.kind == Delivery.Kind.MESSAGE:
        rows = Message.objects.filter(pk=delivery.message_id or 0, deleted_ts=None)
        row = rows.select_related("author").first()
        if row is None:
            return None
        author, shown = row.author, history.drawn([row])[0]
    if author is None:
        return None
    is_command = delivery.kind == Delivery.Kind.COMMAND
    return Payload(
        event=delivery.kind,
        trigger=delivery.trigger,
        delivery=str(delivery.key),
        ts=delivery.created_ts,
        bot=_who(delivery.hook.bot.user),
        room=None if delivery.room is None else _where(delivery.room),
        author=_who(author),
        message=shown,
        command=delivery.command if is_command else None,
        text=delivery.text if is_command else None,
    )


def _who(user: User) -> Who:
    return Who(user.pk, user.username, user.name)


def _where(room: Room) -> Where:
    return Where(room.pk, room.kind, room.name, room.slug, room.topic)
