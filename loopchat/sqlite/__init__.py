"""The SQLite backend: Django's own, with one writer at a time in the whole process.

SQLite lets one connection write. Left to itself, a process with many threads finds that out by
failing ("database is locked") or by waiting in SQLite's busy handler, which sleeps. Here every
write of the process, a transaction or a single statement, holds one lock per database file, so
writers queue up in memory and never meet. Other processes are still met by SQLite's own waiting.
"""

from __future__ import annotations

import sqlite3

from django.db import connections

from loopchat.sqlite.locks import lock_of

__all__ = ["checkpoint", "is_sound", "lock_of", "note_on_library"]

_FIXED = (3, 51, 3)
_WITHDRAWN = (3, 52)


def checkpoint(alias: str = "default", *, truncate: bool = False) -> None:
    """Move the write-ahead log into the database file; does nothing on other databases.

    No connection does this by itself (`wal_autocheckpoint=0`): the writer calls it between
    commits. It holds the write lock, because SQLite before 3.51.3 can corrupt the database when
    a checkpoint meets a commit.
    """
    connection = connections[alias]
    if connection.vendor != "sqlite":
        return
    mode = "TRUNCATE" if truncate else "PASSIVE"
    with lock_of(connection.settings_dict["NAME"]), connection.cursor() as cursor:
        cursor.execute(f"PRAGMA wal_checkpoint({mode})")
        cursor.fetchall()


def is_sound() -> bool:
    """Whether the SQLite library is none of those with the WAL-reset bug."""
    version = sqlite3.sqlite_version_info
    return version >= _FIXED and version[:2] != _WITHDRAWN


def note_on_library() -> str:
    """What people at the console should know of a library with the WAL-reset bug; else nothing.

    Loopchat never checkpoints while it commits, which avoids it; other programs may.
    """
    if is_sound():
        return ""
    return (
        f"SQLite {sqlite3.sqlite_version}: while the server runs, "
        "let no other program write to the database file."
    )
