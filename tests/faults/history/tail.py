"""V17: when all is quiet, everybody has everything.

Without it a lost last message passes every check for gaps: nothing comes after it.
"""

from __future__ import annotations

from itertools import pairwise
from math import inf

from tests.faults.history import ops
from tests.faults.history.history import History
from tests.faults.history.membership import Changes, changes
from tests.faults.history.report import Report
from tests.faults.history.sockets import expectations

KEY = "tail_not_delivered"


def check(history: History, report: Report) -> None:
    """Report open sockets that miss the end of a log, and clients that show another one."""
    members = changes(history)
    if history.quiesced is not None:
        _open_sockets(history, history.quiesced, members, report)
    shown = [applied for applied in history.each(ops.Applied) if applied.room in history.truth]
    if shown:
        clients = Clients(history, {applied.client for applied in shown})
        for applied in shown:
            _shown(history, applied, clients, members, report)


Members = dict[tuple[ops.Name, ops.Name], Changes]


def _open_sockets(history: History, quiesced: float, members: Members, report: Report) -> None:
    closed = {op.conn for op in history.each(ops.Close) if op.t < quiesced}
    for (conn, room), due in expectations(history).items():
        u = history.users.get(conn, conn)
        if conn in closed or room not in history.truth or _removed(members, room, u):
            continue
        head = history.head(room)
        if due != head + 1:
            report.add(KEY, conn=conn, room=room, u=u, expected=due, head=head)


def _removed(members: Members, room: ops.Name, u: ops.Name) -> bool:
    known = members.get((room, u))
    return known is not None and known.removed


def _shown(
    history: History, applied: ops.Applied, clients: Clients, members: Members, report: Report
) -> None:
    """What a client shows is the log in its order, but for holes declared and not filled."""
    seqs = {value.id: seq for seq, value in history.truth[applied.room].items()}
    shown = [seqs.get(event, 0) for event in applied.ids]
    users = clients.users[applied.client]
    case = {"t": applied.t, "client": applied.client, "room": applied.room}
    if 0 in shown:
        strange = [event for event in applied.ids if event not in seqs]
        report.add(KEY, **case, shown_but_not_stored=strange[:20])
    elif any(seq >= after for seq, after in pairwise(shown)):
        report.add(KEY, **case, shown_out_of_order=applied.ids[:20])
    elif not any(_removed(members, applied.room, u) for u in users):
        owed = set(seqs.values()) - set(shown)
        if owed and (missing := owed - clients.excused(applied.client, applied.room)):
            report.add(KEY, **case, not_shown=sorted(missing)[:20])


Range = tuple[int, int]
Place = tuple[ops.Name, ops.Name]
"""A client or a person, and a room."""


class Clients:
    """Which sockets belong to a client, and what it need not show of each room.

    A client's sockets are named `client/…`, or like the client itself, or by its person.
    """

    def __init__(self, history: History, clients: set[ops.Name]) -> None:
        self.users: dict[ops.Name, set[ops.Name]] = {client: set() for client in clients}
        self._of: dict[ops.Name, list[ops.Name]] = {}
        people: dict[ops.Name, set[ops.Name]] = {}
        for conn, u in history.users.items():
            names = {conn, u, str(conn).rpartition("/")[0]} & clients
            self._of[conn] = list(names)
            people.setdefault(u, set()).update(names or {conn})
            for client in names:
                self.users[client].add(u)
        self._alone = {u for u, names in people.items() if len(names) == 1}
        self._holes: dict[Place, list[Range]] = {}
        self._voided: dict[Place, float] = {}
        self._find_holes(history)
        self._pages: dict[Place, list[ops.Page]] = {}
        for page in history.each(ops.Page):
            self._pages.setdefault((page.u, page.room), []).append(page)

    def excused(self, client: ops.Name, room: ops.Name) -> set[int]:
        """The seqs before the client's base, or in a hole that was declared and not filled.

        A `resync` voids all that the client held of the room, pages it had read included.
        """
        seqs: set[int] = set()
        for low, high in self._holes.get((client, room), []):
            seqs.update(range(low, high + 1))
        # With several clients of one person nobody knows which of them read the page.
        for u in self.users[client] & self._alone:
            for page in self._pages.get((u, room), []):
                if page.asked > self._voided.get((client, room), -inf):
                    seqs.difference_update(range(page.lo, page.hi + 1))
        return seqs

    def _find_holes(self, history: History) -> None:
        reached: dict[Place, int] = {}
        for op in history.only(ops.Sub, ops.Resync, ops.Recv):
            assert isinstance(op, ops.Sub | ops.Resync | ops.Recv)
            for client in self._of.get(op.conn, []):
                place = (client, op.room)
                before = reached.get(place, 0)
                to = _reached_by(op)
                if isinstance(op, ops.Resync):
                    self._holes[place] = [(1, to)]
                    self._voided[place] = op.t
                elif isinstance(op, ops.Sub) and to > before:
                    self._holes.setdefault(place, []).append((before + 1, to))
                reached[place] = max(before, to)


def _reached_by(op: ops.Sub | ops.Resync | ops.Recv) -> int:
    match op:
        case ops.Sub():
            return op.base
        case ops.Resync():
            return op.to
        case ops.Recv():
            return op.seq
