"""Conversations that were only begun, a no and how long it holds, and who owns a group after it."""

from __future__ import annotations

from typing import Any

import pytest

from loopchat.accounts.models import User
from loopchat.chat import appearance, contacting, declined, housekeeping, reading, rooms
from loopchat.chat.crowding import WAITING
from loopchat.chat.models import Declined, Membership, Room
from loopchat.chat.source import DatabaseSource
from loopchat.contacts.models import Block
from loopchat.core.errors import Refused
from loopchat.realtime.models import Present
from tests.chat.replica import plain
from tests.chat.stage import (
    Told,
    actor,
    befriend,
    choosy,
    listed,
    membership,
    refused,
    room_of,
    send,
)

pytestmark = pytest.mark.django_db(transaction=True)

Standing = Membership.Standing
ask = DatabaseSource()


def declines(who: User, room: Room) -> None:
    contacting.answer(actor(who), room.pk, accept=False)


def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time in which a no holds is over."""
    monkeypatch.setattr(declined, "SILENCE_MS", 0)


# --- nothing was said yet ----------------------------------------------------------------------


def test_a_conversation_is_there_for_the_other_with_its_first_message(
    three: list[User], told: Told
) -> None:
    ann, ben, _ = three
    room = rooms.open_direct(ann, "ben")
    assert room.pk in listed(ann)
    assert listed(ben) == {}
    assert ask.rights([ben.pk])[ben.pk].rooms == frozenset()
    assert rooms.find_direct(ben, "ann")[1] is None
    assert appearance.card(ben, "ann").rooms == []
    assert ask.audience([ben.pk]).rooms == {ben.pk: {room.pk}}  # ann may see whether he is here
    told.clear()

    done = send(room, ann, "Hello @ben")

    assert ben.pk in told.people()
    found = listed(ben)[room.pk]
    assert (found["unread"], found["mentions"], "request" in found) == (1, 1, False)
    (added,) = ask.additions(ben.pk, [room.pk])
    assert added.base == (done.seq or 0) - 1  # the message is the next event
    assert [event["kind"] for _, event, _ in told.asides()] == ["mention"]
    send(room, ann, "And more")
    assert listed(ben)[room.pk]["unread"] == 2


def test_who_opens_it_too_sees_it(three: list[User]) -> None:
    ann, ben, _ = three
    room = rooms.open_direct(ann, "ben")
    assert rooms.open_direct(ben, "ann").pk == room.pk
    assert room.pk in listed(ben)
    send(room, ann)
    assert listed(ben)[room.pk]["unread"] == 1


def test_how_it_lands_is_decided_with_the_first_message(three: list[User]) -> None:
    ann, ben, cyd = three
    early = {who: rooms.open_direct(ann, who.username) for who in (ben, cyd)}
    choosy(ben)
    Block.objects.create(owner=cyd, blocked=ann)
    for room in early.values():
        send(room, ann)
    assert listed(ben)[early[ben].pk]["request"] is True
    assert listed(cyd) == {}
    assert membership(early[cyd], cyd).standing == Standing.HIDDEN


def test_nobody_is_buried_in_first_messages(three: list[User]) -> None:
    ann, ben, cyd = three
    room = rooms.open_direct(ann, "ben")
    choosy(ben)
    now = {"created_ts": 1, "updated_ts": 1}
    full = Room.objects.bulk_create(Room(kind="group", **now) for _ in range(WAITING))
    Membership.objects.bulk_create(
        Membership(room=one, user=ben, joined_seq=1, standing=Standing.REQUEST) for one in full
    )
    with refused("forbidden"):
        send(room, ann)
    assert membership(room, ben).standing == Standing.BEGUN
    befriend(ben, cyd)
    send(rooms.open_direct(cyd, "ben"), cyd)


def test_a_block_and_its_end_do_not_show_what_was_only_begun(three: list[User]) -> None:
    ann, ben, _ = three
    rooms.open_direct(ann, "ben")
    for on in (True, False):
        contacting.block(actor(ben), "ann", on=on)
    assert listed(ben) == {}


# --- a no --------------------------------------------------------------------------------------


def test_who_says_no_to_a_group_is_out_of_it(three: list[User], told: Told) -> None:
    ann, ben, cyd = three
    choosy(ben)
    group = rooms.create(ann, kind="group", name="", people=[ben, cyd])
    with refused("conflict"):  # nobody becomes an owner who has not said yes
        rooms.set_role(group.pk, ann, ben, "owner")
    told.clear()
    for _ in range(2):
        declines(ben, group)
    (event,) = told.log(group.pk)
    assert (event["kind"], event["uid"]) == ("leave", ben.pk)
    assert "by" not in event
    assert listed(ben) == {}
    assert [one.uid for one in reading.members(ann, group.pk).members] == [ann.pk, cyd.pk]
    with refused("not_found"):
        rooms.set_role(group.pk, ann, ben, "owner")


def test_a_no_holds_for_that_person_and_that_room(
    three: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, ben, cyd = three
    choosy(ben)
    befriend(ben, cyd)
    group = rooms.create(ann, kind="group", name="", people=[ben, cyd])
    declines(ben, group)
    for by in (ann, cyd):  # not even a friend brings him back there
        with refused("forbidden"):
            rooms.invite(group.pk, by, [ben])
    again = rooms.create(ann, kind="group", name="", people=[ben])
    assert membership(again, ben).standing == Standing.HIDDEN
    send(rooms.open_direct(ann, "ben"), ann, "Please")
    assert listed(ben) == {}
    other = rooms.create(cyd, kind="group", name="", people=[ben])
    assert list(listed(ben)) == [other.pk]

    later(monkeypatch)
    third = rooms.create(ann, kind="group", name="", people=[ben])
    assert listed(ben)[third.pk]["request"] is True
    rooms.invite(group.pk, cyd, [ben])
    assert group.pk in listed(ben)
    assert housekeeping.tidy() is False
    assert not Declined.objects.exists()


def test_a_no_in_a_conversation_of_two_holds_for_groups_too(three: list[User]) -> None:
    ann, ben, cyd = three
    choosy(ben)
    room = rooms.open_direct(ann, "ben")
    send(room, ann)
    declines(ben, room)
    choosy(ben, "everyone")
    group = rooms.create(ann, kind="group", name="", people=[ben, cyd])
    assert listed(ben) == {}
    with pytest.raises(Refused) as no:
        rooms.invite(room_of(ann).pk, ann, [ben])
    assert no.value.template == "{name} cannot be added by you."  # as of somebody choosy
    with refused("conflict"):  # and as of somebody who has not answered
        rooms.set_role(group.pk, ann, ben, "owner")


@pytest.mark.parametrize("how", ["opens", "befriends", "asked"])
def test_who_turns_to_them_takes_the_no_back(three: list[User], how: str) -> None:
    ann, ben, _ = three
    choosy(ben)
    room = rooms.open_direct(ann, "ben")
    send(room, ann)
    declines(ben, room)
    if how == "opens":
        rooms.open_direct(ben, "ann")
    elif how == "befriends":
        contacting.friend(actor(ann), "ben", "request")
        contacting.friend(actor(ben), "ann", "accept")
    else:
        contacting.friend(actor(ben), "ann", "request")
        assert listed(ben) == {}
        contacting.friend(actor(ann), "ben", "accept")
    assert listed(ben)[room.pk]["unread"] == 0
    assert not Declined.objects.exists()
    send(room, ann, "Hello again")
    assert listed(ben)[room.pk]["unread"] == 1


def test_no_difference_shows_whether_somebody_declined_or_blocks(three: list[User]) -> None:
    """To the one who asks, somebody who said no looks like somebody who has not answered."""
    ann, ben, cyd = three
    for who in (ben, cyd):
        choosy(who)
        send(rooms.open_direct(ann, who.username), ann)
    declines(ben, rooms.open_direct(ann, "ben"))

    def seen(who: User) -> list[Any]:
        direct = rooms.open_direct(ann, who.username)
        send(direct, ann)
        group = rooms.create(ann, kind="group", name="", people=[who])
        marks = plain(reading.summary(actor(ann), direct.pk)) | {"room": 0, "last": 0, "peer": 0}
        there = [one.role for one in reading.members(ann, group.pk).members]
        around = [one.state for one in reading.overview(ann).people if one.uid == who.pk]
        return [marks | {"updated_ts": 0, "name": ""}, there, around, head_of(group)]

    assert seen(ben) == seen(cyd)


def head_of(room: Room) -> int:
    return Room.objects.values_list("head", flat=True).get(pk=room.pk)


# --- invitations ---------------------------------------------------------------------------------


def test_who_is_brought_into_a_room_is_told(three: list[User], told: Told) -> None:
    ann, ben, cyd = three
    choosy(cyd)
    told.clear()
    group = rooms.create(ann, kind="group", name="", people=[ben, cyd])
    board = rooms.create(ann, kind="private", name="Board")
    seq = rooms.invite(board.pk, ann, [ben]) and head_of(board)
    rooms.invite(board.pk, ann, [ben])
    notices = [(t, e) for t, e, _ in told.asides() if e["type"] == "notification"]
    assert [topic for topic, _ in notices] == [f"person:{ben.pk}"] * 2  # a request calls nobody
    assert notices[1][1] == {
        "type": "notification",
        "kind": "invitation",
        "sender": "ann",
        "preview": "",
        "sender_uid": ann.pk,
        "room": board.pk,
        "room_type": "private",
        "room_name": "Board",
        "seq": seq,
    }
    assert (notices[0][1]["room"], notices[0][1]["room_name"]) == (group.pk, "")


# --- who owns a group --------------------------------------------------------------------------


def test_a_group_keeps_an_owner(three: list[User], told: Told) -> None:
    ann, ben, cyd = three
    choosy(ben)
    group = rooms.create(ann, kind="group", name="", people=[ben, cyd])
    told.clear()
    rooms.leave(group.pk, ann)
    kinds = [(event["kind"], event["uid"]) for event in told.log(group.pk)]
    assert kinds == [("role", cyd.pk), ("leave", ann.pk)]  # ben has not said yes
    rooms.make_room(group.pk, cyd, "Garden")
    assert Room.objects.get(pk=group.pk).kind == Room.Kind.PRIVATE


def test_nobody_is_here_for_somebody_whose_request_waits(three: list[User]) -> None:
    """What was begun shows presence, what waits or is hidden does not."""
    ann, ben, _ = three
    room = rooms.open_direct(ann, "ben")
    Present.objects.all().delete()
    User.objects.filter(pk=ben.pk).update(last_seen_ts=12345)
    (shown,) = reading.overview(ann).people
    assert shown.last_seen_ts == 12345
    choosy(ben)
    send(room, ann)
    (shown,) = reading.overview(ann).people
    assert shown.last_seen_ts is None
