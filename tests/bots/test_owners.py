"""Bots are no way around what holds for their owners: removals, bans, blocks, and a no."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from loopchat.accounts.models import User
from loopchat.bots import founding
from loopchat.chat import contacting, rooms
from loopchat.chat.models import Membership, Room, RoomEvent
from loopchat.contacts import friends, privacy
from loopchat.contacts.models import FriendRequest
from loopchat.core.errors import Refused
from tests.chat.stage import send


@pytest.fixture
def spy(ann: User, settings: Settings) -> User:
    """A bot of Ann's, who does not run the server."""
    settings.BOT_MAKERS = "everybody"
    return founding.create(ann, name="Spy").user


def is_in(room: Room, who: User) -> bool:
    return Membership.objects.filter(room=room, user=who, left_seq=None).exists()


def last_events(room: Room) -> list[tuple[str, int | None, str]]:
    rows = RoomEvent.objects.filter(room=room).order_by("-seq")[:2]
    return [(row.detail, row.subject_id, row.kind) for row in reversed(rows)]


@pytest.mark.parametrize("way", ["kick", "ban", "leave"])
def test_who_goes_takes_their_bots_along(
    way: str, owner: User, ann: User, spy: User, board: Room
) -> None:
    rooms.invite(board.pk, owner, [spy])
    other = founding.create(owner, name="Builds").user
    rooms.invite(board.pk, owner, [other])

    if way == "leave":
        rooms.leave(board.pk, ann)
    else:
        getattr(rooms, way)(board.pk, owner, ann)

    of_bot = "leave" if way == "leave" else "kick"
    kind = RoomEvent.Kind.MEMBERSHIP
    assert last_events(board) == [(of_bot, spy.pk, kind), (way, ann.pk, kind)]
    assert [is_in(board, one) for one in (owner, ann, spy, other)] == [True, False, False, True]
    board.refresh_from_db()
    assert board.member_count == Membership.objects.filter(room=board, left_seq=None).count()


def test_no_bot_of_the_banned_comes_in(owner: User, ann: User, spy: User) -> None:
    room = rooms.create(owner, kind="public", name="Hall", people=[ann])
    rooms.ban(room.pk, owner, ann)

    with pytest.raises(Refused, match="banned"):
        rooms.join(room.pk, spy)
    with pytest.raises(Refused, match="banned"):
        rooms.invite(room.pk, owner, [spy])

    rooms.unban(room.pk, owner, ann)
    rooms.join(room.pk, spy)
    assert is_in(room, spy)


def test_a_moderator_removes_nobody_whose_bot_is_not_below_them(
    owner: User, ann: User, spy: User, board: Room
) -> None:
    rooms.invite(board.pk, owner, [spy])
    rooms.set_role(board.pk, owner, spy, "owner")
    with pytest.raises(Refused, match="higher role"):
        rooms.kick(board.pk, owner, ann)
    assert is_in(board, ann)


def standing(room: Room, who: User) -> str:
    return Membership.objects.get(room=room, user=who).standing


def test_a_block_covers_the_bots_of_who_is_blocked(owner: User, ann: User, spy: User) -> None:
    chatted = rooms.open_direct(owner, spy.username)
    send(chatted, owner)
    contacting.block(rooms.actor(owner), ann.username, on=True)
    assert standing(chatted, owner) == "hidden"
    contacting.block(rooms.actor(owner), ann.username, on=False)
    assert standing(chatted, owner) == "open"
    contacting.block(rooms.actor(owner), ann.username, on=True)

    fresh = founding.create(ann, name="Fresh").user
    direct = rooms.open_direct(fresh, owner.username)
    send(direct, fresh)
    group = rooms.create(spy, kind="group", name="", people=[owner])

    assert [standing(one, owner) for one in (direct, group)] == ["hidden", "hidden"]
    mine = rooms.create(spy, kind="private", name="Den")
    with pytest.raises(Refused, match="cannot be added"):
        rooms.invite(mine.pk, spy, [owner])


def test_a_no_to_one_bot_holds_for_the_next(owner: User, ann: User, spy: User) -> None:
    privacy.change(owner.pk, write="friends")
    first = rooms.open_direct(spy, owner.username)
    send(first, spy)
    contacting.answer(rooms.actor(owner), first.pk, accept=False)
    fresh = founding.create(ann, name="Fresh").user

    again = rooms.open_direct(fresh, owner.username)
    send(again, fresh)
    by_herself = rooms.open_direct(ann, owner.username)
    send(by_herself, ann)

    assert standing(again, owner) == "hidden"
    assert standing(by_herself, owner) == "request"  # a no to a program is none to the person


def test_a_request_turned_down_silences_the_next_bot(owner: User, ann: User, spy: User) -> None:
    friends.request(spy, owner)
    friends.reject(owner, spy)
    fresh = founding.create(ann, name="Fresh").user

    friends.request(fresh, owner)
    friends.request(ann, owner)

    heard = FriendRequest.objects.filter(receiver=owner, rejected_at=None)
    assert [row.sender for row in heard] == [ann]
