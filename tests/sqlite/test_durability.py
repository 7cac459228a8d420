"""What is committed stays, and the write-ahead log is moved when the writer says so."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, connections
from django.utils import timezone

from loopchat import sqlite
from loopchat.sqlite.creation import DatabaseCreation

pytestmark = pytest.mark.django_db(transaction=True)


def pragma(name: str) -> object:
    """What a new connection has."""
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name}")
        return cursor.fetchone()[0]


def log_size() -> int:
    """Bytes in the write-ahead log."""
    return Path(f"{connection.settings_dict['NAME']}-wal").stat().st_size


def write(count: int) -> None:
    """So many commits."""
    for number in range(count):
        Session.objects.create(
            session_key=f"s{number}", session_data="x" * 4000, expire_date=timezone.now()
        )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("wal_autocheckpoint", 0),
        ("foreign_keys", 1),
        ("busy_timeout", 20_000),
        ("mmap_size", 0),
    ],
)
def test_every_connection_is_set_up(name: str, value: object) -> None:
    assert pragma(name) == value


def test_transactions_lock_at_once() -> None:
    connection.ensure_connection()

    assert vars(connections["default"])["transaction_mode"] == "IMMEDIATE"


def test_no_connection_moves_the_log_by_itself() -> None:
    sqlite.checkpoint(truncate=True)

    write(50)

    assert log_size() > 50 * 4000


def test_a_checkpoint_empties_the_log() -> None:
    write(5)
    assert log_size() > 0

    sqlite.checkpoint(truncate=True)

    assert log_size() == 0
    assert Session.objects.count() == 5


def test_a_checkpoint_lets_the_log_be_used_again() -> None:
    write(20)
    sqlite.checkpoint()
    before = log_size()

    Session.objects.all().delete()
    write(5)

    assert log_size() == before


@pytest.mark.parametrize("version", [(3, 40, 1), (3, 51, 2), (3, 52, 0)])
def test_a_library_with_the_bug_is_worth_a_line(
    version: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", version)

    assert "let no other program write" in sqlite.note_on_library()


@pytest.mark.parametrize("version", [(3, 51, 3), (3, 53, 0)])
def test_nothing_is_said_of_a_library_without_it(
    version: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", version)

    assert not sqlite.note_on_library()


def test_one_file_has_one_lock_whatever_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)

    assert sqlite.lock_of(tmp_path / "a") is sqlite.lock_of(str(tmp_path / "link" / "a"))
    assert sqlite.lock_of(tmp_path / "a") is not sqlite.lock_of(tmp_path / "b")
    assert sqlite.lock_of("file:memory?mode=memory") is sqlite.lock_of("file:memory?mode=memory")


@pytest.mark.skipif(not hasattr(os, "register_at_fork"), reason="this system does not fork")
def test_a_forked_child_holds_no_lock_of_its_parent(tmp_path: Path) -> None:
    lock = sqlite.lock_of(tmp_path / "a")

    from loopchat.sqlite import locks

    locks._forget()

    assert sqlite.lock_of(tmp_path / "a") is not lock


def test_a_test_database_starts_without_the_log_of_a_run_that_was_killed(tmp_path: Path) -> None:
    other = connection.copy()
    other.settings_dict = {**other.settings_dict, "TEST": {"NAME": str(tmp_path / "t.sqlite3")}}
    for suffix in ("", "-wal", "-shm"):
        (tmp_path / f"t.sqlite3{suffix}").write_bytes(b"left over")

    DatabaseCreation(other)._create_test_db(0, True)

    assert list(tmp_path.iterdir()) == []
