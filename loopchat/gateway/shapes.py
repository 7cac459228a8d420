"""The shape of each command: names and types of its fields, checked before anything runs."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

import msgspec

from loopchat.core import fields
from loopchat.core.errors import Refused
from loopchat.core.fields import MAX_INT, Cid, Id, Seq, Short


class Hello(msgspec.Struct):
    """Where events are wanted from."""

    cursors: dict[str, Seq] = {}
    epoch: str | None = None


class ChatMessage(msgspec.Struct):
    """A message."""

    room: Id
    cid: Cid
    message: str
    reply_to: Id | None = None


class Edit(msgspec.Struct):
    """Another text for a message."""

    room: Id
    id: Id
    message: str


class Delete(msgspec.Struct):
    """The end of a message."""

    room: Id
    id: Id


class React(msgspec.Struct):
    """An emoji, put on or taken away."""

    room: Id
    id: Id
    emoji: str
    on: bool


class Typing(msgspec.Struct):
    """Somebody types, or stops."""

    room: Id
    is_typing: bool


class MarkRead(msgspec.Struct):
    """A place in a room's log."""

    room: Id
    seq: Seq


class Delivered(msgspec.Struct):
    """What has reached this device, by room."""

    cursors: dict[str, Seq]


class History(msgspec.Struct):
    """A page of a room."""

    room: Id
    before: Annotated[int, msgspec.Meta(ge=1, le=MAX_INT)] | None = None
    after: Seq | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 50
    log: bool = False


class Readers(msgspec.Struct):
    """Who has read a message."""

    room: Id
    id: Id


class Pin(msgspec.Struct):
    """A message, and whether to keep it."""

    room: Id
    id: Id
    on: bool


class Saves(msgspec.Struct):
    """A page of what is saved."""

    before: Seq | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 50


class Draft(msgspec.Struct):
    """What is being written; an empty text is none."""

    room: Id
    message: str
    reply_to: Id | None = None


class Notify(msgspec.Struct):
    """What a room may call attention to."""

    room: Id
    level: str
    muted_until: Seq | None = None


class Preferences(msgspec.Struct):
    """What to change."""

    receipts: bool | None = None
    client: dict[str, Any] | None = None


class Nothing(msgspec.Struct):
    """No fields."""


class FindPeople(msgspec.Struct):
    """The beginning of a name."""

    text: Short


class Friend(msgspec.Struct):
    """What to do about being friends with somebody."""

    username: Short
    action: str
    note: str = ""


class Block(msgspec.Struct):
    """Whom to hear nothing from, or to hear from again."""

    username: Short
    on: bool


class Privacy(msgspec.Struct):
    """What to change of what one shows."""

    last_seen: str | None = None
    online: str | None = None
    receipts: str | None = None
    write: str | None = None


class MessageRequest(msgspec.Struct):
    """A conversation that waits, and the answer."""

    room: Id
    accept: bool


class Around(msgspec.Struct):
    """A place in a room, by seq or by time (ms)."""

    room: Id
    seq: Seq | None = None
    ts: Seq | None = None
    limit: Annotated[int, msgspec.Meta(ge=2, le=100)] = 50


class OpenDirect(msgspec.Struct):
    """The conversation with a person."""

    username: Short


class InRoom(msgspec.Struct):
    """A room."""

    room: Id


class GiveCommand(msgspec.Struct):
    """A slash command."""

    room: Id
    cid: Cid
    text: str


class Open(msgspec.Struct):
    """The room that is shown, or none."""

    room: Id | None


class Presence(msgspec.Struct):
    """Whether anybody is looking."""

    state: str


class Ping(msgspec.Struct):
    """Are you there?"""

    n: Annotated[int, msgspec.Meta(ge=-MAX_INT, le=MAX_INT)] | None = None


T = TypeVar("T")


def shaped(frame: dict[str, object], shape: type[T]) -> T:
    """The frame's fields in this shape, or `bad_request` that names the field."""
    return fields.shaped(frame, shape, what="The command")


def room_cursors(cursors: dict[str, int]) -> dict[int, int]:
    """Cursors by room id; keys of a JSON object are text."""
    found: dict[int, int] = {}
    for key, seq in cursors.items():
        # Python refuses to read numbers of thousands of digits; longer than any id is enough.
        if not (key.isascii() and key.isdecimal() and len(key) <= 16 and 1 <= int(key) <= MAX_INT):
            raise Refused("bad_request", "Cursors are keyed by room ids.", field="cursors")
        found[int(key)] = seq
    return found
