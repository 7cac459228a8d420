"""Values that come out of a load, and the little arithmetic that they need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """How a set of durations lies, in milliseconds."""

    count: int
    p50: float
    p99: float
    worst: float

    @classmethod
    def of_ns(cls, durations: Sequence[int]) -> Spread | None:
        """From nanoseconds; None when nothing was measured."""
        if not durations:
            return None
        ordered = sorted(durations)
        return cls(
            count=len(ordered),
            p50=percentile(ordered, 50) / 1e6,
            p99=percentile(ordered, 99) / 1e6,
            worst=ordered[-1] / 1e6,
        )


def percentile(ordered: Sequence[int], percent: float) -> float:
    """The smallest value that at least `percent` of the sorted values do not exceed."""
    if not ordered:
        raise ValueError("no values")
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(int(rank), 1) - 1]


def ratio(value: float | None, other: float | None) -> float | None:
    """How many times the other, or None when one of them is unknown."""
    return value / other if value and other else None
