"""The socket's own life."""

from __future__ import annotations

from typing import Literal

from loopchat.realtime.events.base import Event
from loopchat.realtime.events.people import ContactState, Person, PreferencesState, PrivacyState
from loopchat.realtime.events.rooms import RoomSummary


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
