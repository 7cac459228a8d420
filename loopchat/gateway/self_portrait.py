"""How this worker is."""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import socket
from pathlib import Path
from typing import Final

import msgspec
from django.conf import settings
from django.db import connection

from loopchat import __version__
from loopchat.chat.writer import writer
from loopchat.core import recent
from loopchat.core.clock import now_ms
from loopchat.core.tally import tally
from loopchat.realtime.hub import Hub
from loopchat.realtime.report import LAST_BACKUP, Backup, Machine, Report

_STARTED_TS: Final = now_ms()
_HOST: Final = socket.gethostname()


async def draw(worker_id: str, hub: Hub, *, draining: bool, reads: int) -> Report:
    """What is said to whoever asks; `reads` is how many wait for a database thread."""
    machine, backup = await asyncio.to_thread(_look_around)
    return Report(
        id=worker_id,
        host=_HOST,
        pid=os.getpid(),
        version=__version__,
        started_ts=_STARTED_TS,
        draining=draining,
        sockets=sum(map(len, hub.people.values())),
        people=len(hub.people),
        rooms=len(hub.streams),
        queue=writer.depth,
        reads=reads,
        bus=hub.bus.name,
        bus_up=hub.bus.healthy,
        bus_waiting=hub.bus.waiting,
        pool=_pool(),
        machine=machine,
        backup=backup,
        problems=list(recent.problems),
        tally=tally,
    )


def _look_around() -> tuple[Machine, Backup | None]:
    """In a thread: it asks the disk."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    disk = shutil.disk_usage(settings.DATA_DIR)
    machine = Machine(
        memory=_memory(),
        cpu=used.ru_utime + used.ru_stime,
        files=_open_files(),
        files_most=resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        disk_free=disk.free,
        disk_size=disk.total,
        database_size=_database_size(),
    )
    return machine, _last_backup()


def _memory() -> int:
    """Resident bytes, where the system says it."""
    table = Path("/proc/self/statm")
    if not table.exists():
        return 0
    return int(table.read_text(encoding="ascii").split()[1]) * resource.getpagesize()


def _open_files() -> int:
    table = Path("/proc/self/fd")
    return sum(1 for _ in table.iterdir()) if table.exists() else 0


def _database_size() -> int:
    if connection.vendor != "sqlite":
        return 0
    file = Path(settings.DATABASES["default"]["NAME"])
    parts = (file, file.with_name(f"{file.name}-wal"))
    return sum(part.stat().st_size for part in parts if part.exists())


def _last_backup() -> Backup | None:
    try:
        return msgspec.json.decode((settings.DATA_DIR / LAST_BACKUP).read_bytes(), type=Backup)
    except (OSError, msgspec.DecodeError):
        return None


def _pool() -> dict[str, int]:
    if connection.vendor != "postgresql":
        return {}
    stats = connection.pool.get_stats()  # type: ignore[attr-defined]
    return {
        "size": stats.get("pool_size", 0),
        "free": stats.get("pool_available", 0),
        "most": stats.get("pool_max", 0),
        "waiting": stats.get("requests_waiting", 0),
    }
