"""One writer at a time: nobody ever hears that the database is locked."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from threading import Event, RLock, Thread

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection, connections, transaction
from django.db.utils import IntegrityError
from django.utils import timezone

from loopchat.sqlite import base, lock_of
from tests.accounts.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
THREADS, ROUNDS = 8, 40


def write(key: str) -> None:
    """One row, in autocommit."""
    Session.objects.create(session_key=key, session_data="", expire_date=timezone.now())


def write_twice(key: str) -> None:
    """A transaction that reads before it writes."""
    with transaction.atomic():
        assert not Session.objects.filter(session_key=key).exists()
        write(key)
        Session.objects.filter(session_key=key).update(session_data="x")


def write_impatiently(name: str) -> None:
    """Many small writes on a connection that SQLite itself never lets wait."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 0")
    for number in range(ROUNDS):
        (write if number % 2 else write_twice)(f"{name}-{number}")


def free() -> bool:
    """Whether another thread could write now."""
    taken: list[bool] = []

    def look() -> None:
        lock = lock_of(connection.settings_dict["NAME"])
        taken.append(lock.acquire(blocking=False))
        if taken[0]:
            lock.release()

    thread = Thread(target=look)
    thread.start()
    thread.join()
    return taken[0]


@pytest.fixture
def other_writer() -> Iterator[Event]:
    """Another thread is in the middle of a transaction until the event is set."""
    begun, end = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            write("held")
            begun.set()
            end.wait(30)
        connection.close()

    thread = Thread(target=hold)
    thread.start()
    assert begun.wait(20)
    yield end
    end.set()
    thread.join()


def test_many_threads_write_and_none_is_refused() -> None:
    answers = at_once([partial(write_impatiently, f"t{n}") for n in range(THREADS)])

    assert answers == [None] * THREADS
    assert Session.objects.count() == THREADS * ROUNDS


def test_without_the_lock_the_same_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "lock_of", lambda _name: RLock())

    answers = at_once([partial(write_impatiently, f"t{n}") for n in range(THREADS)])

    assert any(isinstance(answer, OperationalError) for answer in answers)


def test_reading_does_not_wait_for_a_writer(other_writer: Event) -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 0")
    assert not free()

    assert not Session.objects.filter(session_key="held").exists()
    assert list(Session.objects.raw("WITH s AS (SELECT 1) SELECT * FROM django_session")) == []


def test_a_writer_that_waits_too_long_is_told_so(
    other_writer: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.05)

    with pytest.raises(OperationalError, match="another thread"):
        write("mine")
    with pytest.raises(OperationalError, match="another thread"):
        write_twice("mine")

    other_writer.set()
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 20)
    write_twice("mine")
    assert Session.objects.count() == 2


def test_the_lock_is_held_during_a_transaction_and_not_after() -> None:
    with transaction.atomic():
        assert not free()
        with transaction.atomic():
            assert not free()
        assert not free()
    assert free()


def test_the_lock_is_free_after_a_rollback() -> None:
    def fail() -> None:
        with transaction.atomic():
            write("mine")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert free()
    assert not Session.objects.exists()


def test_the_lock_is_free_after_a_transaction_that_could_not_begin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connection.ensure_connection()
    monkeypatch.setattr(connections["default"], "transaction_mode", "NONSENSE")

    with pytest.raises(OperationalError), transaction.atomic():
        pass

    assert free()


def test_the_lock_is_free_after_a_connection_ends_in_the_middle() -> None:
    with transaction.atomic():
        write("mine")
        connection.close()  # Django keeps what is needed to end the block; the work is lost

    assert free()
    assert not Session.objects.exists()


def test_the_lock_is_free_after_a_write_that_failed() -> None:
    write("mine")
    with pytest.raises(IntegrityError):
        write("mine")

    assert free()


def test_two_connections_of_one_thread_do_not_wait_for_each_other() -> None:
    other = connection.copy()
    try:
        with transaction.atomic(), other.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM django_session")
            assert cursor.fetchone() == (0,)
    finally:
        other.close()


@pytest.mark.parametrize(
    "query",
    [
        "INSERT INTO t VALUES (1)",
        "  update t set a = 1",
        "DELETE FROM t",
        "REPLACE INTO t VALUES (1)",
        "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x",
        "CREATE TABLE t (a)",
        "VACUUM",
    ],
)
def test_it_knows_what_writes(query: str) -> None:
    assert base._writes(query)


@pytest.mark.parametrize(
    "query",
    ["SELECT 1", "\n select 1", "PRAGMA x", "WITH x AS (SELECT 1) SELECT * FROM x", "BEGIN"],
)
def test_it_knows_what_reads(query: str) -> None:
    assert not base._writes(query)


def test_rows_that_a_write_returns_can_be_read_in_every_way() -> None:
    query = (
        "INSERT INTO django_session (session_key, session_data, expire_date) "
        "VALUES (%s, '', '2030-01-01'), (%s, '', '2030-01-01'), (%s, '', '2030-01-01') "
        "RETURNING session_key"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, ["a", "b", "c"])
        assert free()
        assert cursor.fetchone() == ("a",)
        assert cursor.fetchmany(1) == [("b",)]
        assert cursor.fetchall() == [("c",)]
        assert cursor.fetchone() is None

        cursor.execute(query, ["d", "e", "f"])
        assert [key for (key,) in cursor] == ["d", "e", "f"]

        cursor.execute("SELECT count(*) FROM django_session")
        assert cursor.fetchone() == (6,)
