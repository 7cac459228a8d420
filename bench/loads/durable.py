"""Acknowledged sends a second: a message counts when the server has said that it is stored."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bench.connection import Connection, Lost
from bench.loads.room import stamped
from bench.peers.base import Dialect, Place, Served, member
from bench.swarm import Swarm

_STALLED_S = 5.0


@dataclass(frozen=True, slots=True)
class DurableResult:
    """What was confirmed, by how many clients with how much in flight."""

    senders: int
    in_flight: int
    acknowledged: int
    seconds: float
    server_cpu_s: float

    @property
    def per_second(self) -> float:
        """Acknowledged sends a second."""
        return self.acknowledged / self.seconds


class _Sender:
    """A client that always has the same number of messages unanswered."""

    def __init__(self, connection: Connection, dialect: Dialect, in_flight: int) -> None:
        self._connection = connection
        self._dialect = dialect
        self._in_flight = in_flight
        self.acknowledged = 0
        self.sent = 0
        connection.watch(self._watch)

    def top_up(self) -> None:
        """Send as many as were answered."""
        stamp = time.monotonic_ns()
        while self.sent - self.acknowledged < self._in_flight:
            self._connection.send(self._dialect.message(stamped(stamp), 0))
            self.sent += 1

    def _watch(self, payload: bytes) -> None:
        self.acknowledged += self._dialect.acknowledged(payload)


def durable(
    served: Served, place: Place, *, senders: int, in_flight: int, warm_s: float, seconds: float
) -> DurableResult:
    """Keep `senders` clients busy in a room of just them."""
    dialect, processes = served.dialect, served.processes
    place.take_load_core()
    with Swarm(served.port) as swarm:
        opened = swarm.open(member(dialect, number) for number in range(senders))
        clients = [_Sender(connection, dialect, in_flight) for connection in opened]
        _keep(swarm, clients, warm_s)
        before = sum(client.acknowledged for client in clients)
        cpu, began = processes.cpu_seconds(), time.monotonic()
        _keep(swarm, clients, seconds)
        took = time.monotonic() - began
        return DurableResult(
            senders=senders,
            in_flight=in_flight,
            acknowledged=sum(client.acknowledged for client in clients) - before,
            seconds=took,
            server_cpu_s=processes.cpu_seconds() - cpu,
        )


def _keep(swarm: Swarm, clients: list[_Sender], seconds: float) -> None:
    until, moved, total = time.monotonic() + seconds, time.monotonic(), -1
    while (now := time.monotonic()) < until:
        for client in clients:
            client.top_up()
        swarm.turn(0.01)
        if (done := sum(client.acknowledged for client in clients)) != total:
            total, moved = done, now
        elif now - moved > _STALLED_S:
            raise Lost("no send was acknowledged for five seconds")
        if swarm.dropped:
            raise Lost(str(swarm.dropped[0].closed))
