"""The load against a small server of our own: what arrives is counted, what is lost is noticed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from websockets.sync.server import Server, ServerConnection, serve

from bench.connection import Connection, Lost, Script
from bench.frames import upgrade_request
from bench.loads.room import Room
from bench.machine import cores
from bench.peers.base import Place, Served, member
from bench.processes import Processes
from bench.swarm import Swarm

MEMBERS = 20


@dataclass
class Crier:
    """Says to everybody what anybody says; `loses` counts down to a message that it forgets."""

    loses: int = -1
    refuses: bool = False
    room: list[ServerConnection] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, socket: ServerConnection) -> None:
        if self.refuses:
            socket.close(4501, "signed out")
            return
        with self.lock:
            self.room.append(socket)
            socket.send("welcome")
        for text in socket:
            with self.lock:
                self.loses -= 1
                for other in self.room[1:] if self.loses == 0 else self.room:
                    other.send(text)


class Plain:
    """The dialect of that server."""

    def upgrade(self, member: int) -> bytes:
        return upgrade_request("127.0.0.1", f"/{member}")

    def join(self, connection: Connection, member: int) -> Script:
        assert (yield) == b"welcome"

    def message(self, text: str, member: int) -> bytes:
        return text.encode()

    def deliveries(self, payload: bytes) -> int:
        return 1

    def acknowledged(self, payload: bytes) -> int:
        return 0


@contextmanager
def crying(crier: Crier) -> Iterator[int]:
    """The port of that server while it runs."""
    server: Server
    with serve(crier, "127.0.0.1", 0, compression=None) as server:
        running = threading.Thread(target=server.serve_forever)
        running.start()
        try:
            yield server.socket.getsockname()[1]
        finally:
            server.shutdown()
            running.join()


@contextmanager
def room(crier: Crier, folder: Path, patience_s: float = 5.0) -> Iterator[Room]:
    """A room in which everybody is."""
    place = Place(folder, cores())
    with crying(crier) as port, Swarm(port) as swarm:
        served = Served(port, Processes(place.cores.server, folder / "log"), Plain())
        yield Room(served, place, swarm, MEMBERS, patience_s)


def test_everything_that_was_sent_is_counted_and_timed(tmp_path: Path) -> None:
    with room(Crier(), tmp_path) as hall:
        result = hall.at_rate(100, 0.2)
    assert (result.messages, result.deliveries) == (20, 20 * MEMBERS)
    assert result.complete
    assert result.latency is not None
    assert 0 < result.latency.p50 <= result.latency.p99


def test_a_window_is_kept_full(tmp_path: Path) -> None:
    with room(Crier(), tmp_path) as hall:
        result = hall.saturated(4, 0.05, 0.2)
    assert result.complete
    assert result.messages > 4
    assert result.window == 4


def test_one_lost_delivery_is_noticed(tmp_path: Path) -> None:
    with room(Crier(loses=3), tmp_path, patience_s=0.2) as hall:
        result = hall.at_rate(100, 0.1)
    assert result.deliveries == result.messages * MEMBERS - 1
    assert not result.complete


def test_a_socket_that_is_turned_away_ends_the_load() -> None:
    with (
        crying(Crier(refuses=True)) as port,
        Swarm(port) as swarm,
        pytest.raises(Lost, match="close 4501 signed out"),
    ):
        swarm.open([member(Plain(), 0)])


def test_a_server_that_is_not_there_ends_the_load() -> None:
    with crying(Crier()) as port:
        pass
    with Swarm(port) as swarm, pytest.raises(Lost, match="refused"):
        swarm.open([member(Plain(), 0)])
