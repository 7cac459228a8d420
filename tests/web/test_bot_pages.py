"""Pages about bots: made, shown once, changed, ended; and webhooks for our own client."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client

from loopchat.accounts import people, tokens
from loopchat.accounts.models import User
from loopchat.bots import founding, incoming
from loopchat.bots.models import Bot
from loopchat.chat import rooms
from loopchat.chat.models import Room
from loopchat.web import bot_views
from tests.accounts.conftest import fresh_throttle, owner, quick_hashing

__all__ = ["fresh_throttle", "owner", "quick_hashing"]


@pytest.fixture
def browser(owner: User) -> Client:
    """That of the owner."""
    client = Client(HTTP_HOST="localhost:8000")
    client.force_login(owner)
    return client


@pytest.fixture
def room(owner: User) -> Room:
    return rooms.create(owner, kind="private", name="Board")


def shown_once(browser: Client) -> str:
    """The secret on the page that a form has led to; a reload has it no more."""
    page = browser.get("/chat/bots/made/").content.decode()
    assert browser.get("/chat/bots/made/").status_code == 302
    found = re.search(r'id="id_secret" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_a_bot_is_made_gets_a_token_and_ends(browser: Client, room: Room) -> None:
    made = browser.post("/chat/bots/create/", {"name": "Weather", "about": "Rain or not."})
    page = made.headers["Location"]
    assert "Rain or not." in browser.get(page).content.decode()
    bot = Bot.objects.get()

    browser.post(f"{page}token/", {"scope": "read", "rooms": room.pk, "days": "30"})
    token = tokens.find(shown_once(browser))
    assert token is not None
    assert (token.user, token.may_write, token.rooms) == (bot.user, False, [room.pk])
    assert token.expires_at is not None
    assert "for 1 room" in browser.get(page).content.decode()
    browser.post(f"{page}token/end/")
    assert not tokens.valid().exists()

    browser.post(f"{page}change/", {"name": "Rain", "about": ""})
    browser.post(f"{page}switch/")
    text = browser.get(page).content.decode()
    assert "Rain" in text
    assert "switched off" in text
    browser.post(f"{page}switch/", {"on": "1"})
    assert Bot.objects.get().user.is_active
    browser.post(f"{page}delete/")
    assert browser.get(page).status_code == 404
    assert "Rain" not in browser.get("/chat/bots/").content.decode()


def refused(browser: Client, address: str, typed: dict[str, object]) -> str:
    """The page that a form has come back with."""
    answer = browser.post(address, typed)
    assert answer.status_code in (400, 409, 413), answer.headers
    return answer.content.decode()


def test_a_new_bot_that_is_refused_keeps_what_was_typed(browser: Client, owner: User) -> None:
    typed = {"name": "Weather", "username": owner.username, "about": "Rain & snow"}
    page = refused(browser, "/chat/bots/create/", typed)
    assert 'id="id_username_error" role="alert">This name is taken.</p>' in page
    assert f'value="{owner.username}"' in page
    assert 'value="Weather"' in page
    assert ">Rain &amp; snow</textarea>" in page
    page = refused(browser, "/chat/bots/create/", {"name": " "})
    assert 'id="id_name_error" role="alert">A name has at least one visible character.' in page
    assert not Bot.objects.exists()


def test_forms_of_a_bot_keep_what_was_typed(browser: Client, owner: User, room: Room) -> None:
    bot = founding.create(owner, name="Weather", about="As it was")
    rooms.invite(room.pk, owner, [bot.user])
    page = f"/chat/bots/{bot.pk}/"
    shown = refused(browser, f"{page}change/", {"name": "Rain", "about": "x" * 2000})
    assert 'id="id_about_error" role="alert">At most' in shown
    assert 'value="Rain"' in shown
    token = {"scope": "read", "rooms": [room.pk], "days": "999999999999"}
    shown = refused(browser, f"{page}token/", token)
    assert 'id="id_days_error" role="alert">' in shown
    assert 'value="read" checked' in shown
    assert f'name="rooms" value="{room.pk}" checked' in shown
    assert "As it was" in shown  # another form of the page has what is stored
    shown = refused(browser, f"{page}token/", {"scope": "write", "rooms": ["x"], "days": "90"})
    assert 'id="id_rooms_error" role="alert">' in shown
    assert '<option value="90" selected>' in shown
    shown = refused(browser, f"{page}hooks/", {"room": "", "label": "the station"})
    assert 'id="id_room_error" role="alert">Choose a room.</p>' in shown
    assert 'value="the station"' in shown
    assert not tokens.valid().exists()

    there = {"Referer": f"http://localhost:8000{page}"}
    answer = browser.post("/chat/bots/avatar/", {"bot": "x"}, headers=there, follow=True)
    assert "This is a whole number." in answer.content.decode()


def test_rooms_without_a_name_are_called_after_who_is_there(
    browser: Client, owner: User, room: Room
) -> None:
    bot = founding.create(owner, name="Weather")
    ben = people.create("ben", None)
    group = rooms.create(owner, kind="group", name="", people=[ben, bot.user])
    rooms.open_direct(bot.user, owner.username)
    incoming.make(owner, group.pk, bot_id=bot.pk)
    page = browser.get(f"/chat/bots/{bot.pk}/").content.decode()
    assert page.count("ben, Weather") == 5  # the list, a token, a webhook, a new one, where it is
    assert ">Group<" not in page
    shown = browser.get(f"/chat/bots/{bot.pk}/webhooks/").content.decode()
    assert "ben, Weather" in shown


def test_a_webhook_is_made_from_the_page_of_a_bot(browser: Client, room: Room) -> None:
    browser.post("/chat/bots/create/", {"name": "Weather"})
    page = f"/chat/bots/{Bot.objects.get().pk}/"
    browser.post(f"{page}hooks/", {"room": room.pk, "label": "the station"})
    address = shown_once(browser)
    assert re.fullmatch(r"http://[^/]+/hooks/[a-z2-7]{26}", address)
    assert "the station" in browser.get(page).content.decode()
    hook = Bot.objects.get().incoming_hooks.get()
    browser.post(f"/chat/hooks/{hook.pk}/renew/")
    assert shown_once(browser) != address
    browser.post(f"/chat/hooks/{hook.pk}/revoke/")
    assert "the station" not in browser.get(page).content.decode()


def test_our_client_asks_for_data(browser: Client, room: Room) -> None:
    asked = {"Accept": "application/json"}
    address = f"/chat/rooms/{room.pk}/hooks/"
    empty = json.loads(browser.get(address, headers=asked).content)
    assert empty == {"results": [], "bots": [], "may_make": True}
    made = browser.post(f"{address}create/", {"name": "Weather"}, headers=asked)
    hook = json.loads(made.content)["hook"]
    assert hook["bot"]["name"] == "Weather"
    (row,) = json.loads(browser.get(address, headers=asked).content)["results"]
    assert "url" not in row
    ended = browser.post(f"/chat/hooks/{row['id']}/revoke/", headers=asked)
    assert ended.content == b"{}"
    assert json.loads(browser.get(address, headers=asked).content)["results"] == []


def test_long_lists_have_pages(
    browser: Client, owner: User, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot_views, "LISTED", 2)
    bots = [founding.create(owner, name=name) for name in ("Cat", "Ant", "Bee")]
    hooks = [incoming.make(owner, room.pk, bot_id=bots[0].pk, label=f"l-{n}")[0] for n in range(3)]
    one = f"/chat/bots/{bots[0].pk}/"
    for page, first, second, link in (
        ("/chat/bots/", ["@ant", "@bee"], ["@cat"], "?after=bee"),
        (one, ["l-2", "l-1"], ["l-0"], f"?before={hooks[1].pk}"),
    ):
        text = browser.get(page).content.decode()
        assert re.findall(r"@(?:ant|bee|cat)\b|l-\d", text)[-2:] == first
        assert f'href="{link}"' in text
        text = browser.get(page + link).content.decode()
        assert re.findall(r"@(?:ant|bee|cat)\b|l-\d", text)[-1:] == second
        assert "More " not in text
    assert browser.get(f"{one}?before=x").status_code == 404
