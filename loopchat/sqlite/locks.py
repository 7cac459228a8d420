"""One re-entrant lock per database file, shared by all connections of the process."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Lock, RLock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _thread import RLock as ReentrantLock

_locks: dict[str, ReentrantLock] = {}
_making = Lock()


def lock_of(database: str | Path) -> ReentrantLock:
    """The lock that a thread holds while it writes to this database."""
    name = str(database)
    if not name.startswith(("file:", ":memory:")):
        name = os.path.realpath(name)
    with _making:
        return _locks.setdefault(name, RLock())


def _forget() -> None:
    """A forked child has none of the threads that held a lock."""
    _locks.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
