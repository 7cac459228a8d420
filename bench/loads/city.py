"""Many small rooms: everybody comes back at once, then talks at an everyday rate."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.connection import Connection, Lost
from bench.figures import Spread
from bench.loads.room import Watcher, stamped
from bench.peers.base import Dialect, Place, Served, member
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
        watchers = watch(people, dialect)
        swarm.settle(1.0, limit_s=30)
        cpu, began = processes.cpu_seconds(), time.monotonic()
        total, complete = talk(swarm, people, watchers, dialect, (rooms, rate, seconds))
        spent, took = processes.cpu_seconds() - cpu, time.monotonic() - began
    return CityResult(
        sockets=sockets,
        all_live_s=all_live_s,
        rate=rate,
        messages=total,
        complete=complete,
        latency=Spread.of_ns([d for watcher in watchers.values() for d in watcher.delays]),
        server_cpu=spent / took,
    )


def watch(people: Sequence[Connection], dialect: Dialect) -> dict[int, Watcher]:
    """Read some of the sockets in full, and only count on the others."""
    watchers = {n: Watcher(dialect) for n in range(0, len(people), _WATCH_EVERY)}
    for number, connection in enumerate(people):
        if number in watchers:
            connection.watch(watchers[number])
        else:
            connection.count()
    return watchers


def talk(
    swarm: Swarm,
    people: Sequence[Connection],
    watchers: dict[int, Watcher],
    dialect: Dialect,
    plan: tuple[int, float, float],
    beat: Callable[[], None] = lambda: None,
) -> tuple[int, bool]:
    """Talk by a plan of rooms, messages a second, seconds; `beat` is called with each message.

    How many messages that were, and whether all of them reached everybody who is read in full.
    """
    rooms, rate, seconds = plan
    speakers = list(watchers)
    heard_in = Counter(number % rooms for number in watchers)
    expected = sum(watcher.received for watcher in watchers.values())
    began, total = time.monotonic(), int(rate * seconds)
    for number in range(total):
        due = began + number / rate
        while (left := due - time.monotonic()) > 0:
            swarm.turn(int(left * 1000) / 1000)
        beat()
        speaker = speakers[number % len(speakers)]
        people[speaker].send(dialect.message(stamped(int(due * 1e9)), speaker))
        expected += heard_in[speaker % rooms]
    complete = swarm.run(
        lambda: sum(watcher.received for watcher in watchers.values()) >= expected, 10
    )
    if swarm.dropped:
        raise Lost(f"{len(swarm.dropped)} sockets closed: {swarm.dropped[0].closed}")
    return total, complete
