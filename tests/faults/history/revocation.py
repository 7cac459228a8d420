"""V16: who is signed out or removed soon hears nothing at all."""

from __future__ import annotations

from tests.faults.history import ops
from tests.faults.history.history import History
from tests.faults.history.membership import changes
from tests.faults.history.report import Report

WITH_BUS = 2.0
WITHOUT_BUS = 10.0


def check(history: History, report: Report) -> None:
    """Report frames on ended logins, and unstored events about a room to people outside it."""
    _ended_logins(history, report)
    _ephemerals(history, report)


def _ended_logins(history: History, report: Report) -> None:
    ended: dict[ops.Name, float] = {}
    for revoke in history.each(ops.Revoke):
        ended.setdefault(revoke.sess, revoke.t)
    if not ended:
        return
    for op in history.only(ops.Sub, ops.Resync, ops.Recv, ops.Eph):
        assert isinstance(op, ops.Sub | ops.Resync | ops.Recv | ops.Eph)
        since = ended.get(history.sessions.get(op.conn, ""))
        if since is not None and op.t > since + _grace(history, since):
            report.add(
                "delivered_after_revocation",
                t=op.t,
                conn=op.conn,
                room=op.room,
                revoked=since,
                frame=type(op).__name__.lower(),
            )


def _ephemerals(history: History, report: Report) -> None:
    members = changes(history)
    for op in history.each(ops.Eph):
        if op.room is None or history.open_to_all(op.room):
            continue
        u = history.users.get(op.conn, op.conn)
        known = members.get((op.room, u))
        grace = _grace(history, op.t - WITHOUT_BUS)
        if known is None or not known.member_at(op.t, grace=grace):
            report.add(
                "delivered_after_revocation", t=op.t, conn=op.conn, room=op.room, u=u, frame=op.kind
            )


def _grace(history: History, since: float) -> float:
    """How long the news may take: longer when the bus was away in the meantime."""
    away = any(
        window.start <= since + WITHOUT_BUS and since <= window.stop
        for window in history.bus_windows
    )
    return WITHOUT_BUS if away else WITH_BUS
