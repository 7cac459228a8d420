"""Many people who just arrive and stay: connects a second, and what an idle socket weighs."""

from __future__ import annotations

import gc
import time
from dataclasses import dataclass

from bench.figures import Spread
from bench.peers.base import Place, Served, member
from bench.swarm import Swarm


@dataclass(frozen=True, slots=True)
class CrowdResult:
    """Arrival and weight of a crowd."""

    sockets: int
    connects_per_second: float
    connect_cpu_ms: float
    ready: Spread | None
    bytes_per_socket: float
    idle_cpu: float
    """Share of the server's core that the idle crowd costs."""


def crowd(served: Served, place: Place, *, sockets: int, warm: int, quiet_s: float) -> CrowdResult:
    """Open `warm` sockets, then the crowd: its weight is the growth, so imports do not count."""
    dialect, processes = served.dialect, served.processes
    place.take_load_core()
    gc.collect()
    with Swarm(served.port) as swarm:
        swarm.open(member(dialect, number) for number in range(warm))
        _rest(swarm, quiet_s)
        weight, cpu, began = processes.memory_bytes(), processes.cpu_seconds(), time.monotonic()
        arrived = swarm.open(member(dialect, number) for number in range(warm, warm + sockets))
        took, spent = time.monotonic() - began, processes.cpu_seconds() - cpu
        for connection in arrived:
            connection.count()
        _rest(swarm, quiet_s)
        grown = processes.memory_bytes() - weight
        idle_cpu, idle_from = processes.cpu_seconds(), time.monotonic()
        _rest(swarm, quiet_s)
        idle = (processes.cpu_seconds() - idle_cpu) / (time.monotonic() - idle_from)
    return CrowdResult(
        sockets=sockets,
        connects_per_second=sockets / took,
        connect_cpu_ms=spent / sockets * 1e3,
        ready=Spread.of_ns([c.ready_at - c.opened_at for c in arrived]),
        bytes_per_socket=grown / sockets,
        idle_cpu=idle,
    )


def _rest(swarm: Swarm, seconds: float) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        swarm.turn(min(left, 0.1))
