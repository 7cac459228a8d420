"""Pages of history: they touch, they fold, they keep to the join and to the size of a frame."""

from __future__ import annotations

import json
import uuid
from itertools import pairwise

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from loopchat.accounts.models import User
from loopchat.chat import cursors, history, messages, rooms
from loopchat.chat.cursors import Move
from loopchat.chat.history import PAGE_MAX, History
from loopchat.chat.models import Room
from loopchat.core.errors import Refused
from loopchat.realtime.frames import FRAME_MAX
from tests.chat.replica import plain
from tests.chat.stage import (
    Event,
    actor,
    append,
    direct_of,
    draft,
    head,
    person,
    room_of,
    send,
    stored,
)

pytestmark = pytest.mark.django_db


def page(room: Room, who: User, **options: object) -> Event:
    """As the socket answers it."""
    found: Event = plain(history.page(who, room.pk, **options))  # type: ignore[arg-type]
    return found


def busy(ann: User, ben: User, rounds: int = 5, **options: str) -> Room:
    """A room in which everything has happened."""
    room = room_of(ann, ben, **options)
    for n in range(rounds):
        first = send(room, ann, f"first {n}")
        second = send(room, ben, f"second {n}", reply_to=first.id)
        messages.edit(room.pk, actor(ann), message_id=first.id, body=f"first {n}, better")
        messages.react(room.pk, actor(ann), message_id=second.id, emoji="👍", on=True)
        rooms.set_topic(room.pk, ann, f"topic {n}")
        messages.delete(room.pk, actor(ben), message_id=second.id) if n % 2 else None
    return room


# --- what is drawn ---------------------------------------------------------------------------


def test_the_newest_page_comes_first(three: list[User]) -> None:
    ann, ben, _ = three
    room = room_of(ann, ben)
    sent = [send(room, ann, str(n)) for n in range(10)]
    found = page(room, ben, limit=4)
    assert [item["message"] for item in found["items"]] == ["6", "7", "8", "9"]
    assert (found["from"], found["to"], found["head"]) == (sent[6].seq, head(room), head(room))
    assert found["complete"] is False
    rest = page(room, ben, before=found["from"], limit=100)
    assert [item["seq"] for item in rest["items"]] == list(range(1, sent[6].seq or 0))
    assert (rest["from"], rest["to"], rest["complete"]) == (1, found["from"] - 1, True)


def test_what_happened_to_messages_is_folded_in(three: list[User]) -> None:
    ann, ben, _ = three
    room = busy(ann, ben, rounds=2)
    found = page(room, ben)
    assert {item["type"] for item in found["items"]} == {"chat_message", "membership", "room"}
    first, second, third, fourth = [i for i in found["items"] if i["type"] == "chat_message"]
    assert first["message"] == "first 0, better"
    assert first["edited_ts"] >= first["ts"]
    assert second["reactions"] == {"👍": {"n": 1, "uids": [ann.pk]}}
    assert third["message"] == "first 1, better"
    assert "message" not in fourth
    assert "reactions" not in fourth
    assert fourth["deleted_ts"]
    assert (found["from"], found["to"], found["complete"]) == (1, head(room), True)


def test_a_page_reaches_over_what_is_not_drawn(three: list[User]) -> None:
    """Reactions at the end of a log are covered: the next page after it is empty."""
    ann, ben, _ = three
    room = room_of(ann, ben)
    done = send(room, ann)
    for emoji in "👍🎉😀":
        messages.react(room.pk, actor(ben), message_id=done.id, emoji=emoji, on=True)
    found = page(room, ben, limit=1)
    assert (found["from"], found["to"]) == (3, 6)
    after = page(room, ben, after=found["to"])
    assert (after["items"], after["from"], after["to"], after["complete"]) == ([], 7, 6, True)
    older = page(room, ben, before=6, limit=1)  # nothing is drawn at 4 and 5
    assert ([i["seq"] for i in older["items"]], older["from"], older["to"]) == ([3], 3, 5)


def pages(room: Room, who: User, *, backwards: bool, **options: object) -> list[Event]:
    """All pages from one end to the other, in the order of the log."""
    found: list[Event] = []
    where: dict[str, int] = {} if backwards else {"after": 0}
    while True:
        got = page(room, who, **where, **options)
        found.insert(0, got) if backwards else found.append(got)
        assert got["items"] or got["complete"], "a page without items that is not the last"
        if got["complete"]:
            return found
        where = {"before": got["from"]} if backwards else {"after": got["to"]}
        assert len(found) < 1000


@pytest.mark.parametrize("whole_log", [False, True])
@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_neighbouring_pages_touch(
    three: list[User], limit: int, backwards: bool, whole_log: bool
) -> None:
    ann, ben, _ = three
    room = busy(ann, ben)
    got = pages(room, ben, backwards=backwards, limit=limit, whole_log=whole_log)
    assert (got[0]["from"], got[-1]["to"]) == (1, head(room))
    for left, right in pairwise(got):
        assert left["to"] + 1 == right["from"]
    for one in got:
        assert len(one["items"]) <= limit
        assert all(one["from"] <= item["seq"] <= one["to"] for item in one["items"])
    items = [item for one in got for item in one["items"]]
    everything = stored(room)
    if whole_log:
        assert items == everything
    else:
        drawn = ("chat_message", "membership", "room")
        assert items == [event for event in everything if event["type"] in drawn]


def test_the_whole_log_is_every_event(three: list[User]) -> None:
    ann, ben, _ = three
    room = busy(ann, ben)
    found = page(room, ben, whole_log=True, limit=PAGE_MAX)
    assert found["items"] == stored(room)
    assert [item["seq"] for item in found["items"]] == list(range(1, head(room) + 1))


@pytest.mark.parametrize("whole_log", [False, True])
def test_the_ends_of_the_log(three: list[User], whole_log: bool) -> None:
    room = room_of(*three)
    top = head(room)
    for where in ({"before": 1}, {"before": top + 1}, {"after": 0}, {"after": top}, {}):
        found = page(room, three[1], **where, whole_log=whole_log)  # type: ignore[arg-type]
        assert found["head"] == top
        assert found["complete"] is True
        assert len(found["items"]) == max(0, found["to"] - found["from"] + 1)
    assert page(room, three[1], before=10**9)["to"] == top
    assert page(room, three[1], after=10**9)["items"] == []


def test_limits_are_kept_within_bounds(three: list[User]) -> None:
    ann = three[0]
    room = room_of(*three)
    append(*(draft(room, ann, str(n)) for n in range(PAGE_MAX + 10)))
    assert len(page(room, ann, limit=10**6)["items"]) == PAGE_MAX
    assert len(page(room, ann, limit=0)["items"]) == 1


def test_before_and_after_at_once_is_refused(room: Room, three: list[User]) -> None:
    with pytest.raises(Refused) as no:
        history.page(three[0], room.pk, before=5, after=1)
    assert (no.value.code, no.value.field) == ("bad_request", "after")


# --- history that begins with the join -------------------------------------------------------


@pytest.mark.parametrize("whole_log", [False, True])
def test_what_was_before_the_join_is_not_shown(three: list[User], whole_log: bool) -> None:
    ann, ben, _ = three
    shared, since = (
        rooms.create(ann, kind="private", name="R", history=policy)
        for policy in ("shared", "joined")
    )
    for room in (shared, since):
        send(room, ann, "early")
        rooms.invite(room.pk, ann, [ben])
        send(room, ann, "late")
    assert page(shared, ben, whole_log=whole_log)["from"] == 1  # it could be shown
    joined = 3
    for where in ({}, {"before": 3}, {"after": 0}, {"after": 1}, {"before": 1}):
        found = page(since, ben, **where, whole_log=whole_log)  # type: ignore[arg-type]
        assert "early" not in json.dumps(found)
        assert all(item["seq"] >= joined for item in found["items"])
        assert found["complete"] is True
    found = page(since, ben, whole_log=whole_log)
    assert [item["seq"] for item in found["items"]] == [3, 4]
    assert (found["from"], found["to"]) == (3, 4)


def test_a_second_join_begins_anew(three: list[User]) -> None:
    ann, ben, _ = three
    room = rooms.create(ann, kind="private", name="R", history="joined", people=[ben])
    send(room, ann, "seen")
    rooms.kick(room.pk, ann, ben)
    send(room, ann, "missed")
    rooms.invite(room.pk, ann, [ben])
    send(room, ann, "seen too")
    shown = [item.get("message") for item in page(room, ben, limit=100)["items"]]
    assert shown == [None, "seen too"]


def test_edits_do_not_tell_what_is_hidden(three: list[User]) -> None:
    ann, ben, _ = three
    room = rooms.create(ann, kind="private", name="R", history="joined")
    early = send(room, ann, "early words")
    rooms.invite(room.pk, ann, [ben])
    messages.edit(room.pk, actor(ann), message_id=early.id, body="hidden words")
    reply = send(room, ann, "a reply", reply_to=early.id)
    found = page(room, ben, whole_log=True)
    assert [item["type"] for item in found["items"]] == ["membership", "edited", "chat_message"]
    assert "words" not in json.dumps(found)
    drawn = page(room, ben)
    assert drawn["items"][-1]["reply_to"] == early.id == reply.row.reply_to_id  # type: ignore[union-attr]
    assert "quoted" not in drawn
    assert "words" not in json.dumps(drawn)
    assert page(room, ann)["quoted"][0]["message"] == "hidden words"  # who may read it gets it


# --- quotes ----------------------------------------------------------------------------------


def test_what_a_page_replies_to_comes_with_it(three: list[User]) -> None:
    ann, ben, _ = three
    room = room_of(ann, ben)
    target = send(room, ann, "the question")
    for _ in range(5):
        send(room, ann)
    for text in ("one answer", "another"):
        send(room, ben, text, reply_to=target.id)
    found = page(room, ben, limit=2)
    assert [q["id"] for q in found["quoted"]] == [target.id]
    assert found["quoted"][0]["message"] == "the question"
    messages.delete(room.pk, actor(ann), message_id=target.id)
    (quoted,) = page(room, ben, limit=2)["quoted"]
    assert "message" not in quoted
    assert quoted["deleted_ts"]


# --- size ------------------------------------------------------------------------------------


def size_of(found: History) -> int:
    return len(msgspec.json.encode(found))


@pytest.mark.parametrize("whole_log", [False, True])
def test_a_page_fits_a_frame(three: list[User], whole_log: bool) -> None:
    ann = three[0]
    room = room_of(*three)
    append(*(draft(room, ann, "😀" * 8000) for _ in range(30)))
    for backwards in (True, False):
        got = pages(room, ann, backwards=backwards, limit=100, whole_log=whole_log)
        assert len(got) > 3
        assert [i["seq"] for one in got for i in one["items"]] == list(range(1, head(room) + 1))
        for left, right in pairwise(got):
            assert left["to"] + 1 == right["from"]
    found = history.page(ann, room.pk, limit=100, whole_log=whole_log)
    assert FRAME_MAX - 40_000 < size_of(found) <= FRAME_MAX


def test_quotes_count_too(three: list[User]) -> None:
    """Short answers to long messages: the answers fit, what they quote must fit as well."""
    ann = three[0]
    room = room_of(*three)
    targets = append(*(draft(room, ann, "😀" * 8000) for _ in range(20)))
    append(*(draft(room, ann, "yes", reply_to=t.id) for t in targets))
    found = history.page(ann, room.pk, limit=20)
    assert size_of(found) <= FRAME_MAX
    got = pages(room, ann, backwards=True, limit=20)
    assert [i["seq"] for one in got for i in one["items"]] == list(range(1, head(room) + 1))
    for one in got:
        wanted = {i["reply_to"] for i in one["items"] if "reply_to" in i}
        assert {q["id"] for q in one.get("quoted", [])} == wanted


def test_one_item_is_always_shown(three: list[User], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "BYTES_MAX", 10)
    ann = three[0]
    room = room_of(*three)
    send(room, ann, "longer than that", reply_to=send(room, ann).id)
    for whole_log in (False, True):
        for backwards in (False, True):
            got = pages(room, ann, backwards=backwards, limit=100, whole_log=whole_log)
            assert [len(one["items"]) for one in got] == [1] * head(room)


# --- readers ---------------------------------------------------------------------------------


def read(room: Room, who: User, seq: int | None) -> None:
    cursors.advance({(room.pk, who.pk): Move(actor(who), read=seq)})


def test_readers_are_named_with_the_time(room: Room, three: list[User]) -> None:
    ann, ben, cyd = three
    first, second = send(room, ann), send(room, ann)
    read(room, ben, first.seq)
    cursors.advance({(room.pk, cyd.pk): Move(actor(cyd), delivered=second.seq)})
    seen = history.readers(actor(ann), room.pk, first.id)
    assert [(r["uid"], r["ts"] > 0) for r in seen.read_by] == [(ben.pk, True)]
    assert seen.delivered_to == [ben.pk, cyd.pk]
    seen = history.readers(actor(ben), room.pk, second.id)
    assert (seen.read_by, seen.delivered_to) == ([], [cyd.pk])


def test_who_answers_has_read_without_a_time(room: Room, three: list[User]) -> None:
    ann, ben, _ = three
    first = send(room, ann)
    read(room, ben, first.seq)
    second = send(room, ann)
    read(room, ben, second.seq)
    times = [history.readers(actor(ann), room.pk, m.id).read_by[0]["ts"] for m in (first, second)]
    assert times[0] <= times[1]
    third = send(room, ben)
    assert third.seq
    assert [r["uid"] for r in history.readers(actor(ann), room.pk, second.id).read_by] == [ben.pk]


def test_who_came_later_has_not_read(three: list[User]) -> None:
    ann, ben, cyd = three
    room = room_of(ann, ben)
    done = send(room, ann)
    rooms.invite(room.pk, ann, [cyd])
    seen = history.readers(actor(ann), room.pk, done.id)
    assert (seen.read_by, seen.delivered_to) == ([], [])
    read(room, ben, done.seq)
    assert [r["uid"] for r in history.readers(actor(ann), room.pk, done.id).read_by] == [ben.pk]


def test_who_left_is_not_named(room: Room, three: list[User]) -> None:
    ann, ben, _ = three
    done = send(room, ann)
    read(room, ben, done.seq)
    rooms.kick(room.pk, ann, ben)
    assert history.readers(actor(ann), room.pk, done.id).read_by == []


def test_bots_are_no_readers(three: list[User]) -> None:
    ann, ben, cyd = three
    User.objects.filter(pk=cyd.pk).update(is_bot=True)
    for there, told in ((room_of(ann, ben, cyd), [ben.pk]), (direct_of(ann, cyd), [])):
        done = send(there, ann)
        for reader in (ben, cyd) if told else (cyd,):
            cursors.advance({(there.pk, reader.pk): Move(actor(reader), read=done.seq)})
        seen = history.readers(actor(ann), there.pk, done.id)
        assert [one["uid"] for one in seen.read_by] == told
        assert seen.delivered_to == told


def test_large_rooms_have_no_readers(three: list[User], settings: Settings) -> None:
    room = room_of(*three)
    done = send(room, three[0])
    read(room, three[1], done.seq)
    settings.RECEIPTS_MAX = 2
    assert history.readers(actor(three[0]), room.pk, done.id) == history.Readers([], [])


def test_readers_of_nothing_are_refused(room: Room, three: list[User]) -> None:
    foreign = send(room_of(person("eve")), User.objects.get(username="eve"))
    for message_id in (10**9, 0, foreign.id):
        with pytest.raises(Refused) as no:
            history.readers(actor(three[0]), room.pk, message_id)
        assert (no.value.code, no.value.field) == ("not_found", "id")


# --- cost ------------------------------------------------------------------------------------


@pytest.mark.parametrize("whole_log", [False, True])
def test_a_page_costs_the_same_whatever_is_on_it(three: list[User], whole_log: bool) -> None:
    ann, ben, _ = three
    small, large = busy(ann, ben, rounds=1), busy(ann, ben, rounds=12)
    counts = []
    for room in (small, large):
        with CaptureQueriesContext(connection) as queries:
            history.page(ann, room.pk, limit=100, whole_log=whole_log)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 7


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(st.sampled_from("meres"), max_size=30),
    st.integers(0, 40),
    st.integers(1, 10),
    st.booleans(),
)
def test_any_page_of_any_log_covers_what_it_says(
    db: None, acts: list[str], where: int, limit: int, backwards: bool
) -> None:
    """m: a message, e: an edit, r: a reaction, s: another topic; then a page from anywhere."""
    ann = person(f"ann-{uuid.uuid4().hex[:8]}")
    room = room_of(ann)
    last = send(room, ann)
    for n, act in enumerate(acts):
        if act == "m":
            last = send(room, ann)
        elif act == "e":
            messages.edit(room.pk, actor(ann), message_id=last.id, body=f"edit {n}")
        elif act == "r":
            on = n % 2 == 0
            messages.react(room.pk, actor(ann), message_id=last.id, emoji="👍", on=on)
        else:
            rooms.set_topic(room.pk, ann, f"topic {n}")
    found = page(room, ann, limit=limit, **{"before" if backwards else "after": where + backwards})
    drawn = ("chat_message", "membership", "room")
    within = [
        e for e in stored(room) if e["type"] in drawn and found["from"] <= e["seq"] <= found["to"]
    ]
    assert found["items"] == within
    assert len(within) <= limit
    if backwards:
        assert found["to"] == min(where, head(room))
        assert found["complete"] is (found["from"] <= 1)
    else:
        assert found["from"] == where + 1
        assert found["complete"] is (found["to"] >= head(room))
