"""Pass 1: the operations of a run, indexed once for all checks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar, cast

from tests.faults.history import ops

T = TypeVar("T")


@dataclass(slots=True)
class Fate:
    """What became of one message that a client wanted stored."""

    conn: ops.Name
    """The socket of the first attempt."""
    t: float
    h: str
    bound: int
    """The highest seq of the room that anybody had been acknowledged at the first attempt."""
    hashes: set[str]
    attempts: int = 1
    acks: list[ops.Ok] = field(default_factory=list)
    fails: list[ops.Fail] = field(default_factory=list)
    infos: int = 0

    @property
    def open(self) -> bool:
        """Whether nobody has told the client yet what became of it."""
        return not self.acks and not self.fails


@dataclass(slots=True)
class Window:
    """A fault and how long it lasted."""

    what: str
    start: float
    stop: float


class History:
    """The operations in order of time, and what several checks need to know of them."""

    def __init__(self, operations: Sequence[ops.Op]) -> None:
        self.ops = operations
        self._by_kind: dict[type, list[ops.Op]] = {}
        for op in operations:
            self._by_kind.setdefault(type(op), []).append(op)
        self.users = {op.conn: op.u for op in self.each(ops.Conn)}
        self.sessions = {op.conn: op.sess for op in self.each(ops.Conn)}
        self.policies = {op.room: op for op in self.each(ops.Policy)}
        self.quiesced = max((op.t for op in self.each(ops.Quiesce)), default=None)
        self.fates = _fates(self.only(ops.Invoke, ops.Ok, ops.Fail, ops.Info))
        self.finals = _by_room(self.each(ops.Final))
        self.truth = {room: _longest(finals) for room, finals in self.finals.items()}
        self.windows = list(_windows(self.each(ops.Nemesis)))
        self.bus_windows = [
            window for window in self.windows if "redis" in window.what or "bus" in window.what
        ]

    def only(self, *kinds: type[ops.Op]) -> list[ops.Op]:
        """The operations of these kinds, in order of time."""
        return [op for op in self.ops if type(op) in kinds]

    def each(self, kind: type[T]) -> list[T]:
        """The operations of one kind, in order of time."""
        return cast("list[T]", self._by_kind.get(kind, []))

    def head(self, room: ops.Name) -> int:
        """The last seq of a room's log after the run."""
        return max(self.truth.get(room, {}), default=0)

    def joined_only(self, room: ops.Name) -> bool:
        """Whether the room hides from a member what was before they joined."""
        policy = self.policies.get(room)
        return policy is not None and policy.history == "joined"

    def open_to_all(self, room: ops.Name) -> bool:
        """Whether the run declares that the room needs no membership."""
        policy = self.policies.get(room)
        return policy is not None and policy.open


def _fates(sends: Iterable[ops.Op]) -> dict[ops.Key, Fate]:
    """Every message ever attempted, in order of first attempts."""
    fates: dict[ops.Key, Fate] = {}
    acked: dict[ops.Name, int] = {}
    for op in sends:
        if isinstance(op, ops.Ok):
            acked[op.room] = max(acked.get(op.room, 0), op.seq)
        if isinstance(op, ops.Invoke):
            _invoke(fates, op, acked.get(op.room, 0))
        # An answer to what nobody sent says something about the log, not about a message.
        elif isinstance(op, ops.Ok | ops.Fail | ops.Info) and (fate := fates.get(ops.key_of(op))):
            _answer(fate, op)
    return fates


def _answer(fate: Fate, op: ops.Ok | ops.Fail | ops.Info) -> None:
    match op:
        case ops.Ok():
            fate.acks.append(op)
        case ops.Fail():
            _fail(fate, op)
        case ops.Info():
            fate.infos += 1


def _invoke(fates: dict[ops.Key, Fate], op: ops.Invoke, bound: int) -> None:
    fate = fates.get(ops.key_of(op))
    if fate is None:
        fates[ops.key_of(op)] = Fate(op.conn, op.t, op.h, bound, {op.h})
    else:
        fate.attempts += 1
        fate.hashes.add(op.h)


def _fail(fate: Fate, op: ops.Fail) -> None:
    """Count a refusal only when it speaks of the message, not of one attempt among several."""
    if not op.definite:
        fate.infos += 1
    elif op.code == "cid_conflict" and len(fate.hashes) > 1:
        return  # the expected answer to the same cid with another content
    elif op.code in _BEFORE_LOOKUP and fate.attempts > 1:
        fate.infos += 1  # this attempt went nowhere; an earlier one may still have landed
    else:
        fate.fails.append(op)


_BEFORE_LOOKUP = {"rate_limited", "unavailable", "timeout"}


def _by_room(finals: Iterable[ops.Final]) -> dict[ops.Name, list[ops.Final]]:
    rooms: dict[ops.Name, list[ops.Final]] = {}
    for final in finals:
        rooms.setdefault(final.room, []).append(final)
    return rooms


def _longest(finals: Sequence[ops.Final]) -> dict[int, ops.Value]:
    return dict(max(finals, key=lambda final: len(final.items)).items)


def _windows(nemesis: Iterable[ops.Nemesis]) -> Iterator[Window]:
    """Faults with their ends; one without an end lasted an instant."""
    running: dict[str, Window] = {}
    for op in nemesis:
        if op.phase == "stop":
            if window := running.pop(op.what, None):
                window.stop = op.t
            continue
        start = op.t if op.start is None else op.start
        window = Window(op.what, start, start if op.stop is None else op.stop)
        if op.phase == "start":
            running[op.what] = window
        yield window
