"""The database wrapper that Django loads for `ENGINE = "loopchat.sqlite"`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

from loopchat.sqlite.creation import DatabaseCreation
from loopchat.sqlite.locks import lock_of

_TIMEOUT_S = 20
_READS = re.compile(
    r"\s*(?:SELECT|PRAGMA|EXPLAIN|VALUES|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b",
    re.IGNORECASE,
)
_WITH = re.compile(r"\s*WITH\b", re.IGNORECASE)
_CHANGES = re.compile(r"\b(?:INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)


# The published types of Django leave out the inner methods that backends override.


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's wrapper; a write transaction and a write in autocommit hold the process's lock."""

    creation_class = DatabaseCreation
    _holds_lock = False

    def get_connection_params(self) -> dict[str, Any]:
        params = super().get_connection_params()
        self.transaction_mode = "IMMEDIATE"
        params.setdefault("timeout", _TIMEOUT_S)
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        # Switching to WAL writes, and is refused while another connection does; once is enough.
        if connection.execute("PRAGMA journal_mode").fetchone()[0] not in {"wal", "memory"}:
            with self.write_lock():
                connection.execute("PRAGMA journal_mode=WAL")
        # FULL: what is acknowledged survives a power cut. 0: see `loopchat.sqlite.checkpoint`.
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA wal_autocheckpoint=0")
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        cursor = self.connection.cursor(factory=Cursor)
        cursor.wrapper = self
        return cursor

    def _start_transaction_under_autocommit(self) -> None:
        self._acquire()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._release()
            raise

    # After a commit that failed (a full disk) the transaction is still open: `_rollback` or
    # `_close` follows and releases the lock.

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        self._release()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._release()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._release()

    @contextmanager
    def write_lock(self) -> Iterator[None]:
        """Hold the lock of this database file, waiting for it as long as SQLite would."""
        lock = lock_of(self.settings_dict["NAME"])
        if not lock.acquire(timeout=self.settings_dict["OPTIONS"].get("timeout", _TIMEOUT_S)):
            raise OperationalError("another thread has been writing for too long")
        try:
            yield
        finally:
            lock.release()

    def _acquire(self) -> None:
        if not self._holds_lock:
            self._held = self.write_lock()
            self._held.__enter__()
            self._holds_lock = True

    def _release(self) -> None:
        if self._holds_lock:
            self._holds_lock = False
            self._held.__exit__(None, None, None)


class Cursor(base.SQLiteCursorWrapper):
    """A cursor whose single write statement, outside of a transaction, holds the lock.

    Such a statement commits when its last row is fetched, so its rows (`RETURNING`) are fetched
    before the lock is released.
    """

    wrapper: DatabaseWrapper
    _fetched: Iterator[Any] | None = None

    def execute(self, query: str, params: Any = None) -> Any:
        self._fetched = None
        return self._writing(query, lambda: super(Cursor, self).execute(query, params))

    def executemany(self, query: str, param_list: Any) -> Any:
        self._fetched = None
        return self._writing(query, lambda: super(Cursor, self).executemany(query, param_list))

    def fetchone(self) -> Any:
        return super().fetchone() if self._fetched is None else next(self._fetched, None)

    def fetchmany(self, size: int | None = 1) -> list[Any]:
        if self._fetched is None:
            return super().fetchmany(size)
        return list(islice(self._fetched, size or 1))

    def fetchall(self) -> list[Any]:
        return super().fetchall() if self._fetched is None else list(self._fetched)

    def __next__(self) -> Any:
        return super().__next__() if self._fetched is None else next(self._fetched)

    def _writing(self, query: str, run: Callable[[], Any]) -> Any:
        if self.connection.in_transaction or not _writes(query):
            return run()
        with self.wrapper.write_lock():
            result = run()
            if self.description is not None:
                self._fetched = iter(super().fetchall())
        return result


def _writes(query: str) -> bool:
    if _WITH.match(query):
        return _CHANGES.search(query) is not None
    return _READS.match(query) is None
