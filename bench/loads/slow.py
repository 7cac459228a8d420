"""One room beside people who have stopped reading: what the others notice of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.figures import Spread, ratio
from bench.loads.room import room_of
from bench.peers.base import Place, Served, member
from bench.swarm import Swarm

LENGTH = 8000
"""Characters of a message: what the kernel keeps for a reader is full within seconds."""

RECEIVE_BUFFER = 4096
"""Bytes that the system of a stopped reader takes."""


@dataclass(frozen=True, slots=True)
class SlowResult:
    """The same talk without and beside those who do not read."""

    stopped: int
    rate: float
    alone: Spread | None
    beside: Spread | None
    complete: bool
    grown_mib: float
    """Memory of the server at the end of the talk more than before it."""
    let_go: int
    """Stopped readers that the server has closed: who is still away five seconds after goodbye is
    hung up on."""

    @property
    def slower(self) -> float | None:
        """p99 beside them, against p99 without."""
        alone, beside = self.alone, self.beside
        return ratio(beside.p99 if beside else None, alone.p99 if alone else None)


def slow(
    served: Served, place: Place, *, members: int, stopped: int, rate: float, seconds: float
) -> SlowResult:
    """`members` talk and read, then they do it again beside `stopped` more who do not read."""
    with room_of(served, place, members) as room:
        room.at_rate(rate, 1, LENGTH)
        alone = room.at_rate(rate, seconds, LENGTH)
        with _stopped(served, members, stopped) as readers:
            before = served.processes.memory_bytes()
            beside = room.at_rate(rate, seconds, LENGTH)
            grown = served.processes.memory_bytes() - before
            let_go = _let_go(readers)
    return SlowResult(
        stopped=stopped,
        rate=rate,
        alone=alone.latency,
        beside=beside.latency,
        complete=alone.complete and beside.complete,
        grown_mib=grown / 2**20,
        let_go=let_go,
    )


@contextmanager
def _stopped(served: Served, first: int, number: int) -> Iterator[Swarm]:
    """Nobody turns this swarm, so nothing is read."""
    with Swarm(served.port, receive_buffer=RECEIVE_BUFFER) as swarm:
        swarm.open(member(served.dialect, first + one) for one in range(number))
        yield swarm


def _let_go(readers: Swarm) -> int:
    """They read at last, to the end if there is one."""
    readers.run(lambda: len(readers.dropped) == len(readers.connections), limit_s=20)
    return len(readers.dropped)
