"""How one worker is: what it says of itself when somebody asks all of them."""

from __future__ import annotations

from typing import Final

import msgspec

from loopchat.core.recent import Problem
from loopchat.core.tally import Tally

LAST_BACKUP: Final = "last-backup.json"
"""Where in the data folder `loopchat backup` notes that it has made one."""


class Machine(msgspec.Struct, frozen=True):
    """What the system says of the process and of its disk. Sizes are bytes."""

    memory: int = 0
    cpu: float = 0.0
    """Seconds of processor time since the start."""
    files: int = 0
    files_most: int = 0
    disk_free: int = 0
    disk_size: int = 0
    database_size: int = 0
    """Of an SQLite file and its log; 0 for a database elsewhere."""


class Backup(msgspec.Struct, frozen=True):
    """The newest backup that was read back. `made_ts` is in milliseconds since the epoch."""

    made_ts: int
    size: int
    text: str


class Report(msgspec.Struct, frozen=True):
    """One worker. Times are milliseconds since the epoch."""

    id: str
    host: str
    pid: int
    version: str
    started_ts: int
    draining: bool
    sockets: int
    people: int
    rooms: int
    queue: int
    """Operations that wait for the writer."""
    reads: int
    """Reads that wait for a database thread."""
    bus: str
    bus_up: bool
    bus_waiting: int
    pool: dict[str, int]
    """Of the PostgreSQL connections: `size`, `free`, `waiting`; empty for SQLite."""
    machine: Machine
    backup: Backup | None
    problems: list[Problem]
    tally: Tally

    @property
    def name(self) -> str:
        """How it is called in statistics."""
        return f"{self.host}-{self.pid}"


class Roll(msgspec.Struct, frozen=True):
    """Who has answered, the one that was asked first, and how many have not."""

    reports: list[Report]
    silent: int = 0
    online: int = 0
    """People who are connected to any of them."""


encode = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(Report)


def decode(data: bytes) -> Report:
    """A report of another worker; `msgspec.DecodeError` when it is of another version."""
    found: Report = _decoder.decode(data)
    return found
