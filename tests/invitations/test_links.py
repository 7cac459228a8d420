"""Links: who may make one, what ends one, and that nothing else opens a room."""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from loopchat.accounts import people
from loopchat.accounts.models import User
from loopchat.chat import rooms
from loopchat.chat.models import Room
from loopchat.core.errors import Refused
from loopchat.invitations import arrivals, links
from loopchat.invitations.models import Invitation

STANDINGS = ("stranger", "former", "banned", "member", "moderator", "owner")
MAY: dict[tuple[str, str], tuple[str, ...]] = {
    ("public", "member"): ("member", "moderator", "owner"),
    ("public", "guest"): ("moderator", "owner"),
    ("private", "member"): ("moderator", "owner"),
    ("private", "guest"): ("moderator", "owner"),
}


def outcome(act: Callable[[], object]) -> str:
    """`ok` or the code of the refusal."""
    try:
        act()
    except Refused as no:
        return no.code
    return "ok"


def company(kind: str) -> tuple[Room, dict[str, User]]:
    """A room, and somebody of every standing."""
    by = {name: people.create(f"{name}-{kind}", None, is_bot=True) for name in STANDINGS}
    inside = [by[name] for name in STANDINGS if name not in ("owner", "stranger")]
    room = rooms.create(by["owner"], kind=kind, name=f"Room {kind}", people=inside)
    rooms.set_role(room.pk, by["owner"], by["moderator"], "moderator")
    rooms.leave(room.pk, by["former"])
    rooms.ban(room.pk, by["owner"], by["banned"])
    return room, by


@pytest.mark.parametrize("kind", ["public", "private"])
def test_who_may_make_links_to_a_room(owner: User, kind: str) -> None:
    room, by = company(kind)

    for use in ("member", "guest"):
        may = {
            name
            for name in STANDINGS
            if outcome(lambda: links.make(by[name], room_id=room.pk, kind=use)) == "ok"  # noqa: B023
        }
        assert may == set(MAY[kind, use])


def test_nobody_learns_of_a_private_room_by_asking_for_a_link(
    ann: User, ben: User, board: Room
) -> None:
    unknown = outcome(lambda: links.make(ben, room_id=10**9))

    assert outcome(lambda: links.make(ben, room_id=board.pk)) == unknown == "not_found"


def test_direct_conversations_have_no_links(ann: User, ben: User) -> None:
    room = rooms.open_direct(ann, "ben")

    assert outcome(lambda: links.make(ann, room_id=room.pk)) == "forbidden"


def test_the_operator_may_keep_links_to_the_owners(
    owner: User, ann: User, board: Room, settings: Settings
) -> None:
    settings.INVITERS = "owners"

    assert outcome(lambda: links.make(ann, room_id=board.pk)) == "forbidden"
    assert outcome(lambda: links.make(owner)) == "ok"
    assert [links.may_invite(one) for one in (ann, owner)] == [False, True]


def test_the_secret_has_128_bits_and_is_not_stored(ann: User) -> None:
    made, secret = links.make(ann, label="x")

    alphabet = set(string.ascii_letters + string.digits + "-_")
    assert set(secret) <= alphabet
    assert len(secret) * 6 >= 128
    row = Invitation.objects.filter(pk=made.pk).values().get()
    assert not any(secret in str(value) for value in row.values())
    assert re.fullmatch("[0-9a-f]{64}", str(row["digest"]))


def test_a_link_for_guests_always_ends(ann: User, board: Room) -> None:
    made, _ = links.make(ann, room_id=board.pk, kind="guest")

    assert made.expires_at is not None
    week = timezone.now() + timedelta(hours=links.GUEST_HOURS)
    assert abs(made.expires_at - week) < timedelta(minutes=1)
    longer = links.GUEST_HOURS_MAX + 1
    with pytest.raises(Refused, match="whole number"):
        links.make(ann, room_id=board.pk, kind="guest", hours=longer)


@pytest.mark.parametrize(
    "fields", [{"hours": 0}, {"max_uses": 0}, {"max_uses": 10**9}, {"kind": "owner"}]
)
def test_numbers_and_kinds_have_bounds(ann: User, board: Room, fields: dict[str, object]) -> None:
    assert outcome(lambda: links.make(ann, room_id=board.pk, **fields)) == "bad_request"  # type: ignore[arg-type]


def test_a_guest_needs_a_room(ann: User) -> None:
    assert outcome(lambda: links.make(ann, kind="guest")) == "bad_request"


ENDINGS: dict[str, Callable[[User, User, Room, Invitation], object]] = {
    "revoked": lambda ann, owner, room, made: arrivals.revoke(made.pk, ann),
    "expired": lambda ann, owner, room, made: Invitation.objects.filter(pk=made.pk).update(
        expires_at=timezone.now()
    ),
    "used up": lambda ann, owner, room, made: Invitation.objects.filter(pk=made.pk).update(uses=2),
    "the room is deleted": lambda ann, owner, room, made: rooms.delete(room.pk, ann),
    "the room is archived": lambda ann, owner, room, made: rooms.archive(room.pk, ann, True),
    "its maker is disabled": lambda ann, owner, room, made: people.disable(ann),
    "its maker was demoted": lambda ann, owner, room, made: (
        rooms.invite(room.pk, ann, [owner]),
        rooms.set_role(room.pk, ann, owner, "owner"),
        rooms.set_role(room.pk, owner, ann, "member"),
    ),
    "its maker was removed": lambda ann, owner, room, made: (
        rooms.invite(room.pk, ann, [owner]),
        rooms.set_role(room.pk, ann, owner, "owner"),
        rooms.leave(room.pk, ann),
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("kind", ["member", "guest"])
def test_what_ends_a_link(
    ann: User, owner: User, ben: User, board: Room, ending: str, kind: str
) -> None:
    made, secret = links.make(ann, room_id=board.pk, kind=kind, max_uses=2)
    assert links.find(secret).pk == made.pk

    ENDINGS[ending](ann, owner, board, made)

    nonsense = outcome(lambda: links.find("A" * len(secret)))
    assert outcome(lambda: links.find(secret)) == nonsense == "not_found"
    assert outcome(lambda: arrivals.use(made, ben)) == "not_found"
    assert not board.memberships.filter(user=ben).exists()


def test_those_see_and_end_a_link_who_made_it_or_moderate_its_room(
    owner: User, ann: User, ben: User, board: Room
) -> None:
    cyd = people.create("cyd", None, is_bot=True)
    rooms.invite(board.pk, ann, [ben, cyd])
    rooms.set_role(board.pk, ann, ben, "moderator")
    made, _ = links.make(ben, room_id=board.pk)

    assert [one.pk for one in links.of(ann)] == [made.pk]
    assert links.of(cyd) == links.of(owner) == []
    assert outcome(lambda: arrivals.revoke(made.pk, cyd)) == "not_found"
    assert arrivals.revoke(made.pk, ann).revoked_at is not None


def test_old_links_that_work_are_listed_and_ended_however_many_came_later(
    ann: User, board: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "LISTED", 2)
    old, secret = links.make(ann, room_id=board.pk)
    later = [links.make(ann, room_id=board.pk)[0] for _ in range(3)]
    Invitation.objects.filter(pk=later[0].pk).update(expires_at=timezone.now())
    Invitation.objects.filter(pk=later[1].pk).update(max_uses=1, uses=1)
    links.end([later[2]])

    pages = [[one.pk for one in links.of(ann, number=n)] for n in range(3)]

    assert pages == [[old.pk, later[2].pk], [later[1].pk, later[0].pk], []]
    monkeypatch.setattr(links, "LISTED", 0)
    arrivals.revoke(old.pk, ann)
    assert outcome(lambda: links.find(secret)) == "not_found"
