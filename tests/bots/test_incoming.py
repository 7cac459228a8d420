"""Incoming webhooks: who makes them, what they answer, and what ends them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from loopchat.accounts import people, rates
from loopchat.accounts.models import User
from loopchat.bots import ending, finding, founding, incoming
from loopchat.bots.models import Bot, IncomingHook
from loopchat.chat import history, messages, rooms
from loopchat.chat.models import Message, Room
from loopchat.core.errors import Refused
from loopchat.core.limits import Buckets, Rate
from loopchat.log_lines import scrubbed
from loopchat.realtime import events
from tests.bots.conftest import PASSWORD

Post = Callable[..., tuple[int, str]]


@pytest.fixture
def secret(owner: User, board: Room) -> str:
    """Of a webhook for the board, with a bot of its own."""
    return incoming.make(owner, board.pk, name="Deploys")[1]


@pytest.fixture
def post(secret: str) -> Post:
    """Post there, or elsewhere, as a program does that knows nothing but the address."""

    def ask(body: object = b"", kind: str = "application/json", **more: Any) -> tuple[int, str]:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        client = Client(enforce_csrf_checks=True, HTTP_HOST="localhost:8000")
        address = reverse("incoming_hook", args=[more.pop("to", secret)])
        answer = client.generic("POST", address, data, kind, headers=more)
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert "Set-Cookie" not in answer.headers
        return answer.status_code, answer.content.decode()

    return ask


def said(room: Room, reader: User) -> list[events.ChatMessage]:
    """The messages of a room."""
    page = history.page(reader, room.pk)
    return [item for item in page.items if isinstance(item, events.ChatMessage)]


@pytest.mark.parametrize("name", ["Ann", "\u0430nn"])
def test_it_does_not_pass_for_somebody_else(
    name: str, post: Post, owner: User, ann: User, board: Room
) -> None:
    post({"text": "hello", "username": name, "icon_emoji": ":rocket:"})
    (message,) = said(board, owner)
    assert message.guise == events.Guise(None, "🚀")


def test_it_posts_as_its_bot(post: Post, owner: User, board: Room) -> None:
    assert post({"text": "*Version 3* is out", "username": "CI", "icon_emoji": ":rocket:"}) == (
        *(200, "ok"),
    )
    (message,) = said(board, owner)
    assert (message.username, message.message) == ("deploys", "**Version 3** is out")
    assert message.guise == events.Guise("CI", "🚀")
    assert message.rich is not None
    row = User.objects.get(pk=message.uid)
    assert (row.is_bot, row.name) == (True, "Deploys")


FORM = "application/x-www-form-urlencoded"
BODIES: list[tuple[bytes, str, str]] = [
    (b'payload={"text":"a%20%26amp;%20b"}', FORM, "a & b"),
    (b"text=plain+form", FORM, "plain form"),
    (b"message=**ours**", FORM, "**ours**"),
    (b'{"text": "what curl -d sends"}', FORM, "what curl -d sends"),
    (b"deploy finished: a=1", FORM, "deploy finished: a=1"),
    ("Grüße\n<b>".encode(), "text/plain", "Grüße\n<b>"),
    (b'{"text": "as it is"}', "text/plain; charset=utf-8", '{"text": "as it is"}'),
    (b"no type at all", "", "no type at all"),
]


@pytest.mark.parametrize(("body", "kind", "text"), BODIES)
def test_it_takes_what_programs_send(
    post: Post, owner: User, board: Room, body: bytes, kind: str, text: str
) -> None:
    assert post(body, kind) == (200, "ok")
    assert [message.message for message in said(board, owner)] == [text]


def test_it_takes_a_form_with_parts(secret: str, owner: User, board: Room) -> None:
    client = Client(enforce_csrf_checks=True, HTTP_HOST="localhost:8000")
    answer = client.post(f"/hooks/{secret}", {"payload": '{"text": "in parts"}'})
    assert answer.content == b"ok"
    assert [message.message for message in said(board, owner)] == ["in parts"]


REFUSED: list[tuple[object, str, str]] = [
    (b" ", "application/json", "400 invalid_payload"),
    (b"[1]", "application/json", "400 invalid_payload"),
    (b'{"text": ', "application/json", "400 invalid_payload"),
    (b"payload=nonsense", FORM, "400 invalid_payload"),
    (b"\xff\xfe", "text/plain", "400 invalid_payload"),
    (b"a\0b", "text/plain", "400 invalid_payload"),
    ({"text": ""}, "application/json", "400 no_text"),
    ({"text": "\u200b"}, "application/json", "400 no_text"),
    ({"attachments": []}, "application/json", "400 no_text"),
    (b"", "text/plain", "400 no_text"),
    ({"attachments": [{"text": "x"}] * 101}, "application/json", "400 invalid_payload"),
    (b"x" * (256 * 1024 + 1), "text/plain", "413 invalid_payload"),
]


@pytest.mark.parametrize(("body", "kind", "answer"), REFUSED)
def test_it_says_in_a_word_why_not(
    post: Post, owner: User, board: Room, body: object, kind: str, answer: str
) -> None:
    status, word = post(body, kind)
    assert f"{status} {word}" == answer
    assert said(board, owner) == []


def test_other_methods_are_not_for_it(secret: str) -> None:
    client = Client(HTTP_HOST="localhost:8000")
    for method in ("GET", "PUT", "DELETE"):
        assert client.generic(method, f"/hooks/{secret}").status_code == 405


def test_what_has_ended_says_so(post: Post, owner: User, board: Room, secret: str) -> None:
    hook = incoming.find(secret)
    assert hook is not None
    text = {"text": "still here?"}

    rooms.archive(board.pk, owner, True)
    assert post(text) == (410, "channel_is_archived")
    rooms.archive(board.pk, owner, False)
    rooms.kick(board.pk, owner, hook.bot.user)
    assert post(text) == (403, "action_prohibited")
    rooms.invite(board.pk, owner, [hook.bot.user])
    ending.switch(hook.bot, on=False)
    assert post(text) == (404, "no_service")
    ending.switch(finding.managed(hook.bot_id, owner), on=True)
    assert post(text) == (200, "ok")
    _, renewed = incoming.renew(hook.pk, owner)
    assert post(text) == (404, "no_service")
    assert post(text, to=renewed) == (200, "ok")
    incoming.revoke(hook.pk, owner)
    assert post(text, to=renewed) == (404, "no_service")
    assert post(text, to="x" * 26) == post(text, to="x") == (404, "no_service")


def test_a_deleted_room_is_gone(post: Post, owner: User, board: Room) -> None:
    rooms.delete(board.pk, owner)
    assert post({"text": "x"}) == (404, "channel_not_found")


def test_it_is_slowed_down(
    post: Post, owner: User, board: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "sends", Buckets(Rate(0.01, 2)))
    assert [post({"text": "x"})[0] for _ in range(3)] == [200, 200, 429]
    assert post({"text": "x"}) == (429, "rate_limited")
    assert len(said(board, owner)) == 2


def test_it_is_slowed_down_with_its_room(
    post: Post, owner: User, board: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "in_rooms", Buckets(Rate(0.01, 2)))
    assert [post({"text": "x"})[0] for _ in range(3)] == [200, 200, 429]
    assert len(said(board, owner)) == 2


def test_the_wait_is_told(secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "sends", Buckets(Rate(0.01, 1)))
    client = Client(HTTP_HOST="localhost:8000")
    client.post(f"/hooks/{secret}", "x", "text/plain")
    answer = client.post(f"/hooks/{secret}", "x", "text/plain")
    assert 90 <= int(answer.headers["Retry-After"]) <= 101


def test_the_same_key_says_it_once(post: Post, owner: User, board: Room) -> None:
    key = {"Idempotency-Key": "build-17"}
    assert [post({"text": "once"}, **key) for _ in range(2)] == [(200, "ok")] * 2
    assert post({"text": "another"}, **key) == (409, "idempotency_conflict")
    assert post({"text": "another"}) == (200, "ok")
    assert [one.message for one in said(board, owner)] == ["once", "another"]
    assert post({"text": "x"}, **{"Idempotency-Key": "x" * 129})[0] == 400


def test_no_session_and_no_token_counts(secret: str, ann: User, board: Room) -> None:
    """A page of somebody else's that posts here does it as the bot, whoever looks at it."""
    browser = Client(enforce_csrf_checks=True, HTTP_HOST="localhost:8000")
    browser.force_login(ann)
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Origin": "https://evil.example"}):
        answer = browser.post(f"/hooks/{secret}", "x", "text/plain", headers=headers)
        assert (answer.status_code, answer.content) == (200, b"ok")
    assert set(Message.objects.values_list("author__username", flat=True)) == {"deploys"}
    assert browser.get("/chat/settings/").status_code == 200


def test_the_secret_is_stored_and_logged_nowhere(secret: str) -> None:
    assert len(secret) == 26
    assert not IncomingHook.objects.filter(digest__contains=secret).exists()
    assert scrubbed(f"GET /hooks/{secret} 404") == "GET /hooks/… 404"


def test_who_may_make_one(
    owner: User, ann: User, board: Room, bot: Bot, settings: Settings
) -> None:
    def outcome(by: User, **options: Any) -> str:
        try:
            made, _ = incoming.make(by, board.pk, **options)
        except Refused as no:
            return no.code
        return made.bot.user.username

    stranger = people.create("cyd", PASSWORD)
    assert outcome(owner, bot_id=bot.pk) == "deploys"
    assert outcome(stranger, name="x") == "not_found"
    assert outcome(ann, name="x") == "forbidden"
    rooms.set_role(board.pk, owner, ann, "moderator")
    assert outcome(ann, name="x") == "forbidden"
    settings.BOT_MAKERS = "everybody"
    assert outcome(ann, name="Of Ann") == "of-ann"
    assert outcome(ann, bot_id=bot.pk) == "not_found"
    assert outcome(owner, name=" ") == "bad_request"
    direct = rooms.open_direct(owner, "ann")
    with pytest.raises(Refused):
        incoming.make(owner, direct.pk, name="x")


def test_a_room_that_takes_nobody_gets_no_bot(owner: User, board: Room) -> None:
    rooms.archive(board.pk, owner, True)
    with pytest.raises(Refused, match="archived"):
        incoming.make(owner, board.pk, name="Deploys")
    assert not finding.of(owner).exists()
    assert people.find("deploys") is None


def test_a_bot_that_may_be_in_the_room_is_ended_and_not_erased(
    owner: User, board: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    into_the_room = rooms.invite

    def late(*args: Any) -> None:
        into_the_room(*args)
        raise Refused("timeout", "It may still be stored.", definite=False)

    monkeypatch.setattr(rooms, "invite", late)
    with pytest.raises(Refused, match="may still be stored"):
        incoming.make(owner, board.pk, name="Deploys")
    assert not finding.of(owner).exists()
    row = Bot.objects.select_related("user").get()
    assert (row.deleted_at is None, row.user.is_active) == (False, False)
    assert not board.memberships.filter(user=row.user, left_seq=None).exists()


def test_who_may_see_and_end_it(owner: User, ann: User, board: Room, settings: Settings) -> None:
    settings.BOT_MAKERS = "everybody"
    rooms.set_role(board.pk, owner, ann, "moderator")
    bot = founding.create(owner, name="Deploys")
    hook, _ = incoming.make(owner, board.pk, bot_id=bot.pk, label="builds")
    stranger = people.create("cyd", PASSWORD)

    assert [one.label for one in incoming.of_room(board.pk, ann)] == ["builds"]
    for act in (
        lambda: incoming.of_room(board.pk, stranger),
        lambda: incoming.renew(hook.pk, ann),  # she would get an address that speaks as his bot
        lambda: incoming.revoke(hook.pk, stranger),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "not_found"
    incoming.revoke(hook.pk, ann)
    assert incoming.of_bot(bot, before=None, limit=10) == []


def test_a_room_has_a_bounded_number(
    owner: User, board: Room, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming, "HOOKS_MAX", 1)
    incoming.make(owner, board.pk, bot_id=bot.pk)
    with pytest.raises(Refused, match="At most 1"):
        incoming.make(owner, board.pk, bot_id=bot.pk)


def test_a_deleted_message_takes_its_guise_along(post: Post, owner: User, board: Room) -> None:
    post({"text": "x", "username": "What somebody called it"})
    (message,) = said(board, owner)
    messages.delete(board.pk, rooms.actor(owner), message_id=message.id)
    assert Message.objects.get(pk=message.id).guise is None
