"""Events of a room's log: each has a `seq`."""

from __future__ import annotations

import msgspec

from loopchat.realtime.events.base import Event, MembershipKind


class ReactionCount(msgspec.Struct, frozen=True):
    """How many people reacted with one emoji, and the first twenty of them."""

    n: int
    uids: list[int]


class Guise(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a program wants to be seen with one message: beside the mark that it is one."""

    name: str | None = None
    emoji: str | None = None


class Asked(msgspec.Struct, frozen=True):
    """Who gave the slash command that a bot's message answers, and its name without the slash."""

    uid: int
    command: str


class ChatMessage(Event, tag="chat_message", frozen=True):
    """A message as it is now; without text when it was deleted."""

    room: int
    seq: int
    n: int
    id: int
    uid: int
    username: str
    cid: str
    ts: int
    message: str | None = None
    rich: msgspec.Raw | None = None
    all: bool = False
    reply_to: int | None = None
    edited_ts: int | None = None
    deleted_ts: int | None = None
    reactions: dict[str, ReactionCount] | None = None
    guise: Guise | None = None
    asked: Asked | None = None


class Edited(Event, tag="edited", frozen=True):
    """A message has another text. The text is left out where history begins with the join."""

    room: int
    seq: int
    id: int
    uid: int
    ts: int
    message: str | None = None
    rich: msgspec.Raw | None = None


class Deleted(Event, tag="deleted", frozen=True):
    """A message lost its text for ever."""

    room: int
    seq: int
    id: int
    uid: int
    ts: int


class Reaction(Event, tag="reaction", frozen=True):
    """Somebody put an emoji on a message, or took it away."""

    room: int
    seq: int
    id: int
    uid: int
    username: str
    emoji: str
    on: bool


class Membership(Event, tag="membership", frozen=True):
    """Somebody came, went, or has another role. `by` is set when somebody else did it."""

    room: int
    seq: int
    uid: int
    username: str
    kind: MembershipKind
    ts: int
    role: str | None = None
    by: int | None = None


class RoomChanged(Event, tag="room", frozen=True):
    """The room's changed fields, as they are now."""

    room: int
    seq: int
    uid: int
    ts: int
    name: str | None = None
    topic: str | None = None
    archived: bool | None = None
    kind: str | None = None
    slug: str | None = None


class Pinned(Event, tag="pinned", frozen=True):
    """A message was pinned for the room, or is not any more."""

    room: int
    seq: int
    id: int
    uid: int
    username: str
    on: bool
    ts: int
