"""One client socket: the upgrade, a conversation, and then it either counts or watches."""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Callable, Generator
from typing import Protocol

from bench.frames import CLOSE, PING, PONG, TEXT, FrameCounter, FrameReader, client_frame

Script = Generator[None, bytes, None]
"""A conversation: it is sent every text payload, and writes what it likes."""

Watch = Callable[[bytes], None]


class Lost(RuntimeError):
    """A socket that the load needs was refused or closed."""


class Loop(Protocol):
    """What a connection asks of the loop that serves it."""

    dropped: list[Connection]

    def finished(self, connection: Connection) -> None:
        """The connection's script has ended."""

    def forget(self, fd: int) -> None:
        """The socket is about to be closed."""

    def poll_writes(self, fd: int, *, on: bool) -> None:
        """Ask (or stop asking) when the socket takes bytes."""


class Connection:
    """One socket of the swarm."""

    __slots__ = (
        "_counter",
        "_loop",
        "_on_bytes",
        "_out",
        "_reader",
        "_request",
        "_script",
        "_sock",
        "_upgrade",
        "_watch",
        "closed",
        "fd",
        "opened_at",
        "ready_at",
        "upgraded_at",
    )

    def __init__(self, loop: Loop, port: int, *, receive_buffer: int | None = None) -> None:
        self._loop = loop
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if receive_buffer is not None:
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.fd = self._sock.fileno()
        self._out = bytearray()
        self._reader = FrameReader()
        self._counter: FrameCounter | None = None
        self._watch: Watch | None = None
        self._script: Script | None = None
        self._request: bytes | None = None
        self._upgrade = b""
        self._on_bytes: Callable[[bytearray, int], None] = self._during_upgrade
        self.closed: str | None = None
        self.opened_at = time.monotonic_ns()
        self.upgraded_at = 0
        self.ready_at = 0
        failure = self._sock.connect_ex(("127.0.0.1", port))
        if failure not in (0, errno.EINPROGRESS):
            raise Lost(f"connect: {errno.errorcode.get(failure, failure)}")

    @property
    def objects(self) -> int:
        """How many objects this socket has counted since `count`."""
        return self._counter.objects if self._counter else 0

    def begin(self, request: bytes, script: Callable[[Connection], Script] | None) -> None:
        """Send the upgrade (nothing when it is empty), then hold the conversation."""
        self._request = request
        self._script = script(self) if script else None
        if not request:
            self._on_bytes = self._during_talk

    def send(self, payload: bytes, opcode: int = TEXT) -> None:
        """Send one frame."""
        self.write(client_frame(payload, opcode))

    def write(self, data: bytes) -> None:
        """Send raw bytes now, the rest as soon as the kernel takes it."""
        if self.closed is not None:
            return
        if self._out:
            self._out += data
            return
        try:
            sent = self._sock.send(data)
        except BlockingIOError:
            sent = 0
        except OSError as failure:
            self.drop(f"send: {failure.strerror}")
            return
        if sent < len(data):
            self._out += data[sent:]
            self._loop.poll_writes(self.fd, on=True)

    def count(self) -> None:
        """From now on only count."""
        self._counter = FrameCounter(self._control, self._reader.take_held())
        self._on_bytes = self._counter.feed

    def watch(self, watch: Watch | None) -> None:
        """From now on hand every text payload to `watch`."""
        self._watch = watch
        self._on_bytes = self._during_talk

    def on_writable(self) -> None:
        """The kernel takes bytes again (or the connect is done)."""
        if self._request is not None:
            data, self._request = self._request, None
            self._loop.poll_writes(self.fd, on=False)
            if data:
                self.write(data)
            else:
                self._start_script()
        elif self._out:
            sent = self._sock.send(self._out)
            del self._out[:sent]
            if not self._out:
                self._loop.poll_writes(self.fd, on=False)

    def on_readable(self, buffer: bytearray) -> None:
        """Take what arrived, at most one buffer full."""
        try:
            size = self._sock.recv_into(buffer)
        except BlockingIOError:
            return
        except OSError as failure:
            self.drop(f"recv: {failure.strerror}")
            return
        if size:
            self._on_bytes(buffer, size)
        else:
            self.drop("closed by the server")

    def close(self) -> None:
        """Close the socket on our side."""
        if self.closed is None:
            self.closed = "closed here"
            self._loop.forget(self.fd)
            self._sock.close()

    def drop(self, reason: str) -> None:
        """The server or the kernel ended it: close, and remember why."""
        if self.closed is None:
            self.close()
            self.closed = reason
            self._loop.dropped.append(self)

    def _during_upgrade(self, buffer: bytearray, size: int) -> None:
        self._upgrade += buffer[:size]
        head, end, rest = self._upgrade.partition(b"\r\n\r\n")
        if not end:
            return
        if b" 101 " not in head[:20]:
            self.drop(f"upgrade refused: {head[:60]!r}")
            return
        self._upgrade = b""
        self._on_bytes = self._during_talk
        self._start_script()
        if rest:
            self._read(bytes(rest))

    def _start_script(self) -> None:
        self.upgraded_at = time.monotonic_ns()
        if self._script is None:
            self._finish()
        else:
            self._advance(None)

    def _during_talk(self, buffer: bytearray, size: int) -> None:
        self._read(bytes(memoryview(buffer)[:size]))

    def _read(self, data: bytes) -> None:
        for opcode, payload in self._reader.feed(data):
            if opcode != TEXT:
                self._control(opcode, payload)
            elif self._script is not None:
                self._advance(payload)
            elif self._watch is not None:
                self._watch(payload)

    def _advance(self, payload: bytes | None) -> None:
        assert self._script is not None
        try:
            if payload is None:
                next(self._script)
            else:
                self._script.send(payload)
        except StopIteration:
            self._script = None
            self._finish()

    def _finish(self) -> None:
        self.ready_at = time.monotonic_ns()
        self._loop.finished(self)

    def _control(self, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            self.send(payload, PONG)
        elif opcode == CLOSE:
            code = int.from_bytes(payload[:2], "big")
            self.drop(f"close {code} {payload[2:].decode(errors='replace')}".strip())
