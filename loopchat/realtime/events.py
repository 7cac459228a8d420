"""Every object that the server sends on a socket: the protocol, as types.

Field names are the protocol's. A field that holds its default is left out of the frame. Ids and
`seq` are integers below 2^53; times (`…_ts`, `ts`) are milliseconds since the epoch.
"""

from __future__ import annotations

from typing import Literal

import msgspec

MembershipKind = Literal["join", "leave", "kick", "ban", "role"]
PresenceState = Literal["online", "away", "offline"]


class Event(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", kw_only=True):
    """Something that happened, in the words of the protocol."""


class ReactionCount(msgspec.Struct, frozen=True):
    """How many people reacted with one emoji, and the first twenty of them."""

    n: int
    uids: list[int]


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


class MessageRead(Event, tag="message_read", frozen=True):
    """A read cursor moved. `unread` is told to the reader's own devices only."""

    room: int
    uid: int
    username: str
    seq: int
    unread: int | None = None
    unread_from: int | None = None


class Delivered(Event, tag="delivered", frozen=True):
    """Everything up to `seq` has reached a device of this person."""

    room: int
    uid: int
    seq: int


class LastMessage(msgspec.Struct, frozen=True, omit_defaults=True):
    """The newest message of a room, its text cut to a preview."""

    id: int
    seq: int
    uid: int
    username: str
    ts: int
    message: str | None = None
    deleted_ts: int | None = None


class Status(msgspec.Struct, frozen=True, omit_defaults=True):
    """What somebody says of their present, until then."""

    emoji: str = ""
    text: str = ""
    until_ts: int | None = None


class Peer(msgspec.Struct, frozen=True, omit_defaults=True):
    """The other person of a direct conversation."""

    uid: int
    username: str
    name: str | None = None
    avatar: str | None = None
    bot: bool = False


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


class Person(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody whose presence this socket hears of."""

    uid: int
    username: str
    state: PresenceState
    name: str | None = None
    last_seen_ts: int | None = None
    avatar: str | None = None
    status: Status | None = None
    dnd_until_ts: int | None = None
    bot: bool = False
    guest: bool = False


class PreferencesState(msgspec.Struct, frozen=True):
    """How a person wants it, as `ready` says it."""

    receipts: bool
    client: msgspec.Raw


class PrivacyState(msgspec.Struct, frozen=True):
    """To whom a person shows what, and who may write to them, as `ready` says it."""

    last_seen: str
    online: str
    receipts: str
    write: str


class ContactState(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What somebody is to this person: a friend, one who asks or is asked, one who is blocked."""

    uid: int
    username: str
    name: str | None = None
    friend: bool
    request: Literal["in", "out"] | None = None
    note: str | None = None
    blocked: bool = False


class RoomAdded(RoomSummary, tag="room_added", tag_field="type", frozen=True, kw_only=True):
    """A room is mine from now on: its summary; events follow from `head` + 1."""


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


class Notification(Event, tag="notification", frozen=True):
    """Told to one person: something concerns them by name."""

    kind: str
    sender: str
    preview: str
    sender_uid: int | None = None
    room: int | None = None
    room_type: str | None = None
    room_name: str | None = None
    message_id: int | None = None
    seq: int | None = None


class Saved(Event, tag="saved", frozen=True):
    """One's own other devices: a message was saved, or is not any more."""

    room: int
    id: int
    on: bool


class Draft(Event, tag="draft", frozen=True):
    """One's own other devices: a draft has another text; an empty one is gone."""

    room: int
    message: str
    ts: int
    reply_to: int | None = None


class RoomSettings(Event, tag="room_settings", frozen=True):
    """One's own devices: what a room may call attention to."""

    room: int
    level: str
    muted_until: int | None = None


class Preferences(Event, tag="preferences", frozen=True):
    """One's own devices: how this person wants it."""

    receipts: bool
    client: msgspec.Raw


class Privacy(PrivacyState, tag="privacy", tag_field="type", frozen=True):
    """One's own devices: to whom this person shows what."""


class Contact(ContactState, tag="contact", tag_field="type", frozen=True, kw_only=True):
    """What somebody is to this person from now on; nothing at all, when no field says more."""


class MessageRequest(Event, tag="message_request", frozen=True):
    """One's own devices: a conversation that waited was accepted, and counts from now on."""

    room: int
    request: bool
    unread: int


class Profile(Event, tag="profile", frozen=True):
    """How somebody looks from now on: what is left out is not set."""

    uid: int
    username: str
    name: str | None = None
    avatar: str | None = None
    status: Status | None = None
    dnd_until_ts: int | None = None
    bot: bool = False
    guest: bool = False


class UserTyping(Event, tag="user_typing", frozen=True):
    """Somebody is typing, for `ttl_ms` unless it is said again."""

    room: int
    uid: int
    username: str
    is_typing: bool
    ttl_ms: int


class Presence(Event, tag="presence", frozen=True):
    """Somebody came, stepped away or left."""

    uid: int
    state: PresenceState
    last_seen_ts: int | None = None


class OnlineCount(Event, tag="online_count", frozen=True):
    """How many members of an opened room are online."""

    room: int
    online_count: int


class Degraded(Event, tag="degraded", frozen=True):
    """What works only partly at the moment; empty when all is well again."""

    what: list[str]


class Welcome(Event, tag="welcome", frozen=True):
    """The first object on a socket."""

    v: int
    conn: str
    user: Person
    epoch: str
    server_ts: int
    heartbeat_ms: int
    limits: dict[str, int]
    features: list[str]


class Resync(Event, tag="resync", frozen=True):
    """All that the client holds of the room is void; the new base is `head`."""

    room: int
    head: int
    reason: Literal["too_far", "epoch", "ahead"]


class Ready(Event, tag="ready", frozen=True):
    """The socket is live for these rooms. `more` says that another part follows."""

    ref: int | None
    rooms: list[RoomSummary]
    people: list[Person]
    preferences: PreferencesState | None = None
    privacy: PrivacyState | None = None
    contacts: list[ContactState] | None = None
    more: bool = False


class GoAway(Event, tag="goaway", frozen=True):
    """The server will close this socket; come back after the delay."""

    after_ms: int
    reason: str


_encode = msgspec.json.Encoder().encode


def encode(event: msgspec.Struct | dict[str, object]) -> bytes:
    """The JSON object of an event or reply, as UTF-8 without a newline."""
    return _encode(event)
