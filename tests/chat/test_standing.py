"""Conversations that wait for a yes or are hidden: what each side sees, counts and is told."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from loopchat.accounts import profiles
from loopchat.accounts.models import User
from loopchat.chat import appearance, contacting, history, nearby, personal, reading, rooms
from loopchat.chat.cursors import Move, advance
from loopchat.chat.models import Membership, Mention, Room
from loopchat.chat.source import DatabaseSource
from loopchat.contacts import blocks, privacy
from loopchat.contacts.models import Block
from loopchat.core.errors import Refused
from loopchat.realtime.models import Present, Worker
from loopchat.realtime.outbox import Aside
from tests.chat.replica import plain
from tests.chat.stage import (
    Told,
    actor,
    append,
    choosy,
    direct_of,
    draft,
    head,
    listed,
    membership,
    people,
    refused,
    room_of,
    send,
)

pytestmark = pytest.mark.django_db(transaction=True)

Standing = Membership.Standing
ask = DatabaseSource()


def heard(told: Told, who: User) -> list[dict[str, Any]]:
    return [event for topic, event, _ in told.asides() if topic == f"person:{who.pk}"]


def block(owner: User, other: User, *, on: bool = True) -> None:
    contacting.block(actor(owner), other.username, on=on)


# --- message requests ------------------------------------------------------------------------


def test_a_stranger_who_may_not_write_waits(three: list[User], told: Told) -> None:
    ann, ben, _ = three
    choosy(ben)
    room = rooms.open_direct(ann, "ben")
    told.clear()
    send(room, ann, "Hello @ben")
    mine, theirs = listed(ann)[room.pk], listed(ben)[room.pk]
    assert "request" not in mine
    assert (theirs["request"], theirs["unread"], "mentions" in theirs) == (True, 0, False)
    assert theirs["last"]["message"] == "Hello @ben"
    assert heard(told, ben) == []
    assert not Mention.objects.exists()


def test_nothing_of_who_has_not_said_yes_is_told(three: list[User], told: Told) -> None:
    ann, ben, _ = three
    choosy(ben)
    room = rooms.open_direct(ann, "ben")
    done = send(room, ann)
    told.clear()
    advance_ = advance({(room.pk, ben.pk): Move(actor(ben), read=done.seq)})
    topics = {aside.topic for aside in advance_.committed.asides}
    assert topics == {f"person:{ben.pk}"}
    assert reading.cursors_of(ann.pk, room.pk) == []
    readers = history.readers(actor(ann), room.pk, done.id)
    assert (readers.read_by, readers.delivered_to) == ([], [])
    assert ask.audience([ben.pk]).rooms == {}
    assert ask.rights([ben.pk])[ben.pk].veil.quiet == {room.pk}
    User.objects.filter(pk=ben.pk).update(last_seen_ts=12345)
    (shown,) = reading.overview(ann).people
    assert (shown.uid, shown.state, shown.last_seen_ts) == (ben.pk, "offline", None)
    assert ask.online_counts([room.pk]) == {room.pk: 0}


def test_a_yes_opens_it(three: list[User], told: Told) -> None:
    ann, ben, _ = three
    choosy(ben)
    room = rooms.open_direct(ann, "ben")
    send(room, ann)
    told.clear()
    for _ in range(2):
        contacting.answer(actor(ben), room.pk, accept=True)
    assert membership(room, ben).standing == Standing.OPEN
    assert "request" not in listed(ben)[room.pk]
    assert listed(ben)[room.pk]["unread"] == 1
    opened = {"type": "message_request", "room": room.pk, "request": False, "unread": 1}
    assert heard(told, ben).count(opened) == 1
    assert ben.pk in told.people()
    assert [e["type"] for e in heard(told, ann)] == ["presence"]
    assert ask.audience([ben.pk]).rooms == {ben.pk: {room.pk}}


def test_writing_back_is_a_yes(three: list[User], told: Told) -> None:
    ann, ben, _ = three
    choosy(ben)
    room = rooms.open_direct(ann, "ben")
    send(room, ann)
    told.clear()
    send(room, ben, "Hello")
    assert membership(room, ben).standing == Standing.OPEN
    assert [e["type"] for e in heard(told, ben)] == ["message_request"]


def test_a_no_hides_it_and_is_not_told(three: list[User], told: Told) -> None:
    ann, ben, _ = three
    choosy(ben)
    room = rooms.open_direct(ann, "ben")
    send(room, ann)
    told.clear()
    for _ in range(2):
        contacting.answer(actor(ben), room.pk, accept=False)
    assert heard(told, ann) == []
    assert told.log(room.pk) == []
    assert told.people() == {ben.pk}
    assert room.pk not in listed(ben)
    assert ask.rights([ben.pk])[ben.pk].rooms == frozenset()
    before = head(room)
    assert send(room, ann, "Are you there?").seq == before + 1
    for look in (
        lambda: history.page(ben, room.pk),
        lambda: reading.summary(ben, room.pk),
        lambda: personal.set_draft(actor(ben), room.pk, "x", reply_to=None),
        lambda: reading.cursors_of(ben.pk, room.pk),
        lambda: reading.visible_room(ben.pk, room.pk),
        lambda: send(room, ben),
    ):
        with refused("not_found"):
            look()
    assert listed(ann)[room.pk]["members"] == 2  # nothing to see


def test_who_asks_for_it_after_all_has_it_back(three: list[User]) -> None:
    ann, ben, _ = three
    choosy(ben)
    room = rooms.open_direct(ann, "ben")
    send(room, ann)
    contacting.answer(actor(ben), room.pk, accept=False)
    send(room, ann, "Still here")
    assert rooms.open_direct(ben, "ann").pk == room.pk
    found = listed(ben)[room.pk]
    assert (found["unread"], found["read"]) == (0, head(room))
    (added,) = ask.additions(ben.pk, [room.pk])
    assert added.base == head(room)  # what was said meanwhile is no news


def test_only_what_waits_is_answered(three: list[User]) -> None:
    ann, ben, cyd = three
    room = rooms.open_direct(ann, "ben")
    send(room, ann)
    contacting.answer(actor(ben), room.pk, accept=True)
    with refused("conflict"):
        contacting.answer(actor(ben), room.pk, accept=False)
    for accept in (True, False):
        with refused("not_found"):
            contacting.answer(actor(cyd), room.pk, accept=accept)


def test_who_may_write(three: list[User]) -> None:
    ann, ben, cyd = three
    for rule in ("everyone", "rooms", "friends"):
        dan = people(f"dan-{rule}")[0]
        choosy(dan, rule)
        if rule == "rooms":
            room_of(dan, ben)
        contacting.friend(actor(cyd), dan.username, "request")
        contacting.friend(actor(dan), "cyd", "accept")
        lands = {}
        for who in three:
            direct = rooms.open_direct(who, dan.username)
            send(direct, who)
            lands[who.username] = membership(direct, dan).standing
        expected = {
            "everyone": ("open", "open", "open"),
            "rooms": ("request", "open", "open"),
            "friends": ("request", "request", "open"),
        }[rule]
        assert tuple(lands.values()) == expected
    assert membership(rooms.open_direct(ann, "ann"), ann).standing == Standing.OPEN


def test_a_direct_room_is_no_shared_room(three: list[User]) -> None:
    ann, ben, cyd = three
    rooms.open_direct(ann, "ben")
    choosy(ben, "rooms")
    group = rooms.create(ann, kind="group", name="", people=[ben, cyd])
    assert membership(group, ben).standing == Standing.REQUEST
    assert membership(group, cyd).standing == Standing.OPEN


def test_friends_do_not_wait_for_each_other(three: list[User]) -> None:
    ann, ben, _ = three
    choosy(ben)
    room = rooms.open_direct(ann, "ben")
    send(room, ann)
    contacting.friend(actor(ann), "ben", "request")
    assert membership(room, ben).standing == Standing.REQUEST
    contacting.friend(actor(ben), "ANN", "accept")
    assert membership(room, ben).standing == Standing.OPEN


def test_nobody_is_added_against_their_rule_or_block(three: list[User]) -> None:
    ann, ben, cyd = three
    choosy(ben)
    Block.objects.create(owner=cyd, blocked=ann)
    texts = set()
    private, public, group = (room_of(ann, kind=kind) for kind in ("private", "public", "group"))
    for person in (ben, cyd):
        for act in (
            lambda person=person: rooms.invite(private.pk, ann, [person]),
            lambda person=person: rooms.invite(public.pk, ann, [person]),
            lambda person=person: rooms.invite(group.pk, ann, [person]),
            lambda person=person: room_of(ann, person),
        ):
            with pytest.raises(Refused) as no:
                act()
            texts.add((no.value.code, no.value.template))
    assert texts == {("forbidden", "{name} cannot be added by you.")}
    with refused("blocked"):
        rooms.invite(private.pk, ann, [_blocked_by(ann)])


def _blocked_by(owner: User) -> User:
    (person,) = people("eve")
    Block.objects.create(owner=owner, blocked=person)
    return person


# --- blocks ----------------------------------------------------------------------------------


def test_a_block_hides_the_conversation(three: list[User], told: Told) -> None:
    ann, ben, _ = three
    room = direct_of(ann, ben)
    send(room, ben, "First")
    told.clear()
    block(ann, ben)
    block(ann, ben)
    assert room.pk not in listed(ann)
    assert told.log(room.pk) == []  # no event of the room
    assert ask.rights([ann.pk])[ann.pk].rooms == frozenset()
    gone = {"type": "presence", "uid": ann.pk, "state": "offline"}
    assert heard(told, ben) == [gone]  # as if she had gone

    done = send(room, ben, "Second @ann")
    assert done.seq == head(room)
    assert not Mention.objects.exists()
    readers = history.readers(actor(ben), room.pk, done.id)
    assert (readers.read_by, readers.delivered_to) == ([], [])
    assert reading.cursors_of(ben.pk, room.pk) == []
    for outcome in advance({(room.pk, ann.pk): Move(actor(ann), read=done.seq)}).outcomes.values():
        assert isinstance(outcome, Refused)
    with refused("blocked"):
        send(room, ann)
    with refused("blocked"):
        rooms.open_direct(ann, "ben")
    assert rooms.open_direct(ben, "ann").pk == room.pk


def test_it_comes_back_with_the_cursor_at_the_head(three: list[User]) -> None:
    ann, ben, _ = three
    room = direct_of(ann, ben)
    block(ann, ben)
    for _ in range(3):
        send(room, ben)
    block(ann, ben, on=False)
    found = listed(ann)[room.pk]
    assert (found["unread"], found["read"], "request" in found) == (0, head(room), False)
    (added,) = ask.additions(ann.pk, [room.pk])
    assert added.base == head(room)
    done = send(room, ben)
    assert done.seq == head(room) == added.base + 1
    advance({(room.pk, ann.pk): Move(actor(ann), read=done.seq)})
    assert [one["uid"] for one in history.readers(actor(ben), room.pk, done.id).read_by] == [ann.pk]
    before = history.readers(actor(ben), room.pk, done.id - 1)
    assert (before.read_by, before.delivered_to) == ([], [])  # she was not there for that


def test_of_two_who_block_each_other_each_lifts_their_own(three: list[User], told: Told) -> None:
    ann, ben, _ = three
    room = direct_of(ann, ben)
    send(room, ben)
    block(ann, ben)
    block(ben, ann)
    told.clear()
    block(ann, ben, on=False)  # no refusal: nothing tells that the other blocks her too
    assert set(Block.objects.values_list("owner", "blocked")) == {(ben.pk, ann.pk)}
    assert (membership(room, ann).standing, membership(room, ben).standing) == ("open", "hidden")
    assert "request" not in listed(ann)[room.pk]
    assert heard(told, ben) == []
    send(room, ann, "Are you there?")
    block(ben, ann, on=False)
    assert room.pk in listed(ann)
    assert (listed(ben)[room.pk]["unread"], listed(ben)[room.pk]["read"]) == (0, head(room))
    assert send(room, ben).seq == head(room)


def test_a_refused_block_leaves_all_as_it_was(
    three: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, ben, _ = three
    room = direct_of(ann, ben)
    monkeypatch.setattr(blocks, "BLOCKS_MAX", 0)
    with refused("too_large"):
        block(ann, ben)
    assert not Block.objects.exists()
    assert membership(room, ann).standing == Standing.OPEN


def test_lifting_no_block_shows_nothing_that_was_declined(three: list[User]) -> None:
    ann, ben, _ = three
    choosy(ben)
    room = rooms.open_direct(ann, "ben")
    send(room, ann)
    contacting.answer(actor(ben), room.pk, accept=False)
    for on in (False, True, False):  # not even after a block: the no holds
        block(ben, ann, on=on)
    assert room.pk not in listed(ben)


def test_who_is_blocked_begins_a_conversation_that_nobody_sees(three: list[User]) -> None:
    ann, ben, cyd = three
    Block.objects.create(owner=ann, blocked=ben)
    room = rooms.open_direct(ben, "ann")
    assert send(room, ben).seq == 3
    assert listed(ann) == {}
    assert plain(reading.summary(ben, room.pk))["peer"]["username"] == "ann"
    group = rooms.create(ben, kind="group", name="", people=[ann, cyd])
    assert (membership(group, ann).standing, membership(group, cyd).standing) == ("hidden", "open")
    assert listed(ann) == {}


def test_a_block_stops_mentions_in_shared_rooms_both_ways(three: list[User], told: Told) -> None:
    ann, ben, cyd = three
    room = room_of(ann, ben, cyd)
    said = send(room, ann)
    block(ann, ben)
    told.clear()
    send(room, ben, "@ann @cyd look")
    send(room, ben, "an answer", reply_to=said.id)
    send(room, ann, "@ben @cyd look")
    named = [(topic, e["kind"]) for topic, e, _ in told.asides() if e["type"] == "notification"]
    assert named == [(f"person:{cyd.pk}", "mention")] * 2
    send(room, ben, "@all come")
    assert "mentions" not in listed(ann)[room.pk]
    assert listed(cyd)[room.pk]["mentions"] == 3
    assert listed(ann)[room.pk]["unread"] == 3  # the room goes on


def test_blocks_are_decided_in_the_order_of_a_batch(three: list[User]) -> None:
    from loopchat.chat.standing import SetBlock

    ann, ben, _ = three
    room = direct_of(ann, ben)
    on, off = (SetBlock(actor(ann), actor(ben), on) for on in (True, False))
    outcomes = append(draft(room, ann), on, draft(room, ann), draft(room, ben), off)
    assert [getattr(o, "seq", o) for o in outcomes] == [3, None, "blocked", 4, None]
    outcomes = append(draft(room, ann), draft(room, ben))
    assert [o.seq for o in outcomes] == [5, 6]


def test_a_block_costs_a_message_nothing(three: list[User]) -> None:
    ann, ben, cyd = three
    room = direct_of(ann, ben)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            send(room, ben)
        return len(queries)

    send(room, ben)
    before = cost()
    block(ann, cyd)
    block(ann, ben)
    assert cost() == before


# --- presence --------------------------------------------------------------------------------


def test_who_hides_leaves_for_those_who_saw_them(three: list[User], told: Told) -> None:
    ann, ben, _ = three
    room = room_of(ann, ben)
    contacting.friend(actor(ann), "ben", "request")
    contacting.friend(actor(ben), "ann", "accept")
    told.clear()
    shown = contacting.show(actor(ann), online="friends")
    assert shown.online == "friends"
    gone = {"type": "presence", "uid": ann.pk, "state": "offline"}
    assert (f"room:{room.pk}", gone, ann.pk) in told.asides()
    assert gone in heard(told, ben)  # she is not here in this test
    told.clear()
    contacting.show(actor(ann), online="everyone")
    assert [t for t, e, _ in told.asides() if e["type"] == "presence"] == []


def test_receipts_on_and_off_is_the_same_as_before(three: list[User], told: Told) -> None:
    ann = three[0]
    state = personal.set_preferences(actor(ann), receipts=False, client=None)
    assert state.receipts is False
    assert privacy.of(ann.pk).receipts == "nobody"
    contacting.show(actor(ann), receipts="friends")
    assert [e["receipts"] for e in heard(told, ann) if e["type"] == "preferences"] == [False, True]
    personal.set_preferences(actor(ann), receipts=True, client=None)
    assert privacy.of(ann.pk).receipts == "friends"  # on already


def test_receipts_for_friends_go_to_friends(three: list[User]) -> None:
    ann, ben, cyd = three
    room = room_of(ann, ben, cyd)
    done = send(room, cyd)
    contacting.friend(actor(ann), "ben", "request")
    contacting.friend(actor(ben), "ann", "accept")
    contacting.show(actor(ann), receipts="friends")
    moved = advance({(room.pk, ann.pk): Move(actor(ann), read=done.seq)})
    to_room = [aside for aside in moved.committed.asides if aside.topic == f"room:{room.pk}"]
    assert [aside.only for aside in to_room] == [(ben.pk,)]
    own = [aside for aside in moved.committed.asides if aside.topic == f"person:{ann.pk}"]
    assert [aside.only for aside in own] == [None]
    assert [one.uid for one in reading.cursors_of(ben.pk, room.pk)] == [ann.pk, cyd.pk]
    assert [one.uid for one in reading.cursors_of(cyd.pk, room.pk)] == [ben.pk]


def test_no_receipt_passes_a_block_in_a_shared_room(three: list[User]) -> None:
    ann, ben, cyd = three
    room = room_of(ann, ben, cyd)
    done = send(room, cyd)
    for who in three:
        advance({(room.pk, who.pk): Move(actor(who), read=done.seq)})
    block(ann, ben)

    def seen(viewer: User) -> set[int]:
        told = history.readers(actor(viewer), room.pk, done.id)
        places = {one.uid for one in reading.cursors_of(viewer.pk, room.pk)}
        assert {one["uid"] for one in told.read_by} == set(told.delivered_to)
        assert places - {cyd.pk} == {one["uid"] for one in told.read_by} - {viewer.pk}
        return set(told.delivered_to)

    assert (seen(ann), seen(ben), seen(cyd)) == ({ann.pk}, {ben.pk}, {ann.pk, ben.pk})
    veils = {who.pk: ask.rights([who.pk])[who.pk].veil for who in three}
    for moved, kept_from in ((ann, ben), (ben, ann), (cyd, None)):
        news = Aside(f"room:{room.pk}", b"{}", skip=moved.pk, height=("MessageRead", 9))
        hears = {who.pk for who in three if who != moved and not veils[who.pk].hides(news)}
        assert hears == {who.pk for who in three if who not in (moved, kept_from)}
    block(ann, ben, on=False)
    assert seen(ann) == {ann.pk, ben.pk}


def test_who_blocks_looks_like_who_shows_nothing(three: list[User], told: Told) -> None:
    ann, ben, cyd = three
    (dan,) = people("dan")
    shared = room_of(dan, ann, ben, cyd)
    direct = {who: rooms.open_direct(ben, who.username) for who in (ann, cyd)}
    worker = Worker.objects.create(id="here", started_at=Now(), renewed_at=Now())
    User.objects.update(last_seen_ts=12345)
    for who in (ann, cyd):
        done = send(direct[who], ben)
        advance({(direct[who].pk, who.pk): Move(actor(who), read=done.seq)})
        Present.objects.create(worker=worker, user=who, state=Present.State.ONLINE, change=1)
    said = send(shared, ben)
    told.clear()
    block(ann, ben)
    contacting.show(actor(cyd), online="nobody", last_seen="nobody", receipts="nobody")

    def seen(who: User) -> list[Any]:
        """All that ben sees of somebody."""
        named = {"uid": 0, "username": "", "room": 0}
        around = [one for one in reading.overview(ben).people if one.uid == who.pk]
        found = [one for one in nearby.find_people(ben.pk, "") if one.uid == who.pk]
        looks = [plain(one) | named for one in (*around, *found)]
        last = history.page(ben, direct[who].pk).head
        marks: list[Any] = [plain(reading.summary(ben, direct[who].pk))["unread"], last]
        for room in (direct[who], shared):
            places = [one.uid for one in reading.cursors_of(ben.pk, room.pk)]
            there = {one.uid for one in reading.members(ben, room.pk).members}
            marks.append((who.pk in places, who.pk in there))
        readers = history.readers(actor(ben), shared.pk, said.id)
        marks += [who.pk in readers.delivered_to, len(readers.read_by)]
        told.clear()
        appearance.change(who, profiles.Change(status_text="Away"))
        topics = (f"room:{shared.pk}", f"room:{direct[who].pk}", f"person:{ben.pk}")
        heard = [e["type"] for topic, e, _ in told.asides() if topic in topics]
        return [looks, marks, heard]

    assert seen(ann) == seen(cyd)
    looks, _, heard = seen(ann)
    assert [(look["state"], "last_seen_ts" in look) for look in looks] == [("offline", False)] * 2
    assert heard == ["profile", "profile"]
    assert [one.username for one in reading.overview(dan).people] == ["ann"]  # not who hides


# --- groups ----------------------------------------------------------------------------------


def test_a_group_becomes_a_private_room(three: list[User], told: Told) -> None:
    ann, ben, cyd = three
    group = rooms.create(ann, kind="group", name="", people=[ben])
    said = send(group, ben)
    with refused("forbidden"):
        rooms.make_room(group.pk, ben, "Garden")
    told.clear()
    seq = rooms.make_room(group.pk, ann, "Garden")
    (event,) = told.log(group.pk)
    assert event | {"ts": 0} == {
        "type": "room",
        "room": group.pk,
        "seq": seq,
        "uid": ann.pk,
        "ts": 0,
        "name": "Garden",
        "kind": "private",
        "slug": "garden",
    }
    group.refresh_from_db()
    assert (group.kind, group.slug, group.name) == (Room.Kind.PRIVATE, "garden", "Garden")
    assert history.page(ben, group.pk).head == seq > (said.seq or 0)
    with refused("forbidden"):  # as in every private room
        rooms.invite(group.pk, ben, [cyd])
    with refused("conflict"):
        rooms.make_room(group.pk, ann, "Again")
