"""How long after its acknowledgement a message reached each open socket."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from tests.faults.history import ops
from tests.faults.history.history import History
from tests.faults.history.report import Report


class Bounds(NamedTuple):
    """How late a live event may be in seconds, in good times and after a fault is healed."""

    outside: float = 1.0
    heal: float = 5.0


class Lag(NamedTuple):
    """Seconds from acknowledgement to receipt: (median, 99th percentile, worst)."""

    outside: tuple[float, float, float]
    inside: tuple[float, float, float]


def measure(history: History, report: Report, bounds: Bounds) -> Lag:
    """Report live events that came too late, and sum up all of them."""
    acked = _first_acks(history)
    windows = _merged(history, bounds.heal)
    starts = [start for start, _ in windows]
    outside: list[float] = []
    inside: list[float] = []
    for op in history.each(ops.Recv):
        since = acked.get((op.room, op.seq))
        if since is None or op.src != "live":
            continue
        late = max(0.0, op.t - since)
        index = bisect_right(starts, op.t) - 1
        faulty = index >= 0 and windows[index][1] >= since
        (inside if faulty else outside).append(late)
        if late > bounds.outside and not (faulty and op.t <= windows[index][1]):
            report.add(
                "lag", t=op.t, conn=op.conn, room=op.room, seq=op.seq, seconds=round(late, 3)
            )
    return Lag(_summary(outside), _summary(inside))


def _first_acks(history: History) -> dict[tuple[ops.Name, int], float]:
    acked: dict[tuple[ops.Name, int], float] = {}
    for op in history.each(ops.Ok):
        acked.setdefault((op.room, op.seq), op.t)
    return acked


def _merged(history: History, heal: float) -> list[tuple[float, float]]:
    """The times at which something was broken or had just been healed."""
    merged: list[tuple[float, float]] = []
    for start, stop in sorted((window.start, window.stop + heal) for window in history.windows):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged


def _summary(values: Sequence[float]) -> tuple[float, float, float]:
    ordered = sorted(values)
    if not ordered:
        return (0.0, 0.0, 0.0)
    last = len(ordered) - 1
    return (ordered[last // 2], ordered[last * 99 // 100], ordered[last])
