"""A long everyday: many sockets stay and talk, then all are gone at once and come back."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bench.figures import Spread
from bench.loads.city import talk, watch
from bench.peers.base import Place, Served, member
from bench.processes import Processes
from bench.swarm import Swarm

SAMPLES = 60
"""How often is looked in all."""

WARM = 0.2
"""Share of the time after which nothing should grow any more."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What the server holds at a moment."""

    at_s: float
    memory_mib: float
    descriptors: int
    threads: int


@dataclass(frozen=True, slots=True)
class SoakResult:
    """What it held all the time, and how fast all were back."""

    sockets: int
    rate: float
    messages: int
    complete: bool
    latency: Spread | None
    samples: tuple[Sample, ...]
    grown_mib: float
    """Memory at the end more than when it was warm."""
    more_descriptors: int
    more_threads: int
    back_s: float
    """From the loss of all sockets until all were live again."""
    left_over: int
    """Descriptors after the return more than before the loss."""


def soak(
    served: Served, place: Place, *, sockets: int, rooms: int, rate: float, minutes: float
) -> SoakResult:
    """`sockets` people in `rooms` rooms talk for so long; then their sockets are reset."""
    dialect, processes = served.dialect, served.processes
    place.take_load_core()
    samples: list[Sample] = []
    began, every = time.monotonic(), minutes * 60 / SAMPLES

    def beat() -> None:
        if time.monotonic() - began >= len(samples) * every:
            samples.append(_sample(processes, time.monotonic() - began))

    with Swarm(served.port) as swarm:
        everybody = (member(dialect, number) for number in range(sockets))
        people = swarm.open(everybody, at_once=500, limit_s=300)
        watchers = watch(people, dialect)
        swarm.settle(1.0, limit_s=30)
        began = time.monotonic()
        messages, complete = talk(
            swarm, people, watchers, dialect, (rooms, rate, minutes * 60), beat
        )
        samples.append(_sample(processes, time.monotonic() - began))
    back_s, after = _come_back(served, sockets)
    warm, last = samples[int(len(samples) * WARM)], samples[-1]
    return SoakResult(
        sockets=sockets,
        rate=rate,
        messages=messages,
        complete=complete,
        latency=Spread.of_ns([d for watcher in watchers.values() for d in watcher.delays]),
        samples=tuple(samples),
        grown_mib=last.memory_mib - warm.memory_mib,
        more_descriptors=last.descriptors - warm.descriptors,
        more_threads=last.threads - warm.threads,
        back_s=back_s,
        left_over=after - last.descriptors,
    )


def _come_back(served: Served, sockets: int) -> tuple[float, int]:
    """All sockets were just lost: how long until all are live, and the descriptors then."""
    began = time.monotonic()
    with Swarm(served.port) as swarm:
        everybody = (member(served.dialect, number) for number in range(sockets))
        swarm.open(everybody, at_once=500, limit_s=300)
        took = time.monotonic() - began
        swarm.settle(2.0, limit_s=30)
        return took, served.processes.descriptors()


def _sample(processes: Processes, at_s: float) -> Sample:
    memory = processes.memory_bytes() / 2**20
    return Sample(at_s, memory, processes.descriptors(), processes.threads())
