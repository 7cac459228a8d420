"""What a transaction has to tell once it is committed: the words between domain and hub."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Replies = Sequence[tuple[Callable[[Any], None], Any]]
"""Who waits for an outcome, and the outcome."""


class Entry(NamedTuple):
    """One event of a room's log, encoded.

    `leaves` names the person whom it takes out; `receipts` says whether the room has them from
    here on, where that may have changed.
    """

    seq: int
    data: bytes
    leaves: int | None = None
    receipts: bool | None = None


class Aside(NamedTuple):
    """An encoded event outside the log: a cursor, typing, presence.

    It goes to the sockets of `topic` but those of the person `skip`. A `passing` one (typing,
    presence) is dropped for a socket that is half full.
    """

    topic: str
    data: bytes
    skip: int | None = None
    passing: bool = False
    height: tuple[str, int] | None = None
    """What it says the height of, and the height: a lower one that comes late is not told."""
    only: tuple[int, ...] | None = None
    """When it is for some people of the topic and not for the others."""


@dataclass(slots=True)
class Committed:
    """All that one transaction has to tell."""

    rooms: dict[int, list[Entry]] = field(default_factory=dict)
    """New entries of rooms' logs, without holes, in order."""
    asides: list[Aside] = field(default_factory=list)
    people: set[int] = field(default_factory=set)
    """People whose rights have changed."""
    gone: set[int] = field(default_factory=set)
    """Rooms that were deleted."""
    messages: int = 0
    """How many of the entries are new messages."""

    def merge(self, other: Committed) -> None:
        """Add what a later transaction has to tell."""
        for room_id, entries in other.rooms.items():
            self.rooms.setdefault(room_id, []).extend(entries)
        self.asides.extend(other.asides)
        self.people |= other.people
        self.gone |= other.gone
        self.messages += other.messages
