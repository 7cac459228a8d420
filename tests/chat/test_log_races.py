"""Several writers at once, each with a connection of its own, as workers on PostgreSQL are."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from threading import Barrier, Event, Thread

import pytest
from django.db import connection, connections, transaction

from loopchat.accounts.models import User
from loopchat.chat import log, posting, rooms
from loopchat.chat.doors import Join
from loopchat.chat.ledger import Done, Ledger, Needs
from loopchat.chat.models import Membership, Message, Room
from loopchat.core.errors import Refused
from loopchat.sqlite import lock_of
from tests.accounts.threads import at_once
from tests.backends import POSTGRES
from tests.chat.stage import actor, append, draft, head, people, person, room_of, send, seqs

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS, ROUNDS = 4, 12


def fill(mine: list[Room], author: User, number: int) -> list[Done]:
    """Batches over all rooms, in another order than the other writers."""
    done: list[Done] = []
    turned = mine[number % len(mine) :] + mine[: number % len(mine)]
    for _ in range(ROUNDS):
        done += append(*(draft(room, author, f"{number}") for room in turned for _ in range(2)))
    return done


def test_writers_that_meet_leave_no_hole_and_no_deadlock() -> None:
    authors = people(*(f"author{n}" for n in range(WRITERS)))
    shared = [room_of(authors[0], *authors[1:]) for _ in range(3)]
    results = at_once([partial(fill, shared, author, n) for n, author in enumerate(authors)])
    done = [d for result in results if isinstance(result, list) for d in result]
    assert len(done) == WRITERS * ROUNDS * 6, results
    for room in shared:
        assert seqs(room) == list(range(1, head(room) + 1))
        said = [d.seq for d in done if d.room_id == room.pk]
        assert sorted(said) == list(range(head(room) - len(said) + 1, head(room) + 1))
        room.refresh_from_db()
        assert room.message_count == len(said) == Message.objects.filter(room=room).count()
        assert room.last_message is not None
        assert room.last_message.seq == head(room)


def test_one_cid_from_many_writers_is_one_message() -> None:
    (ann,) = people("ann")
    room = room_of(ann)
    before = head(room)
    cids = [uuid.uuid4() for _ in range(ROUNDS)]

    def resend() -> list[tuple[int | None, int]]:
        found = []
        for cid in cids:
            (done,) = append(draft(room, ann, "again and again", cid=cid))
            found.append((done.seq, done.id))
        return found

    answers = at_once([resend] * WRITERS)
    assert all(answer == answers[0] for answer in answers), answers
    assert head(room) == before + len(cids)
    assert seqs(room) == list(range(1, head(room) + 1))


def test_one_cid_in_two_rooms_at_once_is_a_conflict_for_one() -> None:
    """No room lock covers both: the index decides, and the loser finds out by trying again."""
    (ann,) = people("ann")
    pair = [room_of(ann), room_of(ann)]
    for _ in range(ROUNDS):
        cid = uuid.uuid4()
        results = at_once(
            [partial(append, draft(room, ann), draft(room, ann, "x", cid=cid)) for room in pair]
        )
        kinds = Counter(type(r[1]).__name__ for r in results if isinstance(r, list))
        assert kinds == {"Done": 1, "str": 1}, results
        assert {r[1] for r in results if isinstance(r, list) and isinstance(r[1], str)} == {
            "cid_conflict"
        }
    for room in pair:
        assert seqs(room) == list(range(1, head(room) + 1))


def test_a_send_waits_for_the_kick_that_came_first(backend: str) -> None:
    """Rights are read under the lock: who waited for it sees what the holder has done."""
    ann, ben = people("ann", "ben")
    room = room_of(ann, ben)
    kicking, sent = Barrier(2), []

    def late() -> None:
        kicking.wait(timeout=20)
        sent.extend(append(draft(room, ben)))
        connections.close_all()

    thread = Thread(target=late)
    thread.start()
    with transaction.atomic():
        rooms.kick(room.pk, ann, ben)
        kicking.wait(timeout=20)
        if backend == POSTGRES:
            wait_for_somebody_to_wait()
    thread.join(timeout=20)
    assert sent == ["not_found"]


def wait_for_somebody_to_wait() -> None:
    """Until another session waits for a row lock of ours."""
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with connection.cursor() as cursor:
        for _ in range(2000):
            cursor.execute(waiting)
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.005)")
    raise AssertionError("nobody waited")


def test_a_name_taken_at_the_same_moment_gets_a_number() -> None:
    authors = people(*(f"author{n}" for n in range(WRITERS)))
    create = partial(rooms.create, kind="public", name="Kitchen")
    made = at_once([partial(create, author) for author in authors])
    slugs = sorted(room.slug or "" for room in made if isinstance(room, Room))
    assert slugs == ["kitchen", "kitchen-2", "kitchen-3", "kitchen-4"], made


def test_both_open_their_conversation_at_the_same_moment() -> None:
    ann, ben = people("ann", "ben")
    made = at_once(
        [partial(rooms.open_direct, ann, "ben"), partial(rooms.open_direct, ben, "ann")] * 2
    )
    assert len({room.pk for room in made if isinstance(room, Room)}) == 1, made
    assert not any(isinstance(room, Exception) for room in made)
    assert Membership.objects.count() == 2


def test_many_join_at_once() -> None:
    ann = person("ann")
    room = room_of(ann, kind="public")
    guests = people(*(f"guest{n}" for n in range(8)))
    joined = at_once([partial(log.append, [Join(room.pk, actor(guest))]) for guest in guests])
    assert not any(isinstance(j, Exception) for j in joined)
    room.refresh_from_db()
    assert room.member_count == 9 == Membership.objects.filter(room=room, left_seq=None).count()
    assert seqs(room) == list(range(1, 10))


def test_the_last_two_owners_cannot_both_go() -> None:
    ann, ben, cyd = people("ann", "ben", "cyd")
    room = room_of(ann, ben, cyd)
    rooms.set_role(room.pk, ann, ben, "owner")
    outcomes = at_once([partial(rooms.leave, room.pk, ann), partial(rooms.leave, room.pk, ben)])
    refused = [o for o in outcomes if isinstance(o, Refused)]
    assert [no.code for no in refused] == ["conflict"]


def test_a_commit_that_nobody_can_be_sure_of(backend: str) -> None:
    """The connection dies inside COMMIT: perhaps stored, perhaps not, so it is not definite."""
    if backend != POSTGRES:
        pytest.skip("SQLite's COMMIT does not depend on a connection")
    (ann,) = people("ann")
    room = room_of(ann)
    cid = uuid.uuid4()
    die_at_commit()
    try:
        (refused,) = log.append([draft(room, ann, "perhaps", cid=cid)]).outcomes
    finally:
        live_on()
    assert isinstance(refused, Refused)
    assert (refused.code, refused.definite) == ("unavailable", False)
    again = send(room, ann, "perhaps", cid=cid)
    assert again.seq == head(room)
    assert seqs(room) == list(range(1, head(room) + 1))


@dataclass
class Counted:
    """A message that knows how often it was tried."""

    inner: posting.Send
    tries: int = 0

    def needs(self, needs: Needs) -> None:
        self.tries += 1
        self.inner.needs(needs)

    def decide(self, ledger: Ledger) -> Done:
        return self.inner.decide(ledger)


@contextmanager
def away(backend: str) -> Iterator[None]:
    """The database takes no writes: on PostgreSQL the connection dies with the first one."""
    if backend == POSTGRES:
        die("AFTER INSERT ON chat_message", "")
        try:
            yield
        finally:
            live_on()
        return
    options = connection.settings_dict["OPTIONS"]
    before, options["timeout"] = options.get("timeout"), 0.01
    held, over = Event(), Event()
    thread = Thread(target=hold_the_lock, args=(held, over))
    thread.start()
    assert held.wait(timeout=20)
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=20)
        options["timeout"] = before or 20


def hold_the_lock(held: Event, over: Event) -> None:
    with lock_of(connection.settings_dict["NAME"]):
        held.set()
        over.wait(timeout=20)


def test_a_database_that_is_away_is_waited_for_once_not_once_per_operation(backend: str) -> None:
    (ann,) = people("ann")
    room = room_of(ann)
    before = head(room)
    batch = [Counted(draft(room, ann)) for _ in range(20)]
    with away(backend):
        outcomes = log.append(batch).outcomes
    assert {(o.code, o.definite) for o in outcomes if isinstance(o, Refused)} == {
        ("unavailable", True)
    }
    assert [counted.tries for counted in batch] == [1] * 20
    connection.close()
    assert head(room) == before
    assert append(*batch)[-1].seq == head(room) == before + 20


def die_at_commit() -> None:
    """Every transaction that stores a message loses its connection while it commits."""
    die("AFTER INSERT ON chat_message", "DEFERRABLE INITIALLY DEFERRED")


def die(when: str, how: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$"
        )
        cursor.execute(
            f"CREATE CONSTRAINT TRIGGER dies {when} {how} FOR EACH ROW EXECUTE FUNCTION die()"
        )


def live_on() -> None:
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER dies ON chat_message; DROP FUNCTION die()")
