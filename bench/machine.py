"""What the figures were measured on, without names of hosts or folders; which core is whose."""

from __future__ import annotations

import os
import platform
import resource
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_NICE = -15
_FLUSHES = 200
_PACKAGES = ("django", "channels", "uvicorn", "uvloop", "daphne", "channels-redis", "msgspec")


@dataclass(frozen=True, slots=True)
class Cores:
    """The server gets one core and the load another; without two, they share and we say so."""

    server: int
    load: int
    pinned: bool


def cores() -> Cores:
    """The first two cores that this process may use."""
    mine = sorted(os.sched_getaffinity(0))
    if len(mine) < 2:
        return Cores(mine[0], mine[0], pinned=False)
    return Cores(mine[0], mine[1], pinned=True)


def facts(pinned: Cores) -> dict[str, str | int | bool]:
    """Processor, kernel, Python and the versions of what was measured."""
    found: dict[str, str | int | bool] = {
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
        "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30),
        "pinned": pinned.pinned,
        "system": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def raise_descriptor_limit() -> int:
    """As many sockets as this user may open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def go_first(process: int) -> bool:
    """Put the session that a process leads before other programs; False when not allowed.

    Linux shares cores between sessions first (autogroups) and between their processes then, so a
    nice value of the process alone would mean nothing.
    """
    try:
        os.setpriority(os.PRIO_PGRP, process, _NICE)
        Path(f"/proc/{process}/autogroup").write_text(str(_NICE))
    except OSError:
        return False
    return True


def in_own_session(run: Callable[[], int]) -> int:
    """Run in a child that leads a session; an interrupt from the terminal is passed on to it."""
    child = os.fork()
    if child == 0:
        os.setsid()
        sys.exit(run())
    while True:
        try:
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        except KeyboardInterrupt:
            os.kill(child, signal.SIGINT)


def busy_seconds(core: int) -> float:
    """Seconds that the core has worked since boot, whoever it worked for."""
    for line in Path("/proc/stat").read_text().splitlines():
        name, *fields = line.split()
        if name == f"cpu{core}":
            user, nice, system, _idle, _wait, irq, soft, steal = (int(f) for f in fields[:8])
            return (user + nice + system + irq + soft + steal) / _TICK
    return 0.0


def flush_ms(folder: Path) -> tuple[float, float]:
    """Median and 99th percentile of flushing 4 KiB to this disk: what every commit waits for."""
    waits = []
    with (folder / "flush").open("wb", buffering=0) as file:
        for _ in range(_FLUSHES):
            file.write(bytes(4096))
            began = time.monotonic()
            os.fdatasync(file.fileno())
            waits.append((time.monotonic() - began) * 1e3)
    waits.sort()
    return waits[_FLUSHES // 2], waits[_FLUSHES * 99 // 100]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
