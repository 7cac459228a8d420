"""The writer: everything in the order of arrival, many in one commit, each answered once."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread

import pytest
from django.db import OperationalError, connection, connections

from loopchat.accounts.models import User
from loopchat.chat import log
from loopchat.chat import writer as module
from loopchat.chat.cursors import Move, Position
from loopchat.chat.ledger import Done, Ledger, Needs
from loopchat.chat.log import Outcome
from loopchat.chat.models import Message, Room
from loopchat.chat.writer import BATCH_MAX, Writer
from loopchat.core.errors import Refused
from loopchat.core.rarely import Rarely
from loopchat.core.tally import tally
from loopchat.realtime import publish
from tests.backends import POSTGRES
from tests.chat.stage import Told, actor, draft, head, membership, people, room_of, send, seqs

pytestmark = pytest.mark.django_db(transaction=True)

LIMIT = 30.0  # seconds after which a test gives up


@dataclass
class Gate:
    """An operation that stays in its transaction until it is told to go on."""

    entered: Event = field(default_factory=Event)
    opened: Event = field(default_factory=Event)

    def needs(self, needs: Needs) -> None:
        """Nothing."""

    def decide(self, ledger: Ledger) -> Done:
        self.entered.set()
        assert self.opened.wait(LIMIT)
        return Done(0, None)


@dataclass
class Whoami(Gate):
    """Finds out which of the server's processes the writer talks to."""

    pid: int = 0

    def decide(self, ledger: Ledger) -> Done:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self.pid = cursor.fetchone()[0]
        return Done(0, None)


class Answers:
    """Replies, in the order in which they came."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[tuple[object, Outcome | Position | Refused]] = SimpleQueue()

    def to(self, name: object) -> Callable[[Outcome | Position | Refused], None]:
        return lambda outcome: self._queue.put((name, outcome))

    def wait(self, count: int) -> list[tuple[object, Outcome | Position | Refused]]:
        """The next replies, so many."""
        return [self._queue.get(timeout=LIMIT) for _ in range(count)]

    @property
    def none(self) -> bool:
        return self._queue.empty()


@pytest.fixture
def running() -> Iterator[Writer]:
    """A writer of its own with its thread."""
    writer = Writer()
    writer.start()
    yield writer
    writer.stop()


@pytest.fixture
def hold(running: Writer) -> Iterator[Callable[[], Gate]]:
    """Brings the writer into the middle of a transaction, so that what comes then waits."""
    gate = Gate()

    def hold() -> Gate:
        running.submit(gate, lambda outcome: None)
        assert gate.entered.wait(LIMIT)
        return gate

    yield hold
    gate.opened.set()


@pytest.fixture
def pair() -> tuple[User, User, Room]:
    """Two people and their room."""
    ann, ben = people("ann", "ben")
    return ann, ben, room_of(ann, ben)


# --- in place --------------------------------------------------------------------------------


def test_without_a_thread_it_happens_at_once(pair: tuple[User, User, Room], told: Told) -> None:
    ann, ben, room = pair
    writer = Writer()
    done = writer.run(draft(room, ann))
    assert done.seq == head(room)
    assert [e["seq"] for e in told.log(room.pk)][-1:] == [done.seq]
    with pytest.raises(Refused) as no:
        writer.run(draft(room, ann, reply_to=10**9))
    assert no.value.code == "not_found"
    answers = Answers()
    writer.move((room.pk, ben.pk), Move(actor(ben), read=done.seq), answers.to("x"))
    assert answers.wait(1) == [("x", Position(done.seq or 0, 0, None))]


def test_it_is_stored_before_it_is_told(pair: tuple[User, User, Room]) -> None:
    """What is told can be read by anybody: the transaction is over."""
    ann, _, room = pair
    found: list[bool] = []

    class Reader(Told):
        def take(self, committed: object, replies: object) -> None:
            thread = Thread(target=look)
            thread.start()
            thread.join()

    def look() -> None:
        found.append(Message.objects.filter(room=room).exists())
        connections.close_all()

    reader = Reader()
    publish.attach(reader, reader)  # type: ignore[arg-type]
    try:
        Writer().run(draft(room, ann))
    finally:
        publish.detach()
    assert found == [True]


# --- order and batches -----------------------------------------------------------------------


def test_what_arrives_while_a_commit_runs_is_written_together(
    running: Writer, hold: Callable[[], Gate], pair: tuple[User, User, Room], told: Told
) -> None:
    ann, _, room = pair
    before, answers = head(room), Answers()
    told.clear()
    held = hold()
    for n in range(BATCH_MAX + 10):
        running.submit(draft(room, ann, str(n)), answers.to(n))
    assert running.depth == BATCH_MAX + 10
    assert answers.none
    held.opened.set()
    got = answers.wait(BATCH_MAX + 10)
    assert [name for name, _ in got] == list(range(BATCH_MAX + 10))
    assert [o.seq for _, o in got if isinstance(o, Done)] == list(
        range(before + 1, before + BATCH_MAX + 11)
    )
    sizes = [len(c.rooms.get(room.pk, ())) for c in told.committed]
    assert [size for size in sizes if size] == [BATCH_MAX, 10]


def test_each_thread_keeps_its_order(running: Writer, pair: tuple[User, User, Room]) -> None:
    ann, ben, room = pair

    def work(who: User, done: list[int]) -> None:
        done.extend(running.run(draft(room, who, str(n))).seq or 0 for n in range(30))

    results: list[list[int]] = [[], [], [], []]
    threads = [
        Thread(target=work, args=(who, done))
        for who, done in zip((ann, ben, ann, ben), results, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
    assert all(done == sorted(done) and len(done) == 30 for done in results)
    assert sorted(s for done in results for s in done) == list(range(3, head(room) + 1))
    assert seqs(room) == list(range(1, head(room) + 1))


def test_events_are_told_in_the_order_of_commits(
    running: Writer, pair: tuple[User, User, Room], told: Told
) -> None:
    ann, _, room = pair
    answers = Answers()
    for n in range(100):
        running.submit(draft(room, ann, str(n)), answers.to(n))
        if n % 7 == 0:
            answers.wait(1)
    answers.wait(100 - 15)
    logged = [e["seq"] for e in told.log(room.pk)]
    assert logged == list(range(logged[0], head(room) + 1))


def test_a_refusal_is_answered_and_the_others_too(
    running: Writer, hold: Callable[[], Gate], pair: tuple[User, User, Room]
) -> None:
    ann, _, room = pair
    answers, held = Answers(), hold()
    running.submit(draft(room, ann), answers.to("first"))
    running.submit(draft(room, ann, reply_to=10**9), answers.to("refused"))
    running.submit(draft(room, ann), answers.to("last"))
    held.opened.set()
    got = dict(answers.wait(3))
    assert isinstance(got["refused"], Refused)
    assert isinstance(got["first"], Done)
    assert isinstance(got["last"], Done)


def test_a_bug_is_answered_and_ends_nothing(
    running: Writer, hold: Callable[[], Gate], pair: tuple[User, User, Room]
) -> None:
    ann, _, room = pair

    class Broken(Gate):
        def decide(self, ledger: Ledger) -> Done:
            raise ZeroDivisionError("a bug")

    class Hopeless(Gate):
        def needs(self, needs: Needs) -> None:
            raise ZeroDivisionError("a bug that is met before the transaction")

    answers, held = Answers(), hold()
    for name, operation in (("broken", Broken()), ("hopeless", Hopeless())):
        running.submit(operation, answers.to(name))
    running.submit(draft(room, ann), answers.to("fine"))
    held.opened.set()
    got = dict(answers.wait(3))
    assert [got[name].code for name in ("broken", "hopeless")] == ["unavailable"] * 2  # type: ignore[union-attr]
    assert isinstance(got["fine"], Done)
    with pytest.raises(Refused) as no:
        running.run(Broken())
    assert (no.value.code, no.value.definite) == ("unavailable", True)
    assert running.run(draft(room, ann)).seq == head(room)


def test_a_database_that_is_away_fills_no_log(
    running: Writer,
    pair: tuple[User, User, Room],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def away(_: object) -> None:
        raise OperationalError("the database is away")

    ann, _, room = pair
    monkeypatch.setattr(log, "_rarely", Rarely())
    monkeypatch.setattr(module.cursors, "advance", away)
    monkeypatch.setattr(module, "CURSOR_INTERVAL", 0.0)
    for turn in range(3):
        answers = Answers()
        running.move((room.pk, ann.pk), Move(actor(ann), read=1), answers.to("move"))
        assert dict(answers.wait(1))["move"].code == "unavailable", turn  # type: ignore[union-attr]
    assert [(line.levelname, line.exc_info) for line in caplog.records] == [("ERROR", None)]


# --- limits ----------------------------------------------------------------------------------


def test_a_full_queue_refuses_definitely(
    running: Writer,
    hold: Callable[[], Gate],
    pair: tuple[User, User, Room],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ann, ben, room = pair
    monkeypatch.setattr(module, "QUEUE_MAX", 5)
    answers, before, held = Answers(), head(room), hold()
    for n in range(5):
        running.submit(draft(room, ann), answers.to(n))
    late = draft(room, ann)
    attempts: list[Callable[[], object]] = [
        lambda: running.submit(late, answers.to("late")),
        lambda: running.run(late),
        lambda: running.move((room.pk, ben.pk), Move(actor(ben), read=1)),
    ]
    for attempt in attempts:
        with pytest.raises(Refused) as no:
            attempt()
        assert (no.value.code, no.value.definite) == ("unavailable", True)
        assert no.value.retry_after_ms
    held.opened.set()
    answers.wait(5)
    assert head(room) == before + 5
    assert answers.none
    assert running.run(late).seq == before + 6


def test_who_waits_too_long_cannot_know(
    running: Writer,
    hold: Callable[[], Gate],
    pair: tuple[User, User, Room],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ann, _, room = pair
    monkeypatch.setattr(module, "ANSWER_WITHIN", 0.05)
    cid, held = uuid.uuid4(), hold()
    with pytest.raises(Refused) as no:
        running.run(draft(room, ann, "late", cid=cid))
    assert (no.value.code, no.value.definite) == ("timeout", False)
    monkeypatch.setattr(module, "ANSWER_WITHIN", LIMIT)
    held.opened.set()
    again = running.run(draft(room, ann, "late", cid=cid))
    assert (again.dup, again.seq) == (True, head(room))  # it was stored after all


# --- cursor moves ----------------------------------------------------------------------------


def test_moves_of_one_person_become_one(
    running: Writer, hold: Callable[[], Gate], pair: tuple[User, User, Room], told: Told
) -> None:
    ann, ben, room = pair
    sent = [send(room, ann).seq or 0 for _ in range(6)]
    told.clear()
    answers, held = Answers(), hold()
    for seq in (sent[0], sent[4], sent[2]):
        running.move((room.pk, ben.pk), Move(actor(ben), read=seq), answers.to(seq))
    running.move((room.pk, ben.pk), Move(actor(ben), delivered=sent[5]))
    held.opened.set()
    got = answers.wait(3)
    assert {outcome for _, outcome in got} == {Position(sent[4], 1, None)}
    assert [e["type"] for _, e, _ in told.asides()] == ["message_read", "message_read"]
    row = membership(room, ben)
    assert (row.read_seq, row.delivered_seq) == (sent[4], sent[5])


def test_moves_wait_for_each_other_and_messages_do_not(
    running: Writer, pair: tuple[User, User, Room], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, ben, room = pair
    monkeypatch.setattr(module, "CURSOR_INTERVAL", 3600.0)
    first, second = (send(room, ann).seq or 0 for _ in range(2))
    answers = Answers()
    key = (room.pk, ben.pk)
    running._moved_at = time.monotonic() - 3600
    running.move(key, Move(actor(ben), read=first), answers.to("at once"))
    assert answers.wait(1)[0][0] == "at once"
    running.move(key, Move(actor(ben), read=second), answers.to("later"))
    for _ in range(3):
        running.run(draft(room, ann))
    assert answers.none
    assert membership(room, ben).read_seq == first
    running.stop()
    assert answers.wait(1) == [("later", Position(second, 3, None))]
    assert membership(room, ben).read_seq == second


def test_moves_are_answered_before_long(running: Writer, pair: tuple[User, User, Room]) -> None:
    ann, ben, room = pair
    answers = Answers()
    for _ in range(3):
        seq = send(room, ann).seq
        running.move((room.pk, ben.pk), Move(actor(ben), read=seq), answers.to(seq))
        assert answers.wait(1)[0][0] == seq
    (eve,) = people("eve")
    running.move((room.pk, eve.pk), Move(actor(eve), read=1), answers.to("refused"))
    ((_, refused),) = answers.wait(1)
    assert isinstance(refused, Refused)


# --- begin and end ---------------------------------------------------------------------------


def test_stopping_writes_what_waits(
    running: Writer, hold: Callable[[], Gate], pair: tuple[User, User, Room]
) -> None:
    ann, ben, room = pair
    answers, before, held = Answers(), head(room), hold()
    for n in range(BATCH_MAX * 2):
        running.submit(draft(room, ann), answers.to(n))
    running.move((room.pk, ben.pk), Move(actor(ben), read=before + 5), answers.to("move"))
    stopping = Thread(target=running.stop)
    stopping.start()
    held.opened.set()
    stopping.join(LIMIT)
    assert not stopping.is_alive()
    assert head(room) == before + BATCH_MAX * 2
    assert membership(room, ben).read_seq == before + 5
    assert len(answers.wait(BATCH_MAX * 2 + 1)) == BATCH_MAX * 2 + 1


def test_after_the_end_nothing_waits_for_ever(pair: tuple[User, User, Room]) -> None:
    ann, ben, room = pair
    writer, answers = Writer(), Answers()
    writer.start()
    writer.stop()
    with pytest.raises(Refused) as no:
        writer.submit(draft(room, ann), answers.to("too late"))
    assert (no.value.code, no.value.definite) == ("unavailable", True)
    assert writer.run(draft(room, ann)).seq == head(room)  # as in a process without a thread
    writer.move((room.pk, ben.pk), Move(actor(ben), read=1), answers.to("move"))
    assert answers.wait(1)


def test_it_can_begin_again(pair: tuple[User, User, Room]) -> None:
    ann, _, room = pair
    writer = Writer()
    for _ in range(2):
        writer.start()
        writer.start()  # once is enough
        assert sum(t.name == "writer" for t in threading.enumerate()) == 1
        assert writer.run(draft(room, ann)).seq == head(room)
        writer.stop()
        writer.stop()
    assert not any(t.name == "writer" for t in threading.enumerate())


def test_a_loop_that_is_closed_ends_nothing(
    running: Writer, pair: tuple[User, User, Room], told: Told
) -> None:
    ann, _, room = pair
    loop = asyncio.new_event_loop()
    loop.close()
    publish.attach(told, loop)
    running.submit(draft(room, ann), lambda outcome: None)
    assert running.run(draft(room, ann)).seq == head(room)


def test_a_lost_connection_is_replaced(
    running: Writer, pair: tuple[User, User, Room], backend: str
) -> None:
    if backend != POSTGRES:
        pytest.skip("SQLite has no connection that could be lost")
    ann, _, room = pair
    first = running.run(draft(room, ann))
    who = Whoami()
    running.run(who)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [who.pid])
    with pytest.raises(Refused) as no:
        running.run(draft(room, ann))
    assert (no.value.code, no.value.definite) == ("unavailable", True)
    assert running.run(draft(room, ann)).seq == (first.seq or 0) + 1 == head(room)


def test_the_log_of_the_file_is_taken_in_between_commits(
    pair: tuple[User, User, Room], backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if backend == POSTGRES:
        pytest.skip("PostgreSQL takes care of its own log")
    monkeypatch.setattr(module, "CHECKPOINT_INTERVAL", 0.01)
    ann, _, room = pair
    file = Path(str(connection.settings_dict["NAME"]))
    before = file.stat().st_mtime_ns
    writer = Writer()
    writer.start()
    writer.run(draft(room, ann))
    ends_at = time.monotonic() + LIMIT
    while file.stat().st_mtime_ns == before and time.monotonic() < ends_at:
        partial(writer.run, draft(room, ann))()
    writer.stop()
    assert file.stat().st_mtime_ns > before


@dataclass
class TooMuch(Gate):
    """Does not fit on the disk any more."""

    def decide(self, ledger: Ledger) -> Done:
        raise OperationalError("database or disk is full")


def test_a_full_disk_is_spoken_of_and_counted(running: Writer) -> None:
    failed = tally.failed
    assert not running.is_full
    with pytest.raises(Refused, match="disk is full"):
        running.run(TooMuch())
    running.stop()  # it counts after it has answered
    assert running.is_full
    assert tally.failed == failed + 1
