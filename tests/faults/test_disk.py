"""A disk that lies, a file that is taken away, a migration that is killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backends import SQLITE
from tests.faults.lab import UNLIMITED
from tests.faults.wire import Refusal, Socket
from tests.gateway.world import World, send
from tests.services import NotStarted, Server, StartServer, find_program

KILLED_AFTER = (0.3, 0.8, 1.3)
"""Seconds after its start at which a first start is killed."""


@contextlib.contextmanager
def failing_flushes(pid: int) -> Iterator[None]:
    """While this lasts, fdatasync of that process says that the disk is broken."""
    command = [
        find_program("strace", "strace"),
        "-f",
        "-qq",
        "-e",
        "trace=fdatasync,fsync",
        "-p",
        str(pid),
    ]
    command += ["-e", "inject=fdatasync,fsync:error=EIO", "-o", "/dev/null"]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as tracer:
        try:
            _wait_until_traced(pid, tracer)
            yield
        finally:
            tracer.send_signal(signal.SIGINT)


def _wait_until_traced(pid: int, tracer: subprocess.Popen[bytes]) -> None:
    status = Path(f"/proc/{pid}/status")
    while "TracerPid:\t0\n" in status.read_text():
        if tracer.poll() is not None:
            assert tracer.stderr is not None
            raise NotStarted(f"strace may not attach: {tracer.stderr.read().decode()}")
        os.sched_yield()


async def test_what_could_not_be_flushed_is_not_acknowledged(start_server: StartServer) -> None:
    server = start_server(backend=SQLITE, env=UNLIMITED)
    with World(server) as world:
        (ann,) = world.people(1)
        room = world.room(ann)
        async with await Socket.open(server.socket_url, ann.bearer) as socket:
            await socket.hello()
            await send(socket, room, "before")
            with failing_flushes(server.pid):
                with pytest.raises(Refusal) as refused:
                    await send(socket, room, "not flushed")
                assert refused.value.code in {"unavailable", "timeout"}
                assert not refused.value.definite
            after = await send(socket, room, "after")
            page = await socket.ask("history", room=room, limit=10)
        texts = {item["message"]: item["seq"] for item in page["items"] if "message" in item}
        assert texts["after"] == after["seq"]
        assert world.tracebacks == []
    server.stop()
    with contextlib.closing(sqlite3.connect(server.folder / "loopchat.sqlite3")) as found:
        assert found.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


async def test_a_database_that_was_taken_away_is_not_made_anew(start_server: StartServer) -> None:
    server = start_server(backend=SQLITE, env=UNLIMITED)
    file = server.folder / "loopchat.sqlite3"
    with World(server) as world:
        (ann,) = world.people(1)
        room = world.room(ann)
        async with await Socket.open(server.socket_url, ann.bearer) as socket:
            await socket.hello()
            await send(socket, room, "before")
            aside = await asyncio.to_thread(_take_away, file)
            with contextlib.suppress(Refusal):
                await send(socket, room, "meanwhile")
            with contextlib.suppress(Refusal):
                await socket.ask("history", room=room, limit=10)
        assert not file.exists()
        assert aside.exists()


def _take_away(file: Path) -> Path:
    aside = file.with_name("elsewhere.sqlite3")
    file.rename(aside)
    return aside


@pytest.mark.timeout(180)
def test_a_migration_that_was_killed_is_finished_by_the_next_start(tmp_path: Path) -> None:
    for at, seconds in enumerate(KILLED_AFTER):
        server = Server(data_dir=tmp_path / str(at))
        server.folder.mkdir()
        with server.log_file.open("ab") as log:
            started = subprocess.Popen(
                server.command(), cwd=server.folder, env=server.environment(), stdout=log
            )
        with contextlib.suppress(subprocess.TimeoutExpired):
            started.wait(seconds)
        started.kill()
        started.wait()
        with server:
            assert server.manage("adduser", "ann", "--owner", "--password-stdin", stdin=_PASSWORD)


_PASSWORD = "correct horse battery\n"
