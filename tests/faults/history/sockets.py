"""V10 and V11: what one socket was sent, and whether all sockets tell one order."""

from __future__ import annotations

from collections import deque

from tests.faults.history import ops
from tests.faults.history.history import History
from tests.faults.history.report import Report

Line = tuple[ops.Name, ops.Name]
"""One socket and one room."""


def check(history: History, report: Report) -> None:
    """Report silent gaps, duplicates and inversions on sockets, and cycles between them."""
    expectations(history, report)
    _cycles(history, report)


def expectations(history: History, report: Report | None = None) -> dict[Line, int]:
    """V10: the seq that each socket would have to get next, room by room, after the run."""
    found = report if report is not None else Report()
    expected: dict[Line, int] = {}
    for op in history.only(ops.Sub, ops.Resync, ops.Recv):
        match op:
            case ops.Sub():
                expected[op.conn, op.room] = op.base + 1
            case ops.Resync():
                due = expected.get((op.conn, op.room))
                if due is not None and op.to < due - 1 and op.reason not in _BACKWARDS:
                    found.add(
                        "nonmonotonic", t=op.t, conn=op.conn, room=op.room, to=op.to, expected=due
                    )
                expected[op.conn, op.room] = op.to + 1
            case ops.Recv():
                _receive(op, expected, found)
    return expected


_BACKWARDS = {"epoch", "ahead"}
"""Reasons to resync that say themselves that the client's base was beyond the log."""


def _receive(op: ops.Recv, expected: dict[Line, int], report: Report) -> None:
    line = (op.conn, op.room)
    due = expected.get(line)
    case = {"t": op.t, "conn": op.conn, "room": op.room, "seq": op.seq}
    if due is None:
        report.add("unsubscribed_delivery", **case)
    elif op.seq > due:
        report.add("gap", **case, missing=[due, op.seq - 1])
    elif op.seq < due:
        report.add("dup_or_reorder_on_conn", **case, expected=due)
    expected[line] = max(due or 0, op.seq + 1)


def _cycles(history: History, report: Report) -> None:
    """V11: the orders in which sockets saw the events fit together; what `seq` says is ignored."""
    for room, edges in _edges(history).items():
        if tangled := _tangled(edges):
            report.add("order_cycle", room=room, events=len(tangled), ids=_cycle(edges, tangled))


Edges = dict[ops.Name, set[ops.Name]]


def _edges(history: History) -> dict[ops.Name, Edges]:
    rooms: dict[ops.Name, Edges] = {}
    last: dict[Line, ops.Name] = {}
    for op in history.each(ops.Recv):
        edges = rooms.setdefault(op.room, {})
        before = last.get((op.conn, op.room))
        if before is not None and before != op.id:
            edges.setdefault(before, set()).add(op.id)
        last[op.conn, op.room] = op.id
    return rooms


def _tangled(edges: Edges) -> set[ops.Name]:
    """The events left over when those with nothing before them are taken away (Kahn)."""
    before: dict[ops.Name, int] = {}
    for start, ends in edges.items():
        before.setdefault(start, 0)
        for end in ends:
            before[end] = before.get(end, 0) + 1
    free = deque(event for event, count in before.items() if not count)
    left = set(before)
    while free:
        event = free.popleft()
        left.discard(event)
        for end in edges.get(event, ()):
            before[end] -= 1
            if not before[end]:
                free.append(end)
    return left


def _cycle(edges: Edges, tangled: set[ops.Name]) -> list[ops.Name]:
    """One cycle to show, found by walking back from any event that lies on or behind one."""
    backwards: dict[ops.Name, ops.Name] = {}
    for start in tangled:
        for end in edges.get(start, set()) & tangled:
            backwards[end] = start
    event = next(iter(tangled))
    walked: dict[ops.Name, int] = {}
    path: list[ops.Name] = []
    while event not in walked:
        walked[event] = len(path)
        path.append(event)
        event = backwards[event]
    return path[walked[event] :][::-1][:20]
