"""What a load needs to know of a server: how to start it, join its room, speak and be counted."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bench.connection import Connection, Script
from bench.machine import Cores
from bench.processes import Processes


class Dialect(Protocol):
    """How a member of the room speaks to this server."""

    def upgrade(self, member: int) -> bytes:
        """The request that opens this member's socket."""

    def join(self, connection: Connection, member: int) -> Script:
        """What is said until this member is in the room."""

    def message(self, text: str, member: int) -> bytes:
        """The payload with which a member says `text` in their (first) room."""

    def deliveries(self, payload: bytes) -> int:
        """How many chat messages a payload carries."""

    def acknowledged(self, payload: bytes) -> int:
        """How many of the sender's own messages a payload confirms as stored."""


@dataclass(frozen=True, slots=True)
class Served:
    """A server that is up: where it listens, what it costs, how to talk to it."""

    port: int
    processes: Processes
    dialect: Dialect


class Peer(Protocol):
    """A server that can be measured with a room of N members."""

    @property
    def name(self) -> str:
        """As in the tables."""

    @property
    def stored(self) -> bool:
        """Whether every message is in a database before it is delivered."""

    @property
    def windows(self) -> tuple[int, ...]:
        """How many messages are in flight when it is saturated: each is tried, the best counts."""

    def missing(self) -> str | None:
        """Why it cannot run here, or None."""

    def serve(self, members: int, where: Place) -> AbstractContextManager[Served]:
        """Start it with a room of that size; it is stopped when the block ends."""


def member(dialect: Dialect, number: int) -> tuple[bytes, Callable[[Connection], Script]]:
    """What `Swarm.open` needs to bring one member in."""
    return dialect.upgrade(number), lambda connection: dialect.join(connection, number)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server runs: a folder of its own and the cores."""

    folder: Path
    cores: Cores

    def processes(self, name: str) -> Processes:
        """Nothing running yet, output to a log in the folder."""
        return Processes(self.cores.server, self.folder / f"{name}.log")

    def take_load_core(self) -> None:
        """From now on this process, the load, stays on its own core."""
        os.sched_setaffinity(0, {self.cores.load})
