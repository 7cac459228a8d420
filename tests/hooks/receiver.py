"""Somebody else's server, on the loopback: answers as it is told to, and keeps what it was sent."""

from __future__ import annotations

import contextlib
import json
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

LIMIT = 20.0
"""Seconds to wait for something that has to come."""

Answer = Callable[[socket.socket], None]


@dataclass(frozen=True)
class Asked:
    """A request that came."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """What it says."""
        return json.loads(self.body)


def says(
    body: bytes | str = b"", *, status: str = "200 OK", kind: str = "text/plain", **headers: str
) -> Answer:
    """An ordinary answer."""
    data = body.encode() if isinstance(body, str) else body
    given = {"Content-Type": kind, "Content-Length": str(len(data)), "Connection": "close"}
    given |= {name.replace("_", "-"): text for name, text in headers.items()}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {text}" for name, text in given.items())]
    return raw("\r\n".join(lines).encode() + b"\r\n\r\n" + data)


def raw(data: bytes) -> Answer:
    """These bytes."""
    return lambda wire: wire.sendall(data)


NOTHING = says(status="204 No Content")


class Receiver:
    """Answers with `answer`, or with what was put into `next`, one request after the other."""

    def __init__(self) -> None:
        self.answer: Answer = NOTHING
        self.next: list[Answer] = []
        self.asked: queue.SimpleQueue[Asked] = queue.SimpleQueue()
        self.ended = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/hook"

    def take(self) -> Asked:
        """The next request that came."""
        return self.asked.get(timeout=LIMIT)

    def all(self) -> list[Asked]:
        """Those that have come and were not taken."""
        return [self.asked.get() for _ in range(self.asked.qsize())]

    def close(self) -> None:
        """Nobody listens any more."""
        self.ended.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)  # wakes whoever waits for connections
        self._listening.close()

    def work(self) -> None:
        """Take connections until the end, each in a thread."""
        while True:
            try:
                wire, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(wire,), daemon=True).start()

    def _serve(self, wire: socket.socket) -> None:
        with wire, contextlib.suppress(OSError):
            asked = _read(wire)
            answer = self.next.pop(0) if self.next else self.answer
            self.asked.put(asked)
            answer(wire)


def _read(wire: socket.socket) -> Asked:
    stream = wire.makefile("rb")
    line = stream.readline().decode().strip()
    headers = {}
    while text := stream.readline().decode().strip():
        name, _, value = text.partition(":")
        headers[name.lower()] = value.strip()
    return Asked(line, headers, stream.read(int(headers.get("content-length", 0))))


@contextlib.contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens."""
    found = Receiver()
    threading.Thread(target=found.work, daemon=True).start()
    try:
        yield found
    finally:
        found.close()
