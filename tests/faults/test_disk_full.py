"""A disk that is full: who writes is told so, who reads notices nothing, and then all goes on."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.backends import POSTGRES, SQLITE
from tests.faults.client import Client
from tests.faults.conftest import NewLab
from tests.faults.history.vacuity import Demand
from tests.faults.lab import UNLIMITED, Lab
from tests.faults.test_bus import missing
from tests.faults.wire import Refusal
from tests.services import Postgres, Redis, StartServer, direct, scratch

SIZE = "48m"
LONG = "a rather long message. " * 299 + "The end."
"""So that what is free inside of the files is used up soon."""

MOST = 5_000
"""Messages after which a full disk has to be noticed."""


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of its own, which PostgreSQL's user reaches too."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount, and a disk has to be small to be filled: run it as root")
    folder = scratch("disk")
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "loopchat", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
        folder.rmdir()


@pytest.mark.timeout(180)
async def test_a_full_disk_is_said_and_survived(
    start_server: StartServer, small_disk: Path, new_lab: NewLab
) -> None:
    server = start_server(backend=SQLITE, data_dir=small_disk, env=UNLIMITED)
    async with new_lab([server]) as lab:
        await fill_and_free(lab, small_disk)
        assert lab.tracebacks() == []
    server.stop()
    with sqlite3.connect(small_disk / "loopchat.sqlite3") as found:
        assert found.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert found.execute("PRAGMA foreign_key_check").fetchall() == []
    found.close()


@pytest.mark.timeout(180)
async def test_so_is_that_of_postgresql(
    start_server: StartServer,
    postgres_url: str,
    postgres_server: Postgres,
    redis_server: Redis,
    small_disk: Path,
    new_lab: NewLab,
) -> None:
    """Its tables: when there is no room for its own log, it ends, and has to be started again."""
    assert postgres_url
    server = start_server(
        backend=POSTGRES,
        workers=1,
        database_url=database_on(postgres_server, small_disk),
        redis_url=redis_server.url,
        env=UNLIMITED,
    )
    async with new_lab([server]) as lab:
        await fill_and_free(lab, small_disk)
        assert lab.tracebacks() == []


def database_on(postgres: Postgres, disk: Path) -> str:
    """A database whose tables are on this disk."""
    if account := postgres.account():
        shutil.chown(disk, account)
    with psycopg.connect(postgres.url_of("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE TABLESPACE small LOCATION '{disk}'")  # type: ignore[arg-type]
        connection.execute("CREATE DATABASE small TABLESPACE small")
    return postgres.url_of("small")


async def fill_and_free(lab: Lab, disk: Path) -> None:
    """Talk, fill the disk, talk on, make room, talk on; then all that was acknowledged is there."""
    lab.furnish(("ann", "ben"), ("garden",))
    ann, ben = [await lab.client(name) for name in ("ann", "ben")]
    room = lab.rooms["garden"]
    await ann.send(room, "before")
    async with lab.fault("disk full"):
        filler = fill(disk)
        refused = await write_until_refused(lab, ann)
        assert refused.code == "storage_full", refused.frame
        assert refused.definite
        page = await ben.read(room, limit=10)
        assert page["items"]
        assert missing(lab.servers[0]) == ["disk"]
        with direct.open(f"{lab.servers[0].url}/healthz", timeout=10) as answer:
            assert answer.status == 200
        filler.unlink()
    await ben.send(room, "after")
    await ann.move()
    await lab.come_to_rest()
    verdict = await lab.verdict(Demand(ok=2))
    assert verdict.valid is True, verdict.as_dict()


def fill(disk: Path) -> Path:
    """A file that leaves no room for anything."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return filler


async def write_until_refused(lab: Lab, client: Client) -> Refusal:
    """What is free inside of the database's files is used up at some time."""
    room = lab.rooms["garden"]
    for number in range(MOST):
        try:
            await client.send(room, f"{number} {LONG}")
        except Refusal as refusal:
            return refusal
    raise AssertionError("nobody was refused")
