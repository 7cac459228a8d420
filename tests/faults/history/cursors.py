"""V18: read cursors only move forward, and the unread count is exact."""

from __future__ import annotations

from tests.faults.history import ops
from tests.faults.history.history import History
from tests.faults.history.report import Report

KEY = "cursor_regressed"


def check(history: History, report: Report) -> None:
    """Report cursors that go back, run ahead, differ between devices or count wrongly."""
    last: dict[tuple[ops.Name, ops.Name, ops.Name | None], ops.Cursor] = {}
    for op in history.each(ops.Cursor):
        device = (op.room, op.u, op.conn)
        before = last.get(device)
        if before is not None and op.seq < before.seq:
            _add(report, op, before=before.seq)
        elif op.room in history.truth and op.seq > history.head(op.room):
            _add(report, op, head=history.head(op.room))
        last[device] = op
    _at_the_end(history, list(last.values()), report)


def _at_the_end(history: History, cursors: list[ops.Cursor], report: Report) -> None:
    """What the sockets heard last, once all is quiet."""
    agreed: dict[tuple[ops.Name, ops.Name], int] = {}
    for op in cursors:
        if history.quiesced is not None and op.t < history.quiesced:
            continue
        if agreed.setdefault((op.room, op.u), op.seq) != op.seq:
            _add(report, op, other_device=agreed[op.room, op.u])
        if op.unread is not None and op.room in history.truth:
            exact = _unread(history.truth[op.room], op)
            if op.unread != exact:
                _add(report, op, unread=op.unread, exact=exact)


def _unread(log: dict[int, ops.Value], op: ops.Cursor) -> int:
    """The messages of others after the cursor; what is not a message does not count."""
    return sum(seq > op.seq and value.u not in (op.u, ops.SYSTEM) for seq, value in log.items())


def _add(report: Report, op: ops.Cursor, **case: object) -> None:
    report.add(KEY, t=op.t, u=op.u, room=op.room, seq=op.seq, conn=op.conn, **case)
