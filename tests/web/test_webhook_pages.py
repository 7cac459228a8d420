"""The pages of webhooks."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from loopchat.accounts.models import User
from loopchat.bots import founding
from loopchat.bots.models import Bot
from loopchat.chat import rooms
from loopchat.chat.models import Room
from loopchat.core.outgoing import Way
from loopchat.hooks.models import Delivery, Hook
from tests.accounts.conftest import owner, quick_hashing
from tests.hooks.conftest import deliver_due

__all__ = ["owner", "quick_hashing"]


@pytest.fixture
def bot(owner: User) -> Bot:
    """A bot of the one who runs the server."""
    return founding.create(owner, name="Deploys")


@pytest.fixture
def board(owner: User, bot: Bot) -> Room:
    """A room with the bot."""
    return rooms.create(owner, kind="private", name="Board", people=[bot.user])


@pytest.fixture
def olga(owner: User) -> Client:
    """The browser of the one who runs the server."""
    client = Client(HTTP_HOST="localhost:8000")
    client.force_login(owner)
    return client


def test_from_the_first_to_the_last(olga: Client, bot: Bot, board: Room) -> None:
    path = f"/chat/bots/{bot.pk}/webhooks/"
    assert "Everything in Board" in olga.get(path).content.decode()
    wanted = {
        "url": "https://bot.example/in",
        "on_direct": "on",
        "rooms": [str(board.pk)],
        "commands": "deploy | <where> | Brings it out\n\nstatus2 || How it is",
    }
    shown = olga.post(f"{path}create/", wanted, follow=True).content.decode()
    assert re.search(r'value="whsec_[^"]+"', shown)
    hook = Hook.objects.get()
    assert (hook.on_mention, hook.on_direct, hook.rooms) == (False, True, [board.pk])
    one = f"{path}{hook.pk}/"
    again = olga.get(one).content.decode()
    assert "whsec_" not in again
    assert "deploy | &lt;where&gt; | Brings it out" in again

    sent = Delivery.objects.create(
        hook=hook,
        key="0b5f1c1e-2f4e-4c65-8f0a-4e6f0d9c1b7a",
        kind="command",
        trigger="command",
        command="deploy",
        room=board,
        person=bot.user,
        status="failed",
        error="<b>no</b>",
        due_ts=0,
        created_ts=0,
    )
    assert "&lt;b&gt;no" in olga.get(one).content.decode()
    olga.post(f"{one}deliveries/{sent.pk}/again/")
    sent.refresh_from_db()
    assert sent.status == "waiting"

    assert "whsec_" in olga.post(f"{one}secret/", follow=True).content.decode()
    olga.post(f"{one}switch/")
    hook.refresh_from_db()
    assert hook.state == "off"
    assert "switched off" in olga.get(one).content.decode()
    olga.post(f"{one}change/", {"url": "https://bot.example/other"})
    hook.refresh_from_db()
    assert (hook.url, hook.rooms, hook.commands.count()) == ("https://bot.example/other", [], 0)
    olga.post(f"{one}delete/")
    assert not Hook.objects.exists()


def test_what_is_refused_is_said(olga: Client, bot: Bot) -> None:
    path = f"/chat/bots/{bot.pk}/webhooks/"
    origin = {"HTTP_REFERER": f"http://localhost:8000{path}"}
    answer = olga.post(f"{path}create/", {"url": "http://10.0.0.1/"}, follow=True, **origin)
    assert "not on the public internet" in answer.content.decode()
    assert not Hook.objects.exists()


def test_a_test_is_sent_and_its_line_tells_what_became_of_it(
    olga: Client, bot: Bot, board: Room
) -> None:
    path = f"/chat/bots/{bot.pk}/webhooks/"
    olga.post(f"{path}create/", {"url": "http://name-that-leads-inside.example/in"})
    one = f"{path}{Hook.objects.get().pk}/"
    shown = olga.post(f"{one}test/", follow=True)
    assert "A test is sent." in shown.content.decode()
    assert shown.headers["Refresh"] == "1"  # until its end is known
    again = olga.post(f"{one}test/", HTTP_REFERER=f"http://localhost:8000{one}", follow=True)
    assert "The test before is still on its way." in again.content.decode()
    assert deliver_due(Way(resolve=lambda _host, _port: ["10.0.0.1"])) == 1
    shown = olga.get(one)
    assert "Refresh" not in shown.headers
    assert "this address is not on the public internet" in shown.content.decode()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.1/", "not on the public internet"),
        ("http://localhost:9000/", "not on the public internet"),
        ("https://bot.example:22/", "Port 22 is not asked"),
        ("https://me:secret@bot.example/", "no name and no password"),
        ("ftp://bot.example/", "begins with https:// or http://"),
    ],
)
def test_an_address_that_cannot_work_is_refused_at_its_field(
    olga: Client, bot: Bot, url: str, said: str
) -> None:
    answer = olga.post(f"/chat/bots/{bot.pk}/webhooks/create/", {"url": url})
    assert answer.status_code in (400, 403)
    found = re.search(r'id="id_url_error" role="alert">([^<]*)<', answer.content.decode())
    assert found is not None
    assert said in found[1]
    assert not Hook.objects.exists()


def test_refused_it_keeps_what_was_typed(olga: Client, bot: Bot, board: Room) -> None:
    path = f"/chat/bots/{bot.pk}/webhooks/"
    typed = {"url": "http://10.0.0.7/in", "rooms": [str(board.pk)], "commands": "deploy"}
    answer = olga.post(f"{path}create/", typed)
    page = answer.content.decode()
    assert (answer.status_code, Hook.objects.count()) == (403, 0)
    assert 'value="http://10.0.0.7/in"' in page
    assert 'id="id_url_error" role="alert"' in page
    assert "LOOPCHAT_WEBHOOK_ALLOW" in page
    assert f'value="{board.pk}" checked' in page
    assert ">deploy</textarea>" in page
    assert 'name="on_mention" value="on" checked' not in page

    olga.post(f"{path}create/", {**typed, "url": "https://bot.example/in"})
    one = f"{path}{Hook.objects.get().pk}/"
    changed = {**typed, "url": "https://bot.example/2", "commands": "de ploy"}
    page = olga.post(f"{one}change/", changed).content.decode()
    assert 'value="https://bot.example/2"' in page
    assert 'id="id_commands_error" role="alert"' in page
    assert Hook.objects.get().url == "https://bot.example/in"
