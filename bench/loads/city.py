"""Many small rooms: everybody comes back at once, then talks at an everyday rate."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass

from bench.connection import Lost
from bench.figures import Spread
from bench.loads.room import Watcher, stamped
from bench.peers.base import Place, Served, member
from bench.swarm import Swarm

_WATCH_EVERY = 23
"""One socket of so many is read in full, and speaks: no divisor of usual numbers of rooms."""


@dataclass(frozen=True, slots=True)
class CityResult:
    """A city of sockets."""

    sockets: int
    all_live_s: float
    rate: float
    messages: int
    complete: bool
    latency: Spread | None
    server_cpu: float
    """Share of the server's core while people talk."""


def city(
    served: Served, place: Place, *, sockets: int, rooms: int, rate: float, seconds: float
) -> CityResult:
    """`sockets` people in `rooms` rooms, person n in room n modulo rooms."""
    dialect, processes = served.dialect, served.processes
    place.take_load_core()
    with Swarm(served.port) as swarm:
        began = time.monotonic()
        people = swarm.open((member(dialect, n) for n in range(sockets)), at_once=500, limit_s=300)
        all_live_s = time.monotonic() - began
        watchers = {n: Watcher(dialect) for n in range(0, sockets, _WATCH_EVERY)}
        for number, connection in enumerate(people):
            if number in watchers:
                connection.watch(watchers[number])
            else:
                connection.count()
        swarm.settle(1.0, limit_s=30)
        speakers = list(watchers)
        heard_in = Counter(number % rooms for number in watchers)
        expected = 0
        cpu, began = processes.cpu_seconds(), time.monotonic()
        total = int(rate * seconds)
        for number in range(total):
            due = began + number / rate
            while (left := due - time.monotonic()) > 0:
                swarm.turn(int(left * 1000) / 1000)
            speaker = speakers[number % len(speakers)]
            people[speaker].send(dialect.message(stamped(int(due * 1e9)), speaker))
            expected += heard_in[speaker % rooms]
        complete = swarm.run(
            lambda: sum(watcher.received for watcher in watchers.values()) >= expected, 10
        )
        spent, took = processes.cpu_seconds() - cpu, time.monotonic() - began
        if swarm.dropped:
            raise Lost(f"{len(swarm.dropped)} sockets closed: {swarm.dropped[0].closed}")
    return CityResult(
        sockets=sockets,
        all_live_s=all_live_s,
        rate=rate,
        messages=total,
        complete=complete,
        latency=Spread.of_ns([d for watcher in watchers.values() for d in watcher.delays]),
        server_cpu=spent / took,
    )
