"""V20: a run in which nothing happened proves nothing, however green it is."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import NamedTuple

from tests.faults.history import ops
from tests.faults.history.history import Fate, History, Window


class Demand(NamedTuple):
    """What a run must contain at least before its verdict means something."""

    ok: int = 1
    info: int = 0
    faults_in_flight: int = 0
    """Faults that began while a message was on its way, not merely during the run."""


def reasons(history: History, demand: Demand) -> list[str]:
    """Why the run proves nothing; empty when it does."""
    return list(_reasons(history, demand))


def _reasons(history: History, demand: Demand) -> Iterator[str]:
    acked = sum(bool(fate.acks) for fate in history.fates.values())
    if acked < demand.ok:
        yield f"fewer than {demand.ok} acknowledged messages"
    if sum(fate.infos for fate in history.fates.values()) < demand.info:
        yield f"fewer than {demand.info} messages of unknown fate"
    if not any(_during(history, window) for window in history.windows):
        yield "no fault while messages were being sent"
    if in_flight(history) < demand.faults_in_flight:
        yield f"fewer than {demand.faults_in_flight} faults while a message was on its way"
    if not _reconnected(history):
        yield "nobody reconnected"
    if not history.each(ops.Recv):
        yield "nothing was received"
    if history.quiesced is None:
        yield "the run never came to rest"
    yield from _without_final(history)


def in_flight(history: History) -> int:
    """How many faults began between a message's first attempt and its last answer."""
    spans = [(fate.t, _answered(fate)) for fate in history.fates.values()]
    steps = sorted(
        [(start, 1) for start, _ in spans] + [(end, -1) for _, end in spans],
        key=lambda step: (step[0], -step[1]),
    )
    count = waiting = position = 0
    for fault in sorted(window.start for window in history.windows):
        while position < len(steps) and steps[position][0] <= fault:
            waiting += steps[position][1]
            position += 1
        count += waiting > 0
    return count


def _answered(fate: Fate) -> float:
    acked = fate.acks[0].t if fate.acks else inf
    return min(acked, fate.fails[0].t if fate.fails else inf)


def _during(history: History, window: Window) -> bool:
    first = min((fate.t for fate in history.fates.values()), default=inf)
    return window.stop >= first and (history.quiesced is None or window.start <= history.quiesced)


def _reconnected(history: History) -> bool:
    people = [conn.u for conn in history.each(ops.Conn)]
    return len(people) > len(set(people))


def _without_final(history: History) -> Iterator[str]:
    if not history.finals:
        yield "no final log"
        return
    rooms = {op.room for op in history.each(ops.Recv)} | {key.room for key in history.fates}
    for room in sorted(rooms - history.finals.keys(), key=str):
        yield f"no final log of room {room}"
