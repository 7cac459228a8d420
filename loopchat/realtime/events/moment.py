"""What is true for a moment: cursors, presence, typing."""

from __future__ import annotations

from loopchat.realtime.events.base import Event, PresenceState


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
