"""Guests get the page of their room. Every other address is closed to them, new ones too."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from loopchat.accounts.models import User
from loopchat.chat import contacting, rooms
from loopchat.chat.models import Membership, Room
from loopchat.contacts import friends
from loopchat.core.errors import Refused
from loopchat.gateway import commands
from loopchat.invitations import arrivals, links
from loopchat.web import guests
from tests.chat.stage import person

COMMANDS = {
    *("chat_message", "edit", "delete", "react", "typing", "mark_read", "mark_unread"),
    *("delivered", "history", "readers", "leave", "open", "presence", "ping", "pins"),
    *("revisions", "around", "save", "saves", "draft", "notify", "preferences"),
    *("mark_all_read", "command", "commands"),
}
"""What a guest may do by socket: whoever adds a command decides here whether it is for guests."""

ARGUMENTS = {"room_id": "1", "slug": "board", "username": "ann", "secret": "x" * 20, "name": "x"}


def addresses(
    patterns: list[URLPattern | URLResolver], before: str = ""
) -> list[tuple[str, str | None]]:
    """Every address of the site that can be filled in, with its name."""
    found: list[tuple[str, str | None]] = []
    for one in patterns:
        if isinstance(one, URLResolver):
            found += addresses(one.url_patterns, before + str(one.pattern))
        else:
            found.append((before + str(one.pattern), one.name))
    return found


def filled(route: str) -> str | None:
    """An address of a route; None for what is written as a regular expression."""
    if "(" in route or "^" in route or "$" in route:
        return None
    parts = []
    for part in route.split("<"):
        name, bracket, rest = part.partition(">")
        key = name.partition(":")[2] or name
        parts.append(ARGUMENTS.get(key, "1") + rest if bracket else part)
    return "/" + "".join(parts)


@pytest.fixture
def board(ann: User) -> Room:
    """A private room of Ann's."""
    return rooms.create(ann, kind="private", name="Board")


@pytest.fixture
def guest(ann: User, board: Room) -> User:
    """Somebody without an account in it."""
    made, _ = links.make(ann, room_id=board.pk, kind="guest")
    return arrivals.enter_as_guest(made, "Zoe")


@pytest.fixture
def at_guest(guest: User, browser: Client) -> Client:
    """The guest's browser."""
    browser.force_login(guest)
    return browser


def test_the_commands_for_guests_are_these() -> None:
    assert {name for name, one in commands.TABLE.items() if one.for_guests} == COMMANDS


def test_every_name_that_is_open_exists() -> None:
    names = {name for _, name in addresses(get_resolver().url_patterns)}

    assert names >= guests.OPEN


def test_every_other_address_is_closed(at_guest: Client) -> None:
    tried = 0
    for route, name in addresses(get_resolver().url_patterns):
        path = filled(route)
        if path is None or resolve(path).view_name in guests.OPEN:
            continue
        tried += 1
        for accept in ("text/html", "application/json"):
            answer = at_guest.get(path, HTTP_ACCEPT=accept)
            leads_home = answer.status_code == 302 and answer["Location"].startswith("/room/")
            assert answer.status_code == 404 or leads_home, (path, name, answer.status_code)
    assert tried > 40


def test_the_lobby_leads_to_the_room(at_guest: Client, board: Room) -> None:
    assert at_guest.get("/")["Location"] == f"/room/{board.pk}/"


def test_what_is_open_shows_nothing_but_the_room(
    at_guest: Client, owner: User, ann: User, board: Room
) -> None:
    garden = rooms.create(owner, kind="public", name="Garden")
    elsewhere = [
        f"/chat/room/{garden.slug}/",
        f"/room/{garden.pk}/",
        f"/chat/rooms/{garden.pk}/members/",
        "/chat/people/olga/card/",
    ]
    assert [at_guest.get(path).status_code for path in elsewhere] == [404] * len(elsewhere)
    page = at_guest.get(f"/chat/room/{board.slug}/").content.decode()
    assert "Garden" not in page
    assert "olga" not in page
    assert '"is_guest":true' in page
    card = at_guest.get("/chat/people/ann/card/").json()
    assert [room["name"] for room in card["rooms"]] == ["Board"]
    faces = at_guest.get(f"/chat/people/faces/?uids={owner.pk},{ann.pk}").json()["results"]
    assert [face["username"] for face in faces] == ["Ann"]


def test_only_who_shares_a_room_learns_how_a_guest_looks(
    guest: User, ann: User, owner: User, board: Room, browser: Client
) -> None:
    gone = person("gone")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    asked = f"/chat/people/faces/?uids={','.join(str(one.pk) for one in (guest, ann, owner, gone))}"

    def faces(who: User) -> list[str]:
        browser.force_login(who)
        return sorted(one["username"] for one in browser.get(asked).json()["results"])

    everybody = sorted([ann.username, owner.username])
    assert faces(owner) == everybody
    assert faces(ann) == sorted([*everybody, guest.username])
    assert faces(guest) == sorted([ann.username, guest.username])
    rooms.invite(board.pk, ann, [owner])
    assert guest.username in faces(owner)
    assert rooms.kick(board.pk, ann, guest)
    assert guest.username in faces(ann)  # the log has what they wrote
    friends.request(owner, gone)
    friends.accept(gone, owner)
    assert "gone" in faces(owner)
    assert "gone" not in faces(ann)


def test_a_block_tells_nothing_of_a_guest_elsewhere(
    guest: User, ann: User, owner: User, board: Room
) -> None:
    for name in (guest.username, "nobody-at-all"):
        with pytest.raises(Refused, check=lambda no: no.code == "not_found"):
            contacting.block(rooms.actor(owner), name, on=True)
    assert contacting.block(rooms.actor(ann), guest.username, on=True).blocked
    Membership.objects.filter(user=ann).update(left_seq=9)
    assert not contacting.block(rooms.actor(ann), guest.username, on=False).blocked


def test_guests_are_in_no_directory(guest: User, owner: User, browser: Client) -> None:
    browser.force_login(owner)

    found = browser.get("/chat/people/find/?q=zoe").json()["results"]

    assert found == []
    assert "zoe-guest" not in browser.get("/chat/friends/").content.decode()
    assert browser.get("/chat/people/zoe-guest/card/").status_code == 404
