"""V14: a person never reads a room as older than they know it to be."""

from __future__ import annotations

from tests.faults.history import ops
from tests.faults.history.history import History
from tests.faults.history.report import Report

Reader = tuple[ops.Name, ops.Name]
"""One person in one room."""


def check(history: History, report: Report) -> None:
    """Report page reads whose head is below what their reader knew when they asked."""
    known: dict[Reader, int] = {}
    due: dict[int, int] = {}
    for _, step, op in _steps(history):
        reader, seq = _knowledge(history, op)
        if step == _ASK:
            due[id(op)] = known.get(reader, 0)
            continue
        if isinstance(op, ops.Page):
            must = due.get(id(op), known.get(reader, 0))
            if op.head < must:
                report.add("stale_head", t=op.t, room=op.room, u=op.u, head=op.head, known=must)
        known[reader] = max(known.get(reader, 0), seq)


_ASK, _LEARN = "ask", "learn"


def _steps(history: History) -> list[tuple[float, str, ops.Op]]:
    """Acks, events and reads in order of time; a read is one step to ask and one to learn."""
    learned = [(op.t, _LEARN, op) for op in history.only(ops.Ok, ops.Recv, ops.Page)]
    pages = history.each(ops.Page)
    asked: list[tuple[float, str, ops.Op]] = [
        (page.asked, _ASK, page) for page in pages if page.asked < page.t
    ]
    return sorted([*asked, *learned], key=lambda step: step[0])


def _knowledge(history: History, op: ops.Op) -> tuple[Reader, int]:
    match op:
        case ops.Ok():
            return (op.u, op.room), op.seq
        case ops.Page():
            return (op.u, op.room), op.head
        case ops.Recv():
            return (history.users.get(op.conn, op.conn), op.room), op.seq
    raise TypeError(op)
