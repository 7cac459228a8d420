"""One re-entrant lock per database file, shared by all connections of the process."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Lock, RLock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _thread import RLock as ReentrantLock

_locks: dict[str, ReentrantLock] = {}
_known: dict[str, ReentrantLock] = {}  # by the name as it was asked for: links resolve slowly
_making = Lock()


def lock_of(database: str | Path) -> ReentrantLock:
    """The lock that a thread holds while it writes to this database."""
    asked = str(database)
    return _known.get(asked) or _resolved(asked)


def _resolved(asked: str) -> ReentrantLock:
    is_file = not asked.startswith(("file:", ":memory:"))
    name = os.path.realpath(asked) if is_file else asked
    with _making:
        _known[asked] = _locks.setdefault(name, RLock())
        return _known[asked]


def _forget() -> None:
    """A forked child has none of the threads that held a lock."""
    _locks.clear()
    _known.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
