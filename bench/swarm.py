"""Thousands of client sockets in one process: epoll over raw sockets, no task for any of them."""

from __future__ import annotations

import select
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Self

from bench.connection import Connection, Lost, Script

Talk = Callable[[Connection], Script]

_BUFFER = 1 << 20
_NEW = select.EPOLLIN | select.EPOLLOUT


class Swarm:
    """All connections of one load, and the loop that serves them."""

    def __init__(self, port: int, *, receive_buffer: int | None = None) -> None:
        self._port = port
        self._receive_buffer = receive_buffer
        self._epoll = select.epoll()
        self._buffer = bytearray(_BUFFER)
        self._live: dict[int, Connection] = {}
        self._opening = 0
        self.connections: list[Connection] = []
        self.dropped: list[Connection] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for connection in list(self._live.values()):
            connection.close()
        self._epoll.close()

    def open(
        self,
        members: Iterable[tuple[bytes, Talk | None]],
        *,
        at_once: int = 32,
        limit_s: float = 120.0,
    ) -> list[Connection]:
        """Connect and talk until every member's script has ended; at most `at_once` at a time."""
        waiting = deque(members)
        opened: list[Connection] = []
        deadline = time.monotonic() + limit_s
        self._opening = 0
        while waiting or self._opening:
            while waiting and self._opening < at_once:
                opened.append(self._connect(*waiting.popleft()))
            self.turn(0.05)
            self._check(opened, deadline, len(waiting))
        self.connections += opened
        return opened

    def turn(self, timeout: float) -> None:
        """One look at all sockets, waiting at most `timeout` seconds (whole milliseconds)."""
        live, buffer = self._live, self._buffer
        for fd, event in self._epoll.poll(timeout, 1024):
            connection = live.get(fd)
            if connection is None:
                continue
            if event & select.EPOLLIN:
                connection.on_readable(buffer)
            elif event & (select.EPOLLERR | select.EPOLLHUP):
                connection.drop("connection reset")
            if event & select.EPOLLOUT and connection.closed is None:
                connection.on_writable()

    def run(self, until: Callable[[], bool], limit_s: float) -> bool:
        """Turn until the condition holds; False when the limit came first."""
        deadline = time.monotonic() + limit_s
        while not until():
            if time.monotonic() > deadline:
                return False
            self.turn(0.02)
        return True

    def settle(self, quiet_s: float, limit_s: float) -> None:
        """Turn until nothing has arrived for `quiet_s`."""
        deadline = time.monotonic() + limit_s
        seen, since = self._arrived(), time.monotonic()
        while time.monotonic() < deadline and time.monotonic() - since < quiet_s:
            self.turn(0.02)
            if (now := self._arrived()) != seen:
                seen, since = now, time.monotonic()

    def lost(self) -> list[str]:
        """Why sockets were closed by the server, for those that were."""
        return [str(connection.closed) for connection in self.dropped]

    def finished(self, _: Connection) -> None:
        """A connection's script has ended."""
        self._opening -= 1

    def forget(self, fd: int) -> None:
        """A socket is about to be closed."""
        self._live.pop(fd, None)
        self._epoll.unregister(fd)

    def poll_writes(self, fd: int, *, on: bool) -> None:
        """Ask (or stop asking) when the socket takes bytes."""
        self._epoll.modify(fd, _NEW if on else select.EPOLLIN)

    def _connect(self, request: bytes, script: Talk | None) -> Connection:
        connection = Connection(self, self._port, receive_buffer=self._receive_buffer)
        connection.begin(request, script)
        self._live[connection.fd] = connection
        self._epoll.register(connection.fd, _NEW)
        self._opening += 1
        return connection

    def _arrived(self) -> int:
        return sum(connection.objects for connection in self.connections)

    def _check(self, opened: list[Connection], deadline: float, waiting: int) -> None:
        if self.dropped:
            raise Lost(f"{self.dropped[0].closed} (while {len(opened)} sockets were open)")
        if time.monotonic() > deadline:
            raise Lost(f"{self._opening} sockets not ready in time, {waiting} not yet tried")
