"""What can be seen on this machine: database, disk, descriptors, bus, settings."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import resource
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from loopchat import sqlite
from loopchat.accounts import second_steps
from loopchat.core.clock import now_ms
from loopchat.core.origins import host_allowed
from loopchat.operations.findings import Check, Finding, advice, fault, ok
from loopchat.realtime.report import LAST_BACKUP, Backup
from loopchat.serving import is_loopback

SPACE_LEAST: Final = 1 << 30
"""Bytes free in the data folder below which a server is about to stop storing."""

DESCRIPTORS_LEAST: Final = 4_096
"""Open files a process may have; each socket is one."""

POSTGRESQL_LEAST: Final = 140_000

OLDEST_DAYS: Final = 7.0

_BACK_UP: Final = "`loopchat backup FOLDER`, or LOOPCHAT_BACKUP_FOLDER for one a day."

DRIFT_MOST: Final = 2.0
"""Seconds by which the database's clock may differ: leases of workers last 45."""

_NETWORK_FILES: Final = {"nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p", "glusterfs"}


def database() -> Iterator[Finding]:
    """Is it there, is it ours, is its library sound?"""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as problem:
        first = str(problem).strip().partition("\n")[0]
        yield fault("database", first, "See LOOPCHAT_DATABASE_URL and whether the database runs.")
        return
    executor = MigrationExecutor(connection)
    steps = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if steps:
        yield advice(
            "database", f"{steps} steps behind this version", "`loopchat serve` does them."
        )
    else:
        yield ok("database", f"{connection.vendor}, up to date")
    yield from _sqlite() if connection.vendor == "sqlite" else _postgresql()


def clock() -> Iterator[Finding]:
    """Leases and times of messages are compared with the database's clock."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs = cursor.fetchone()[0]
    drift = abs((dt.datetime.now(tz=dt.UTC) - theirs).total_seconds())
    if drift > DRIFT_MOST:
        yield fault(
            "clock", f"{drift:.0f} s apart from the database's", "Run NTP on both machines."
        )
    else:
        yield ok("clock", "agrees with the database's")


def disk() -> Iterator[Finding]:
    """Room, rights, and a file system that keeps what it was told."""
    folder = settings.DATA_DIR
    free = shutil.disk_usage(folder).free
    shown = f"{free / (1 << 30):.1f} GiB free in {folder}"
    if not os.access(folder, os.W_OK):
        yield fault("disk", f"{folder} cannot be written to", "Give it to the server's account.")
    elif free < SPACE_LEAST:
        yield fault("disk", shown, "Make room: a full disk stores no message.")
    else:
        yield ok("disk", shown)
    kind = _file_system(folder)
    if connection.vendor == "sqlite" and kind in _NETWORK_FILES:
        text = f"the database is on {kind}, a network file system"
        yield fault("disk", text, "SQLite needs a local disk; else use PostgreSQL.")


def open_files() -> Iterator[Finding]:
    """Each socket is a file descriptor."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if most != resource.RLIM_INFINITY and most < DESCRIPTORS_LEAST:
        remedy = "LimitNOFILE=65536 in the unit, or `ulimit -n 65536`."
        yield advice("open files", f"at most {most}, so are the sockets", remedy)
    else:
        shown = "as many as wanted" if most == resource.RLIM_INFINITY else f"at most {most}"
        yield ok("open files", shown)


def bus() -> Iterator[Finding]:
    """Does what one process says reach another?"""
    if settings.REDIS_URL is None:
        yield ok("bus", "in this process; Redis is needed for more than one")
        return
    try:
        seconds = asyncio.run(_round_trip(settings.REDIS_URL))
    except TimeoutError:
        yield fault(
            "bus", "Redis does not answer", "See LOOPCHAT_REDIS_URL and whether Redis runs."
        )
    else:
        yield ok("bus", f"Redis passes a message in {seconds * 1000:.1f} ms")


def addresses() -> Iterator[Finding]:
    """Are the public addresses said, and are they safe ones?"""
    if not settings.ORIGINS:
        if is_loopback(settings.HOST):
            yield ok("addresses", "only this machine reaches the server")
        else:
            remedy = "LOOPCHAT_ORIGINS=https://chat.example.org; until then by address only."
            yield advice("addresses", "no public address is set", remedy)
        return
    plain = [origin for origin in settings.ORIGINS if origin.startswith("http:")]
    far = [origin for origin in plain if not _is_local(origin)]
    if far:
        remedy = "Put a proxy with a certificate in front (docs/operating.md)."
        yield fault("addresses", f"{far[0]} is not https: passwords can be read", remedy)
    else:
        yield ok("addresses", ", ".join(settings.ORIGINS))
    if settings.IS_HTTPS and not settings.TRUSTED_PROXIES:
        remedy = "LOOPCHAT_TRUSTED_PROXIES=127.0.0.1 (the proxy's address)."
        yield fault("addresses", "the proxy is not trusted: everybody shares its limits", remedy)


def backups() -> Iterator[Finding]:
    """Is there one of this week, as far as this data folder knows?"""
    try:
        file = settings.DATA_DIR / LAST_BACKUP
        made = msgspec.json.decode(file.read_bytes(), type=Backup)
    except (OSError, msgspec.DecodeError):
        yield advice("backups", "none was made here yet", _BACK_UP)
        return
    days = (now_ms() - made.made_ts) / 86_400_000
    if days > OLDEST_DAYS:
        yield advice("backups", f"the newest is {days:.0f} days old", _BACK_UP)
    else:
        yield ok("backups", f"the newest was read back: {made.text}")


def secret_key() -> Iterator[Finding]:
    """Does it open what was sealed with it?"""
    try:
        lost = second_steps.unreadable()
    except DatabaseError:
        return  # said above
    if lost:
        remedy = "Put the old key back, or name it in LOOPCHAT_SECRET_KEY_FALLBACKS."
        yield fault("secret key", f"another one than {lost} second steps were sealed with", remedy)
    else:
        yield ok("secret key", "opens what was sealed with it")


def _sqlite() -> Iterator[Finding]:
    if sqlite.is_sound():
        yield ok("SQLite", sqlite3.sqlite_version)
    else:
        text = f"{sqlite3.sqlite_version} can damage a database in rare cases; Loopchat avoids them"
        yield advice("SQLite", text, "Newer than 3.51.2 is better, or PostgreSQL.")
    if settings.WORKERS > 1:
        yield fault("SQLite", "serves one process", "More need PostgreSQL (LOOPCHAT_DATABASE_URL).")


def _postgresql() -> Iterator[Finding]:
    version = connection.cursor().connection.info.server_version
    if version < POSTGRESQL_LEAST:
        yield fault("PostgreSQL", f"{version // 10_000} is too old", "14 is the least.")
    else:
        yield ok("PostgreSQL", f"version {version // 10_000}")
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        mode = cursor.fetchone()[0]
        cursor.execute("SHOW max_connections")
        most = int(cursor.fetchone()[0])
    if mode == "off":
        remedy = "synchronous_commit = on: what is acknowledged survives a power cut."
        yield fault("PostgreSQL", "acknowledges what is not on the disk", remedy)
    wanted = settings.WORKERS * (settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"] + 1)
    if wanted > most:
        remedy = "Raise max_connections, or lower LOOPCHAT_DATABASE_CONNECTIONS."
        yield fault("PostgreSQL", f"allows {most} connections, {wanted} may be wanted", remedy)


async def _round_trip(url: str) -> float:
    """Seconds that a message takes from here to here. Raises `TimeoutError`."""
    from loopchat.realtime.bus_redis import RedisBus

    loop = asyncio.get_running_loop()
    heard: asyncio.Future[float] = loop.create_future()

    def receive(topic: str, payload: bytes) -> None:
        if not heard.done():
            heard.set_result(loop.time())

    key, prefix = os.urandom(32), f"loopchat-doctor-{os.getpid()}:"
    here, there = RedisBus(url, key=key, prefix=prefix), RedisBus(url, key=key, prefix=prefix)
    for bus in (here, there):  # nobody hears themselves
        await bus.start(receive, lambda: None)
    try:
        async with asyncio.timeout(5):
            await here.subscribe(["person:0"])
            begun = loop.time()
            while not heard.done():  # what is said before the other line is up is lost
                there.publish("person:0", b"hello")
                await asyncio.wait([heard], timeout=0.1)
            return heard.result() - begun
    finally:
        for bus in (here, there):
            await bus.stop()


def _is_local(origin: str) -> bool:
    host = origin.partition("://")[2]
    return host_allowed(host, ()) and is_loopback(host.rpartition(":")[0].strip("[]") or host)


def _file_system(folder: Path) -> str:
    """The kind of the file system below a folder, where this system says so."""
    table = Path("/proc/mounts")
    if not table.exists():
        return ""
    lines = [line.split() for line in table.read_text(encoding="utf-8").splitlines()]
    above = [(line[1], line[2]) for line in lines if folder.resolve().is_relative_to(line[1])]
    return max(above, key=lambda mount: len(mount[0]), default=("", ""))[1]


CHECKS: Final[tuple[Check, ...]] = (
    database,
    clock,
    secret_key,
    disk,
    open_files,
    backups,
    bus,
    addresses,
)
