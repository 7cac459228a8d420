"""V1 and V2: a place holds one value, and a value has one place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tests.faults.history import ops
from tests.faults.history.history import History
from tests.faults.history.report import Report

UNKNOWN = "?"
"""The hash of an acknowledged message whose attempts differed: it binds no content."""


class Sighting(NamedTuple):
    """Somebody said that this value stands at this place."""

    t: float
    room: ops.Name
    seq: int
    value: ops.Value
    by: str


def sightings(history: History) -> Iterator[Sighting]:
    """Every statement about a place in a log, whoever made it, finals last."""
    for op in history.only(ops.Recv, ops.Ok, ops.Member, ops.Page):
        yield from _told_by(history, op)
    for final in history.each(ops.Final):
        for seq, value in final.items:
            yield Sighting(final.t, final.room, seq, value, f"final {final.src}")


def _told_by(history: History, op: ops.Op) -> Iterator[Sighting]:
    match op:
        case ops.Recv():
            yield Sighting(op.t, op.room, op.seq, ops.value_of(op), "recv")
        case ops.Ok():
            yield _of_ack(history, op)
        case ops.Member():
            value = ops.Value(op.id, ops.SYSTEM, op.id, op.kind)
            yield Sighting(op.t, op.room, op.seq, value, "member")
        case ops.Page():
            for seq, value in op.items:
                yield Sighting(op.t, op.room, seq, value, "page")


def _of_ack(history: History, op: ops.Ok) -> Sighting:
    fate = history.fates.get(ops.key_of(op))
    h = fate.h if fate and len(fate.hashes) == 1 else UNKNOWN
    return Sighting(op.t, op.room, op.seq, ops.Value(op.id, op.u, op.cid, h), "ack")


def check(history: History, report: Report) -> None:
    """Report forks, and messages or ids that took effect twice."""
    at: dict[tuple[ops.Name, int], ops.Value] = {}
    places: dict[ops.Key, tuple[int, ops.Name]] = {}
    seqs: dict[tuple[ops.Name, ops.Name], int] = {}
    for seen in sightings(history):
        before = at.setdefault((seen.room, seen.seq), seen.value)
        if before is not seen.value:
            if before == seen.value:
                continue
            if before.h == UNKNOWN and before[:3] == seen.value[:3]:
                at[seen.room, seen.seq] = seen.value
            elif seen.value.h != UNKNOWN or before[:3] != seen.value[:3]:
                _add(report, "fork", seen, values=[list(before), list(seen.value)])
        _check_effect(seen, places, report)
        if (first := seqs.setdefault((seen.room, seen.value.id), seen.seq)) != seen.seq:
            _add(report, "dup_id", seen, id=seen.value.id, seqs=[first, seen.seq])


def _check_effect(
    seen: Sighting, places: dict[ops.Key, tuple[int, ops.Name]], report: Report
) -> None:
    if seen.value.u == ops.SYSTEM:
        return
    key = ops.Key(seen.room, seen.value.u, seen.value.cid)
    place = (seen.seq, seen.value.id)
    if (first := places.setdefault(key, place)) != place:
        _add(
            report,
            "duplicate_effect",
            seen,
            u=key.u,
            cid=key.cid,
            places=[list(first), list(place)],
        )


def _add(report: Report, key: str, seen: Sighting, **case: object) -> None:
    report.add(key, t=seen.t, room=seen.room, seq=seen.seq, by=seen.by, **case)
