"""What the hub asks the database: always in a fixed number of statements, and truthfully."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from loopchat.accounts.models import User
from loopchat.accounts.sessions import Login
from loopchat.chat import rooms, source
from loopchat.chat.models import Room
from loopchat.chat.source import ADDITION_MAX, DatabaseSource
from loopchat.realtime.listener import Head, Rights
from loopchat.realtime.models import Present, Worker
from tests.chat.replica import plain, summary
from tests.chat.stage import append, draft, head, people, room_of, send

pytestmark = pytest.mark.django_db

ask = DatabaseSource()


def version(who: User) -> int:
    return User.objects.values_list("version", flat=True).get(pk=who.pk)


def cost(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as queries:
        act()
    return len(queries)


def test_heads_of_rooms_that_exist(three: list[User], settings: Settings) -> None:
    settings.RECEIPTS_MAX = 2
    small, large, deleted = room_of(three[0]), room_of(*three), room_of(three[0])
    direct = rooms.open_direct(three[0], "ben")
    rooms.delete(deleted.pk, three[0])
    send(small, three[0])
    wanted = [small.pk, large.pk, deleted.pk, direct.pk, 10**9]
    assert ask.heads(wanted) == {
        small.pk: Head(2, True),
        large.pk: Head(3, False),
        direct.pk: Head(2, True),
    }
    assert cost(lambda: ask.heads(wanted)) == cost(lambda: ask.heads([small.pk])) == 1


def test_behind_names_rooms_beyond_their_cursors_and_rooms_that_are_gone(
    three: list[User],
) -> None:
    level, behind, ahead, deleted = (room_of(three[0]) for _ in range(4))
    send(behind, three[0])
    send(behind, three[0])
    rooms.delete(deleted.pk, three[0])
    cursors = {level.pk: 1, behind.pk: 1, ahead.pk: 2, deleted.pk: 1, 10**9: 5}
    assert ask.behind(cursors) == {behind.pk: 3, deleted.pk: None, 10**9: None}
    many = {room.pk: 0 for room in (level, behind, ahead)} | {10**6 + n: 0 for n in range(2000)}
    assert len(ask.behind(many)) == 2003
    assert cost(lambda: ask.behind(many)) == cost(lambda: ask.behind({level.pk: 1})) == 1
    assert ask.behind({}) == {}


def test_changed_names_people_of_another_version(three: list[User]) -> None:
    ann, ben, cyd = three
    versions = {who.pk: version(who) for who in three}
    assert ask.changed(versions) == set()
    room = room_of(ann, ben)
    assert ask.changed(versions) == {ann.pk, ben.pk}
    versions = {who.pk: version(who) for who in three}
    rooms.kick(room.pk, ann, ben)
    assert ask.changed(versions) == {ben.pk}
    assert ask.changed({cyd.pk: version(cyd) + 1}) == {cyd.pk}  # after a restored backup
    assert cost(lambda: ask.changed(versions)) == 1


def test_rights_are_the_rooms_one_is_in(three: list[User]) -> None:
    ann, ben, cyd = three
    both, left, deleted = room_of(ann, ben), room_of(ann, ben), room_of(ann, ben)
    rooms.leave(left.pk, ben)
    rooms.delete(deleted.pk, ann)
    wanted = [ann.pk, ben.pk, cyd.pk, 10**9]
    assert ask.rights(wanted) == {
        ann.pk: Rights(version(ann), frozenset({both.pk, left.pk})),
        ben.pk: Rights(version(ben), frozenset({both.pk})),
        cyd.pk: Rights(version(cyd), frozenset()),
    }
    assert cost(lambda: ask.rights(wanted)) == 4  # versions, rooms, privacy, blocks


def test_an_addition_begins_before_the_join(three: list[User]) -> None:
    ann, ben, _ = three
    room = room_of(ann, kind="public")
    for _ in range(3):
        send(room, ann)
    seq = rooms.join(room.pk, ben)
    send(room, ann, "after")
    (added,) = ask.additions(ben.pk, [room.pk])
    assert (added.room, added.base) == (room.pk, seq - 1)
    told = json.loads(added.data)
    base = {"head": seq - 1, "as_of": seq + 1}
    assert told == {**summary(ben, room.pk), "type": "room_added", **base}
    follows = ask.read(room.pk, after=added.base, upto=head(room))
    assert [e.seq for e in follows] == [seq, seq + 1]
    assert json.loads(follows[0].data)["kind"] == "join"


def test_an_addition_that_is_told_late_does_not_begin_at_the_join(three: list[User]) -> None:
    ann, ben, _ = three
    room = room_of(ann, ben)
    for _ in range(3):
        append(*(draft(room, ann) for _ in range(200)))
    (added,) = ask.additions(ben.pk, [room.pk])
    assert added.base == head(room) - ADDITION_MAX


def test_nothing_is_added_that_is_not_mine(three: list[User]) -> None:
    ann, ben, _ = three
    foreign, left, deleted = room_of(ann, kind="public"), room_of(ann, ben), room_of(ann, ben)
    rooms.leave(left.pk, ben)
    rooms.delete(deleted.pk, ann)
    assert ask.additions(ben.pk, [foreign.pk, left.pk, deleted.pk, 10**9]) == []


def test_additions_cost_the_same_for_one_and_for_many(three: list[User]) -> None:
    made = [room_of(three[0], three[1]) for _ in range(20)]
    wanted = [room.pk for room in made]
    assert cost(lambda: ask.additions(three[1].pk, wanted)) == cost(
        lambda: ask.additions(three[1].pk, wanted[:1])
    )


def test_sign_ins_that_are_no_more(three: list[User]) -> None:
    ann, ben, _ = three
    store = SessionStore()
    store[SESSION_KEY] = str(ann.pk)
    store.save()
    gone = Login(ann.pk, "ann", "no-such-session", None)
    disabled = Login(ben.pk, "ben", "any", None)
    User.objects.filter(pk=ben.pk).update(is_active=False)
    assert ask.ended([gone, disabled]) == {gone: "signed_out", disabled: "disabled"}
    assert ask.ended([]) == {}


def test_the_audience_is_who_shares_a_small_room(three: list[User], settings: Settings) -> None:
    ann, ben, cyd = three
    settings.RECEIPTS_MAX = 2
    small, large, deleted = room_of(ann, ben), room_of(*three), room_of(ann)
    direct = rooms.open_direct(ben, "cyd")
    rooms.delete(deleted.pk, ann)
    found = ask.audience([ann.pk, cyd.pk])
    assert found.rooms == {ann.pk: {small.pk}, cyd.pk: {direct.pk}}
    assert found.counted == {small.pk, large.pk, direct.pk}
    assert ask.audience([]).counted == set()


def test_online_counts_are_members_who_are_there(three: list[User]) -> None:
    ann, ben, cyd = three
    room, empty = room_of(*three), room_of(cyd)
    (stranger,) = people("stranger")
    worker = Worker.objects.create(id="w", started_at=Now(), renewed_at=Now())
    other = Worker.objects.create(id="x", started_at=Now(), renewed_at=Now())
    for on, who in ((worker, ann), (worker, ben), (other, ben), (worker, stranger)):
        Present.objects.create(worker=on, user=who, state=Present.State.ONLINE, change=1)
    assert ask.online_counts([room.pk, empty.pk]) == {room.pk: 2, empty.pk: 0}
    rooms.kick(room.pk, ann, ben)
    assert ask.online_counts([room.pk]) == {room.pk: 1}
    assert cost(lambda: ask.online_counts([room.pk, empty.pk])) == 1


def test_the_statements_use_indexes(three: list[User], backend: str) -> None:
    """The sweep runs every second, whatever the size of the tables."""
    if backend != "sqlite":
        pytest.skip("PostgreSQL's planner scans tables as small as a test's")
    with connection.cursor() as cursor:
        for sql in (source._BEHIND, source._CHANGED):
            plan = "EXPLAIN QUERY PLAN " + sql.format(pairs=source._PAIRS["sqlite"])
            cursor.execute(plan, ["{}"])
            steps = " ".join(str(row[-1]) for row in cursor.fetchall())
            assert "SCAN pair" in steps
            assert "SCAN room" not in steps
            assert "SCAN person" not in steps


def test_plain_is_what_a_client_sees(three: list[User]) -> None:
    room = room_of(three[0])
    assert plain(Room.objects.get(pk=room.pk).head) == 1
