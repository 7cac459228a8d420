"""Rooms as their people see them."""

from __future__ import annotations

import msgspec

from loopchat.realtime.events.base import Event


class LastMessage(msgspec.Struct, frozen=True, omit_defaults=True):
    """The newest message of a room, its text cut to a preview."""

    id: int
    seq: int
    uid: int
    username: str
    ts: int
    message: str | None = None
    deleted_ts: int | None = None


class Peer(msgspec.Struct, frozen=True, omit_defaults=True):
    """The other person of a direct conversation."""

    uid: int
    username: str
    name: str | None = None
    avatar: str | None = None
    bot: bool = False
    deleted: bool = False


class DraftText(msgspec.Struct, frozen=True, omit_defaults=True):
    """What somebody has begun to write."""

    message: str
    ts: int
    reply_to: int | None = None


class RoomSummary(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A room in somebody's list. `head` is the base of what follows on the socket."""

    room: int
    kind: str
    slug: str | None
    name: str
    topic: str
    head: int
    read: int
    delivered: int
    unread: int
    role: str
    receipts: bool
    history: str
    updated_ts: int
    members: int
    bots: list[int] | None = None
    others: list[str] | None = None
    unread_from: int | None = None
    mentions: int = 0
    pinned: int = 0
    level: str = "all"
    muted_until: int | None = None
    draft: DraftText | None = None
    archived: bool = False
    request: bool = False
    peer: Peer | None = None
    last: LastMessage | None = None


class RoomAdded(RoomSummary, tag="room_added", tag_field="type", frozen=True, kw_only=True):
    """A room is mine from now on: its summary; events follow from `head` + 1.

    `as_of` is the number up to which the summary counts what happened, where that is beyond `head`.
    """

    as_of: int | None = None


class PublicRoom(Event, tag="public_room", frozen=True):
    """Those who look at the lobby: a room that everybody may join, or one that is no more."""

    room: int
    slug: str | None = None
    name: str | None = None
    topic: str | None = None
    members: int | None = None
    gone: bool = False


class MemberCursor(msgspec.Struct, frozen=True):
    """How far somebody has read, and how far messages reached a device of theirs."""

    uid: int
    read: int
    delivered: int


class RoomRemoved(Event, tag="room_removed", frozen=True):
    """A room is not mine any more, or never was."""

    room: int


class RoomSettings(Event, tag="room_settings", frozen=True):
    """One's own devices: what a room may call attention to."""

    room: int
    level: str
    muted_until: int | None = None


class MessageRequest(Event, tag="message_request", frozen=True):
    """One's own devices: a conversation that waited was accepted, and counts from now on."""

    room: int
    request: bool
    unread: int
