"""People: what is known of them, and what they chose."""

from __future__ import annotations

from typing import Literal

import msgspec

from loopchat.realtime.events.base import Event, PresenceState


class Status(msgspec.Struct, frozen=True, omit_defaults=True):
    """What somebody says of their present, until then."""

    emoji: str = ""
    text: str = ""
    until_ts: int | None = None


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
    deleted: bool = False


class Member(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody in a room."""

    uid: int
    username: str
    name: str
    role: str
    avatar: str | None = None
    status: Status | None = None
    dnd_until_ts: int | None = None
    bot: bool = False
    guest: bool = False
    deleted: bool = False


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


class Preferences(Event, tag="preferences", frozen=True):
    """One's own devices: how this person wants it."""

    receipts: bool
    client: msgspec.Raw


class Privacy(PrivacyState, tag="privacy", tag_field="type", frozen=True):
    """One's own devices: to whom this person shows what."""


class Contact(ContactState, tag="contact", tag_field="type", frozen=True, kw_only=True):
    """What somebody is to this person from now on; nothing at all, when no field says more."""


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
    deleted: bool = False
