"""What this process has counted since it began, as plain numbers.

They are read when somebody asks (`/metrics`, the page for operators) and cost nothing until then
but an addition. Each number is raised by one thread only, the event loop or the writer, so that
none of them needs a lock.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Final, TypeVar

import msgspec

Key = TypeVar("Key", int, str)

SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
SIZES: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0)


class Spread(msgspec.Struct):
    """How often a value was how large: a histogram with fixed upper bounds, inclusive."""

    bounds: tuple[float, ...]
    counts: list[int]
    """One more than there are bounds: the last is for what is beyond them all."""
    total: float = 0.0

    @classmethod
    def over(cls, bounds: tuple[float, ...]) -> Spread:
        """An empty one."""
        return cls(bounds, [0] * (len(bounds) + 1))

    def add(self, value: float) -> None:
        """Count one value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


def _seconds() -> Spread:
    return Spread.over(SECONDS)


def _sizes() -> Spread:
    return Spread.over(SIZES)


class Tally(msgspec.Struct):
    """All of them. Times are seconds."""

    # Sockets: on the loop
    opened: int = 0
    closed: dict[int, int] = msgspec.field(default_factory=dict)
    """By the code of our goodbye. Who leaves by themselves gets none."""
    turned_away: dict[int, int] = msgspec.field(default_factory=dict)
    """Upgrades that were answered with a status."""
    commands: int = 0
    refused: dict[str, int] = msgspec.field(default_factory=dict)
    """Commands, by the code of the refusal."""

    # The way out: on the loop
    deliveries: int = 0
    """Events of rooms times the sockets that they were written to."""
    frames: int = 0
    """Frames that carried them."""
    passing_dropped: int = 0
    """Typing, presence and counts that a slow reader was not told."""
    gaps: int = 0
    """Holes in what was told of a room."""
    repairs: int = 0
    repaired: int = 0
    """Events that repairs have read."""
    resyncs: int = 0
    """Rooms that were too far behind to be repaired."""
    sweeps: int = 0
    sweeps_failed: int = 0
    found: int = 0
    """Rooms that the sweep found behind: nobody had told of what is new there."""
    fan_out: Spread = msgspec.field(default_factory=_seconds)
    """From the hand-over after COMMIT until the frames of this process were written."""
    loop_delay: Spread = msgspec.field(default_factory=_seconds)
    """How much later than wanted the loop got round to a thing."""

    # The bus: on the loop
    rung: int = 0
    heard: int = 0
    unsent: int = 0
    """Messages that were too many or too old to be sent."""
    lost: int = 0
    """How often messages of others may have been missed."""

    # The writer: on its thread
    messages: int = 0
    events: int = 0
    """What has taken a seq, messages included."""
    moves: int = 0
    failed: int = 0
    """Operations that the database did not take."""
    batches: Spread = msgspec.field(default_factory=_sizes)
    """Operations in one transaction."""
    commit: Spread = msgspec.field(default_factory=_seconds)
    """How long a transaction takes, COMMIT included."""
    waited: Spread = msgspec.field(default_factory=_seconds)
    """From the arrival of an operation until it was stored."""

    # Pages: on the loop
    requests: dict[int, int] = msgspec.field(default_factory=dict)
    """By status."""
    answered: Spread = msgspec.field(default_factory=_seconds)
    """How long a request takes."""


def one_more(counts: dict[Key, int], key: Key) -> None:
    """Raise one of several numbers."""
    counts[key] = counts.get(key, 0) + 1


tally: Final = Tally()
