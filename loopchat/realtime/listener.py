"""What the hub asks of others: a socket to write to, and a source of truth to read from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final, NamedTuple, Protocol

from loopchat.realtime.outbox import Entry
from loopchat.realtime.veil import CLEAR, Showing, Veil


class Goodbye(IntEnum):
    """Why a socket is closed. A client comes back after 4000-4499, not after 4500-4999."""

    BINARY = 1003
    TOO_BIG = 1009
    RESTART = 1012
    OVERLOAD = 1013
    TOO_SLOW = 4001
    CURSOR_LOST = 4003
    TOO_FAST = 4005
    SIGNED_OUT = 4501
    NO_HELLO = 4502
    DISABLED = 4503
    BAD_FRAMES = 4504
    VERSION = 4505
    TOO_MANY_SOCKETS = 4506
    NO_ROOM = 4507


UNKNOWN: Final = -1
"""A version that nobody has: the next sweep reads the rights again."""


class Listener(Protocol):
    """One socket of one person. Nothing here waits or raises; after `close` all is ignored."""

    user_id: int
    login: Any
    """What `Source.ended` recognises the sign-in by."""
    version: int
    """The rights that this socket was last brought up to."""
    rooms: set[int]
    """The rooms that the client was told are its own."""
    only: frozenset[int] | None
    """The rooms that it is for, where it is not for all of its person's."""
    viewing: int | None
    """The room that it shows."""
    veil: Veil
    """What its person is not to hear."""
    is_ready: bool
    """Whether `ready` was sent: before it nothing of a room goes out."""
    is_closed: bool

    def write(self, frame: bytes) -> None:
        """Write a whole frame, after everything that was said before."""

    def offer(self, frame: bytes) -> None:
        """Write a frame that may be dropped when the socket is half full."""

    def hold(self, data: bytes) -> None:
        """Keep an encoded event until `ready` was sent: the read for it may be older."""

    def say(self, *objects: bytes) -> None:
        """Write encoded objects in as few frames as the limit allows."""

    def close(self, why: Goodbye, text: str = "") -> None:
        """Say goodbye."""


class Head(NamedTuple):
    """The head of a room's log, and whether the room has receipts."""

    seq: int
    receipts: bool


@dataclass(frozen=True, slots=True)
class Rights:
    """What a person's sockets may see at a `version`."""

    version: int
    rooms: frozenset[int]
    veil: Veil = CLEAR


class Addition(NamedTuple):
    """A room that is somebody's from now on: `room_added`, encoded, and where events follow."""

    room: int
    base: int
    data: bytes


@dataclass(slots=True)
class Audience:
    """Who may know that people come and go."""

    rooms: dict[int, set[int]] = field(default_factory=dict)
    """Rooms with receipts, by person."""
    contacts: dict[int, set[int]] = field(default_factory=dict)
    """Their friends, by person."""
    shows: dict[int, tuple[Showing, Showing]] = field(default_factory=dict)
    """To whom they show that they are here, and when they were: of those who do not to all."""
    counted: set[int] = field(default_factory=set)
    """All rooms of all of them: their online counts have changed."""


class Source(Protocol):
    """The truth, read in database threads. Everything is a fixed number of statements."""

    def read(self, room_id: int, *, after: int, upto: int) -> list[Entry]:
        """`after` < seq ≤ `upto`; nothing when the room is gone."""

    def heads(self, room_ids: Collection[int]) -> dict[int, Head]:
        """Heads of the rooms that exist."""

    def behind(self, cursors: Mapping[int, int]) -> dict[int, int | None]:
        """Rooms whose head is beyond the cursor, with it; None for rooms that are gone."""

    def changed(self, versions: Mapping[int, int]) -> set[int]:
        """People whose version is another."""

    def rights(self, user_ids: Collection[int]) -> dict[int, Rights]:
        """What people may see now."""

    def additions(self, user_id: int, room_ids: Collection[int]) -> list[Addition]:
        """Rooms as their new member is told of them."""

    def ended(self, logins: Iterable[Any]) -> dict[Any, str]:
        """Sign-ins that are no more: `signed_out` or `disabled`."""

    def audience(self, user_ids: Collection[int]) -> Audience:
        """Who may know of these people's presence."""

    def online_counts(self, room_ids: Collection[int]) -> dict[int, int]:
        """Members online who show it to everybody, by room."""

    def counted(self, room_ids: Collection[int], user_ids: Collection[int]) -> dict[int, set[int]]:
        """Which of these people are in the online count of each room."""
