"""Webhooks and slash commands by REST."""

from __future__ import annotations

import pytest

from loopchat.accounts.models import User
from loopchat.bots import founding, incoming
from loopchat.bots.models import Bot
from loopchat.chat import rooms
from loopchat.chat.models import Room
from loopchat.invitations import arrivals, links
from tests.api.conftest import Program, program


@pytest.fixture
def olga(owner: User) -> Program:
    """The one who runs the server."""
    return program(owner)


@pytest.fixture
def bot(owner: User) -> Bot:
    """A bot of theirs."""
    return founding.create(owner, name="Deploys")


@pytest.fixture
def board(owner: User, ann: Program, bot: Bot) -> Room:
    """A room with the bot."""
    return rooms.create(owner, kind="private", name="Board", people=[ann.user, bot.user])


def test_from_the_first_to_the_last(olga: Program, ann: Program, bot: Bot, board: Room) -> None:
    path = f"bots/{bot.pk}/webhooks/"
    wanted = {
        "url": "https://bot.example/in",
        "rooms": [board.pk],
        "commands": [{"name": "/Deploy", "hint": "<where>"}],
    }
    made = olga.do("POST", path, wanted)
    assert olga.last.status_code == 201
    one = f"{path}{made['id']}/"
    assert olga.last.headers["Location"].endswith(one)
    assert made["secret"].startswith("whsec_")
    assert "secret" not in olga.get(one)
    assert olga.get(path)["results"] == [olga.get(one)]
    assert made["commands"] == [{"name": "deploy", "hint": "<where>"}]

    offered = ann.get(f"rooms/{board.pk}/commands/")["results"]
    assert [(one["name"], one["username"]) for one in offered] == [("deploy", "deploys")]
    assert ann.do("POST", f"rooms/{board.pk}/commands/", {"text": "/deploy now"}) is None
    (line,) = olga.get(f"{one}deliveries/")["results"]
    assert (line["command"], line["status"], line["attempts"]) == ("deploy", "waiting", 0)
    assert olga.do("POST", f"{one}deliveries/{line['id']}/again/")["status"] == "waiting"
    assert olga.refused("POST", f"{one}deliveries/{line['id'] + 1}/again/") == "404 not_found"

    assert olga.do("POST", f"{one}secret/")["secret"] != made["secret"]
    off = olga.do("PATCH", one, {"active": False, "on_mention": False})
    assert (off["state"], off["on_mention"], off["url"]) == ("off", False, wanted["url"])
    assert (
        ann.refused("POST", f"rooms/{board.pk}/commands/", {"text": "/deploy"}) == "400 bad_request"
    )
    olga.do("DELETE", one)
    assert olga.get(path)["results"] == []


def test_the_log_comes_a_page_at_a_time(olga: Program, ann: Program, bot: Bot, board: Room) -> None:
    path = f"bots/{bot.pk}/webhooks/"
    made = olga.do("POST", path, {"url": "https://bot.example/", "commands": [{"name": "x"}]})
    for number in range(3):
        ann.do("POST", f"rooms/{board.pk}/commands/", {"text": f"/x {number}"})
    first = olga.get(f"{path}{made['id']}/deliveries/?limit=2")
    rest = olga.get(first["next"].partition("localhost:8000")[2])
    ids = [one["id"] for one in first["results"] + rest["results"]]
    assert ids == sorted(ids, reverse=True)
    assert (len(ids), rest["next"]) == (3, None)
    assert olga.get(f"{path}{made['id']}/deliveries/?limit=3")["next"] is None


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1/", "403 forbidden"),
        ("http://[::ffff:127.0.0.1]/", "403 forbidden"),
        ("http://169.254.169.254/latest", "403 forbidden"),
        ("ftp://bot.example/", "400 bad_request"),
        ("https://me:word@bot.example/", "400 bad_request"),
        ("https://bot.example/\r\nX: y", "400 bad_request"),
    ],
)
def test_addresses_that_are_refused_at_once(olga: Program, bot: Bot, url: str, code: str) -> None:
    assert olga.refused("POST", f"bots/{bot.pk}/webhooks/", {"url": url}) == code


def test_it_hears_only_rooms_that_its_bot_is_in(olga: Program, owner: User, bot: Bot) -> None:
    elsewhere = rooms.create(owner, kind="private", name="Elsewhere")
    wanted = {"url": "https://bot.example/", "rooms": [elsewhere.pk]}
    assert olga.refused("POST", f"bots/{bot.pk}/webhooks/", wanted) == "404 not_found"


def test_a_bot_has_so_many(olga: Program, bot: Bot) -> None:
    path = f"bots/{bot.pk}/webhooks/"
    for _ in range(10):
        olga.do("POST", path, {"url": "https://bot.example/"})
    assert olga.refused("POST", path, {"url": "https://bot.example/"}) == "413 too_large"


def test_guests_give_commands_in_their_room_too(
    owner: User, bot: Bot, board: Room, olga: Program
) -> None:
    link, _ = links.make(owner, room_id=board.pk, kind="guest")
    guest = program(arrivals.enter_as_guest(link, "Gus"))
    wanted = {"url": "https://bot.example/", "commands": [{"name": "x"}]}
    olga.do("POST", f"bots/{bot.pk}/webhooks/", wanted)
    guest.do("POST", f"rooms/{board.pk}/commands/", {"text": "/x"})


def test_bots_and_their_addresses_come_a_page_at_a_time(
    olga: Program, owner: User, bot: Bot, board: Room
) -> None:
    for name in ("Ant", "Bee"):
        founding.create(owner, name=name)
    hooks = [incoming.make(owner, board.pk, bot_id=bot.pk)[0].pk for _ in range(3)]
    for path, field, there in (
        ("bots", "username", ["ant", "bee", "deploys"]),
        (f"bots/{bot.pk}/incoming-hooks", "id", hooks[::-1]),
    ):
        first = olga.get(f"{path}?limit=2")
        second = olga.get(first["next"].partition("/api/v1/")[2])
        found = [[one[field] for one in page["results"]] for page in (first, second)]
        assert found == [there[:2], there[2:]]
        assert second["next"] is None
