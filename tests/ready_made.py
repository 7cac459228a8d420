"""Databases that are migrated already. Nearly all tests of servers begin with a copy of one:
migrating each anew would take most of their time. What a first start does has tests of its own.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import psycopg

_SQLITE_FILE = "loopchat.sqlite3"
_TEMPLATE = "ready_made"
Owner = tuple[str, str]
"""Name and password of an account that owns its server."""

_LIMIT = 120.0
"""Seconds that the migrations may take."""


def into(data_dir: Path, owner: Owner | None = None) -> None:
    """Put a migrated SQLite database into a data folder that has none, with this owner in it."""
    target = data_dir / _SQLITE_FILE
    if not target.exists():
        shutil.copyfile(_owned(owner) if owner else _sqlite(), target)


def template(cluster: str) -> str:
    """The name of a migrated database in this PostgreSQL, to make others from.

    `cluster` is the URL of a database in it, `postgres://user@host:port/name`.
    """
    base, _, _ = cluster.rpartition("/")
    _make_template(base)
    return _TEMPLATE


@cache
def _sqlite() -> Path:
    folder = _new_folder()
    _migrate({"LOOPCHAT_DATA_DIR": str(folder)})
    return folder / _SQLITE_FILE


@cache
def _owned(owner: Owner) -> Path:
    folder = _new_folder()
    into(folder)
    name, password = owner
    words = ("adduser", name, "--owner", "--password-stdin")
    _loopchat(*words, settings={"LOOPCHAT_DATA_DIR": str(folder)}, stdin=password)
    return folder / _SQLITE_FILE


def _new_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="loopchat-ready-made-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def _make_template(base: str) -> None:
    with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{_TEMPLATE}"')
    with tempfile.TemporaryDirectory(prefix="loopchat-ready-made-") as folder:
        _migrate(
            {"LOOPCHAT_DATA_DIR": folder, "LOOPCHAT_DATABASE_URL": f"{base}/{_TEMPLATE}"},
        )


def _migrate(settings: dict[str, str]) -> None:
    _loopchat("manage", "migrate", "--verbosity", "0", settings=settings)


def _loopchat(*words: str, settings: dict[str, str], stdin: str = "") -> None:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(_FOREIGN)}
    subprocess.run(
        [sys.executable, "-P", "-m", "loopchat", *words],
        env={**kept, **settings},
        input=stdin,
        stdout=subprocess.DEVNULL,
        text=True,
        timeout=_LIMIT,
        check=True,
    )


_FOREIGN = ("LOOPCHAT_", "DJANGO_", "PYTEST_")
"""A developer's own settings and the test run's Django must not leak in."""
