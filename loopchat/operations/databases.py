"""Copies of the database: taken while the server runs, put back, looked at in a scratch place."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from django.db import DatabaseError, connection, connections
from django.db.backends.postgresql.client import DatabaseClient

from loopchat.environment import CannotStart
from loopchat.operations.soundness import Ask

_TOOLS = "postgresql-client"


class Copies(Protocol):
    """One kind of database."""

    def take(self, target: Path) -> None:
        """Write a consistent copy, while others write to the database."""

    def put_back(self, copy: Path) -> None:
        """Make the database what the copy is."""

    def scratch(self, copy: Path) -> Any:
        """A context in which the copy can be asked, in a place of its own: yields an `Ask`."""

    def sweep(self, before: float) -> None:
        """Remove scratch places from before this time (seconds since the epoch), of the dead."""


def copies() -> Copies:
    """Those of this server's database."""
    return SQLite() if connection.vendor == "sqlite" else PostgreSQL()


class SQLite:
    """Copies by SQLite's own means: one read transaction, whatever is written meanwhile."""

    def take(self, target: Path) -> None:
        """See `Copies`."""
        with closing(_opened(_file(), read_only=True)) as source, closing(_opened(target)) as copy:
            source.backup(copy)

    def put_back(self, copy: Path) -> None:
        """See `Copies`. The write-ahead log of the old file goes with it."""
        connections.close_all()
        file = _file()
        draft = file.with_name(f"{file.name}.restored")
        shutil.copyfile(copy, draft)
        draft.chmod(0o600)
        _on_disk(draft)
        # From here on it is quick: the old write-ahead log may not meet the new file.
        for end in ("wal", "shm"):
            file.with_name(f"{file.name}-{end}").unlink(missing_ok=True)
        draft.replace(file)
        _on_disk(file.parent)

    @contextmanager
    def scratch(self, copy: Path) -> Iterator[Ask]:
        """See `Copies`."""
        with closing(_opened(copy)) as database:

            def ask(statement: str) -> Iterable[tuple[Any, ...]]:
                return database.execute(statement).fetchall()

            [(verdict,)] = ask("PRAGMA integrity_check(1)")
            if verdict != "ok":
                raise CannotStart(f"the copy of the database is damaged: {verdict}")
            yield ask

    def sweep(self, before: float) -> None:
        """See `Copies`. A scratch place is a file in a folder, and that is swept."""


class PostgreSQL:
    """Copies by PostgreSQL's own programs, which have to be as new as the server."""

    def take(self, target: Path) -> None:
        """See `Copies`."""
        _run("pg_dump", "--format=custom", "--no-owner", f"--file={target}")

    def put_back(self, copy: Path) -> None:
        """See `Copies`."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_schema()")
            schema = connection.ops.quote_name(cursor.fetchone()[0])
        script = copy.with_name("restore.sql")
        _run("pg_restore", "--no-owner", f"--file={script}", str(copy))
        # Everything of now goes and the backup comes in one transaction, or nothing does.
        begin = f"DROP SCHEMA {schema} CASCADE; CREATE SCHEMA {schema}"
        connections.close_all()
        words = ("--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1")
        _run("psql", *words, f"--command={begin}", f"--file={script}")

    @contextmanager
    def scratch(self, copy: Path) -> Iterator[Ask]:
        """See `Copies`. The scratch database is beside the real one, and goes again."""
        name = f"{_SCRATCH}{int(time.time()):010d}_{secrets.token_hex(6)}"
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        try:
            _run("pg_restore", *_INTO, name, str(copy))
            with self._connected(name) as ask:
                yield ask
        finally:
            with connection.cursor() as cursor:
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')

    def sweep(self, before: float) -> None:
        """See `Copies`. Their names say when they began; one in which somebody works stays."""
        with connection.cursor() as cursor:
            cursor.execute(_LEFT_OVER, [f"^{_SCRATCH}[0-9]{{10}}_[0-9a-f]{{12}}$"])
            for (name,) in cursor.fetchall():
                if int(name.removeprefix(_SCRATCH)[:10]) >= before:
                    continue
                with suppress(DatabaseError):  # somebody else was quicker, or works in it
                    cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')

    @contextmanager
    def _connected(self, name: str) -> Iterator[Ask]:
        import psycopg

        given = connection.get_connection_params()
        kept = {key: given[key] for key in ("host", "port", "user", "password") if key in given}
        with closing(psycopg.connect(**kept, dbname=name, autocommit=True)) as database:

            def ask(statement: str) -> Iterable[tuple[Any, ...]]:
                return database.execute(statement).fetchall()

            yield ask


_INTO = ("--no-owner", "--exit-on-error", "--dbname")
_SCRATCH = "loopchat_scratch_"
_LEFT_OVER = """
    SELECT datname FROM pg_database
    WHERE datname ~ %s AND pg_get_userbyid(datdba) = current_user
"""


def _on_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _file() -> Path:
    return Path(connection.settings_dict["NAME"])


def _opened(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    if read_only and not path.exists():
        raise CannotStart(f"there is no database {path}")
    mode = "ro" if read_only else "rwc"
    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=20)
    database.execute("PRAGMA wal_autocheckpoint=0")  # only the server's writer makes checkpoints
    return database


def _run(program: str, *options: str) -> None:
    """Run one of PostgreSQL's programs on this database; what it complains of is one line."""
    words, variables = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    target = [] if program == "pg_restore" else words[-1:]
    address = words[1:-1]
    try:
        done = subprocess.run(
            [program, *address, *options, *target],
            env={**os.environ, **(variables or {})},
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as problem:
        raise CannotStart(f"{program} is not installed (package {_TOOLS})") from problem
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it said nothing"]
        raise CannotStart(f"{program} failed: {lines[0]}")
