"""One room, everybody in it: messages at a fixed rate, or as many as the server can take."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from bench.connection import Lost
from bench.figures import Spread
from bench.machine import busy_seconds
from bench.peers.base import Dialect, Place, Served, member
from bench.swarm import Swarm

TEXT_LENGTH = 98
_STAMP = re.compile(rb"sent (\d{19}) ")
_STALLED_S = 5.0


@dataclass(frozen=True, slots=True)
class RoomResult:
    """What one load of a room came to."""

    messages: int
    deliveries: int
    seconds: float
    server_cpu_s: float
    latency: Spread | None
    complete: bool
    others_cpu: float
    """Share of the server's core that went to other programs: the noise of this run."""
    load_cpu: float
    """Share of the load's own core that the load itself took."""
    window: int = 0

    @property
    def per_second(self) -> float:
        """Deliveries a second."""
        return self.deliveries / self.seconds

    @property
    def cpu_us(self) -> float | None:
        """Server CPU per delivery, in µs."""
        return self.server_cpu_s / self.deliveries * 1e6 if self.deliveries else None


def stamped(now_ns: int, length: int = TEXT_LENGTH) -> str:
    """A chat message of so many characters that says when it was sent."""
    return f"sent {now_ns:019d} ".ljust(length, "m")


@dataclass(slots=True)
class Watcher:
    """A socket that is read in full: it counts chat messages and times them."""

    dialect: Dialect
    received: int = 0
    acknowledged: int = 0
    delays: list[int] = field(default_factory=list)

    def __call__(self, payload: bytes) -> None:
        """One payload has arrived."""
        now = time.monotonic_ns()
        self.received += self.dialect.deliveries(payload)
        self.acknowledged += self.dialect.acknowledged(payload)
        self.delays.extend(now - int(stamp) for stamp in _STAMP.findall(payload))


class Room:
    """The members of one room: a few send and watch, the rest only count."""

    def __init__(
        self,
        served: Served,
        place: Place,
        swarm: Swarm,
        members: int,
        patience_s: float = _STALLED_S,
    ) -> None:
        self._patience_s = patience_s
        self._served = served
        self._place = place
        self._swarm = swarm
        dialect = served.dialect
        connections = swarm.open(member(dialect, number) for number in range(members))
        step = max(members // 16, 1)
        self._watched = connections[::step]
        self._watchers = [Watcher(dialect) for _ in self._watched]
        for connection, watcher in zip(self._watched, self._watchers, strict=True):
            connection.watch(watcher)
        watched = set(self._watched)
        self._counting = [c for c in connections if c not in watched]
        for connection in self._counting:
            connection.count()
        self.members = members
        self._sent = 0

    def settle(self) -> None:
        """Wait until the noise of joining is over, and count from there."""
        self._swarm.settle(0.5, limit_s=30)

    def at_rate(self, rate: float, seconds: float, length: int = TEXT_LENGTH) -> RoomResult:
        """One member says `rate` messages a second, whatever the server makes of it."""
        with self._measured() as finish:
            began = time.monotonic_ns()
            total, gap = int(rate * seconds), 1e9 / rate
            for number in range(total):
                due = began + int(number * gap)
                self._turn_until(due)
                self._send(0, due, length)
            self._turn_until(began + int(total * gap))
            offered = time.monotonic_ns() - began
            done = self._swarm.run(lambda: self._slowest() >= self._sent, self._patience_s)
            self._swarm.settle(0.1, limit_s=2)
            return finish(total, offered / 1e9, done, 0)

    def saturated(self, window: int, warm_s: float, seconds: float) -> RoomResult:
        """Several members keep `window` messages in flight, as fast as the server takes them."""
        self._keep(window, warm_s)
        with self._measured() as finish:
            began, sent = time.monotonic(), self._sent
            self._keep(window, seconds)
            took = time.monotonic() - began
            result = finish(self._sent - sent, took, True, window)
        self._swarm.run(lambda: self._slowest() >= self._sent, self._patience_s)
        self._swarm.settle(0.1, limit_s=2)
        return replace(result, complete=self._delivered() >= self._sent * self.members)

    @contextmanager
    def _measured(self) -> Iterator[Callable[[int, float, bool, int], RoomResult]]:
        for watcher in self._watchers:
            watcher.delays.clear()
        processes, core = self._served.processes, self._place.cores.server
        cpu, busy = processes.cpu_seconds(), busy_seconds(core)
        wall, own, before = time.monotonic(), time.process_time(), self._delivered()

        def finish(messages: int, seconds: float, complete: bool, window: int) -> RoomResult:
            spent = processes.cpu_seconds() - cpu
            elapsed = time.monotonic() - wall
            arrived = self._delivered() - before
            return RoomResult(
                messages=messages,
                deliveries=arrived,
                seconds=seconds,
                server_cpu_s=spent,
                latency=Spread.of_ns([d for w in self._watchers for d in w.delays]),
                complete=complete and (window > 0 or arrived >= messages * self.members),
                others_cpu=max(busy_seconds(core) - busy - spent, 0) / elapsed,
                load_cpu=(time.process_time() - own) / elapsed,
                window=window,
            )

        yield finish
        if lost := self._swarm.lost():
            raise Lost(f"{len(lost)} sockets were closed, the first: {lost[0]}")

    def _keep(self, window: int, seconds: float) -> None:
        until, moved, slowest = time.monotonic() + seconds, time.monotonic(), -1
        while (now := time.monotonic()) < until:
            if (arrived := self._slowest()) != slowest:
                slowest, moved = arrived, now
            elif now - moved > self._patience_s:
                raise Lost(f"{self._sent - arrived} messages were never delivered")
            stamp = time.monotonic_ns()
            for _ in range(window - (self._sent - arrived)):
                self._send(self._sent % min(len(self._watched), 8), stamp)
            self._swarm.turn(0.01)

    def _send(self, sender: int, stamp: int, length: int = TEXT_LENGTH) -> None:
        self._watched[sender].send(self._served.dialect.message(stamped(stamp, length), 0))
        self._sent += 1

    def _turn_until(self, due_ns: int) -> None:
        while (left := due_ns - time.monotonic_ns()) > 0:
            self._swarm.turn(left // 1_000_000 / 1000)

    def _slowest(self) -> int:
        return min(watcher.received for watcher in self._watchers)

    def _delivered(self) -> int:
        counted = sum(connection.objects for connection in self._counting)
        return counted + sum(watcher.received for watcher in self._watchers)


@contextmanager
def room_of(served: Served, place: Place, members: int) -> Iterator[Room]:
    """A room with everybody in it and nothing going on."""
    place.take_load_core()
    with Swarm(served.port) as swarm:
        room = Room(served, place, swarm, members)
        room.settle()
        yield room
