"""Servers under test: started on their own core, measured by /proc, stopped by process id."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from bench.machine import go_first

_TICK = os.sysconf("SC_CLK_TCK")


class NotServing(RuntimeError):
    """A server did not start; the text ends with what it printed."""


class Processes:
    """The processes of one server, children included."""

    def __init__(self, core: int, log: Path) -> None:
        self._core = core
        self._log = log
        self._roots: list[subprocess.Popen[bytes]] = []

    def start(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stdin: int | IO[bytes] = subprocess.DEVNULL,
        stdout: int | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start on the server's core, output to the log."""
        with self._log.open("ab") as log, on_core(self._core):
            process = subprocess.Popen(
                command,
                env={**os.environ, **(env or {})},
                cwd=cwd,
                stdin=stdin,
                stdout=log if stdout is None else stdout,
                stderr=log,
                start_new_session=True,
            )
        go_first(process.pid)
        self._roots.append(process)
        return process

    def wait_for_port(self, port: int, limit_s: float = 60.0) -> None:
        """Return when something listens on the port; raise when it died or the limit passed."""
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            self.check()
            time.sleep(0.02)
        raise NotServing(f"nothing listens after {limit_s:.0f} s: {self.tail()}")

    def check(self) -> None:
        """Raise when one of the processes has ended."""
        for process in self._roots:
            if process.poll() is not None:
                raise NotServing(f"ended with {process.returncode}: {self.tail()}")

    def tail(self) -> str:
        """The last lines of what the server printed."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-15:])

    def cpu_seconds(self) -> float:
        """User and system time of all processes so far (in steps of 10 ms)."""
        return sum(_cpu_seconds(pid) for pid in self._pids())

    def memory_bytes(self) -> int:
        """Resident memory of all processes, shared pages counted once."""
        return sum(_memory_bytes(pid) for pid in self._pids())

    def descriptors(self) -> int:
        """Open files and sockets of all processes."""
        return sum(_count(f"/proc/{pid}/fd") for pid in self._pids())

    def threads(self) -> int:
        """Threads of all processes."""
        return sum(_count(f"/proc/{pid}/task") for pid in self._pids())

    def stop(self) -> None:
        """Ask the processes to end, then insist."""
        for process in reversed(self._roots):
            _end(process)
        self._roots.clear()

    def _pids(self) -> set[int]:
        return _with_children({process.pid for process in self._roots})


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Children started inside the block live on that core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def free_port() -> int:
    """A port on the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _end(process: subprocess.Popen[bytes]) -> None:
    for sign, limit_s in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0)):
        if process.poll() is not None:
            break
        process.send_signal(sign)
        try:
            process.wait(limit_s)
        except subprocess.TimeoutExpired:
            continue
    _sweep_session(process.pid)


def _sweep_session(session: int) -> None:
    """Children that outlived their parent are in the session that we made for them."""
    for pid in _all_pids():
        try:
            if os.getsid(pid) == session:
                os.kill(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue


def _all_pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _with_children(roots: set[int]) -> set[int]:
    parents = {pid: fields[1] for pid in _all_pids() if (fields := _stat(pid))}
    found, edge = set(roots), set(roots)
    while edge:
        edge = {pid for pid, parent in parents.items() if int(parent) in edge} - found
        found |= edge
    return found


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat behind the name: state, parent, …"""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _cpu_seconds(pid: int) -> float:
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / _TICK if fields else 0.0


def _count(folder: str) -> int:
    try:
        return sum(1 for _ in Path(folder).iterdir())
    except OSError:
        return 0


def _memory_bytes(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
