"""What is for one person only."""

from __future__ import annotations

import msgspec

from loopchat.realtime.events.base import Event


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


class Whisper(Event, tag="whisper", frozen=True):
    """Told to one person: what a bot answers to their command. It is in no log.

    `failed`: it does not answer.
    """

    room: int
    uid: int
    username: str
    command: str
    cid: str
    ts: int
    message: str | None = None
    rich: msgspec.Raw | None = None
    failed: bool = False
