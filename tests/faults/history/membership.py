"""V15: a socket gets the events of a room only from inside its person's membership."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from math import inf

from tests.faults.history import ops
from tests.faults.history.history import History
from tests.faults.history.report import Report


class Changes:
    """One person's comings and goings in one room, in the order of the log."""

    def __init__(self, members: list[ops.Member]) -> None:
        earliest: dict[int, ops.Member] = {}
        for member in members:
            earliest.setdefault(member.seq, member)
        self._changes = [earliest[seq] for seq in sorted(earliest)]
        self._seqs = sorted(earliest)
        self._next_add = self._add_times()
        self._times = list(accumulate((change.t for change in self._changes), max))

    def _add_times(self) -> list[float]:
        """For each change, when that person was first added at it or later."""
        times = [inf] * (len(self._changes) + 1)
        for index in reversed(range(len(self._changes))):
            change = self._changes[index]
            own = change.t if change.kind == "add" else inf
            times[index] = min(own, times[index + 1])
        return times

    def allow(self, seq: int, at: float, *, shared: bool) -> bool:
        """Whether the person may get the event at `seq` at this time (rules a, b and c)."""
        index = bisect_right(self._seqs, seq)
        if index and self._changes[index - 1].kind == "add":
            return True
        if index and self._seqs[index - 1] == seq:
            return True
        return shared and self._next_add[index] <= at

    def member_at(self, t: float, *, grace: float) -> bool:
        """Whether the person was a member at this time, or not longer than `grace` ago."""
        index = bisect_right(self._times, t)
        if not index:
            return False
        last = self._changes[index - 1]
        return last.kind == "add" or last.t + grace >= t

    @property
    def removed(self) -> bool:
        """Whether the person ended up outside."""
        return self._changes[-1].kind == "remove"


def changes(history: History) -> dict[tuple[ops.Name, ops.Name], Changes]:
    """The membership of everybody in every room, by (room, person)."""
    found: dict[tuple[ops.Name, ops.Name], list[ops.Member]] = {}
    for member in history.each(ops.Member):
        found.setdefault((member.room, member.u), []).append(member)
    return {place: Changes(members) for place, members in found.items()}


def check(history: History, report: Report) -> None:
    """Report events received from outside a membership."""
    members = changes(history)
    shared = {op.room: not history.joined_only(op.room) for op in history.each(ops.Recv)}
    for op in history.each(ops.Recv):
        u = history.users.get(op.conn, op.conn)
        known = members.get((op.room, u))
        if known is None:
            allowed = history.open_to_all(op.room)
        else:
            allowed = known.allow(op.seq, op.t, shared=shared[op.room])
        if not allowed:
            report.add(
                "leak_outside_membership", t=op.t, conn=op.conn, room=op.room, u=u, seq=op.seq
            )
