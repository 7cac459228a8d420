"""What a hook is told of, and what not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loopchat.accounts.models import User
from loopchat.bots import ending, founding
from loopchat.bots.models import Bot
from loopchat.chat import contacting, messages, rooms
from loopchat.chat.models import Room
from loopchat.hooks import managing, watching
from loopchat.hooks.managing import Wanted
from loopchat.hooks.models import Cursor, Delivery, Hook
from tests.hooks.conftest import Deliver, Say
from tests.hooks.receiver import Receiver


def texts(receiver: Receiver) -> list[str]:
    """What arrived, in the order in which it came."""
    return [asked.json["message"]["message"] for asked in receiver.all()]


def test_a_message_arrives_in_the_shape_of_the_socket(
    hook: Hook, say: Say, deliver: Deliver, receiver: Receiver, ann: User, board: Room, bot: Bot
) -> None:
    done = say("Is *it* out?")
    assert deliver() == 1
    told = receiver.take().json
    assert (told["event"], told["trigger"]) == ("message", "room")
    assert told["message"]["type"] == "chat_message"
    assert (told["message"]["id"], told["message"]["seq"]) == (done.id, done.seq)
    assert told["message"]["rich"]
    assert told["author"] == {"uid": ann.pk, "username": "Ann"}
    assert told["bot"]["uid"] == bot.pk
    assert told["room"] == {
        "room": board.pk,
        "kind": "private",
        "name": "Board",
        "slug": board.slug,
    }
    assert deliver() == 0


def test_a_receiver_can_check_where_it_comes_from(
    bot: Bot, board: Room, say: Say, deliver: Deliver, receiver: Receiver
) -> None:
    hook, secret = managing.create(bot, Wanted(url=receiver.url, rooms=[board.pk]))
    say("one")
    deliver()
    newer = managing.renew(hook)
    assert newer != secret
    say("two")
    deliver()
    first, second = receiver.all()
    assert verified(first.headers, first.body, secret) == [True]
    assert verified(second.headers, second.body, newer) == [True, False]
    assert verified(second.headers, second.body, secret) == [False, True]
    assert verified(first.headers, first.body + b" ", secret) == [False]
    assert first.headers["webhook-id"] == first.json["delivery"] != second.json["delivery"]


def verified(headers: dict[str, str], body: bytes, secret: str) -> list[bool]:
    """As docs/webhooks.md says it."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    given = headers["webhook-signature"].split()
    return [hmac.compare_digest(one, f"v1,{expected}") for one in given]


def test_mentions_replies_and_what_is_written_to_the_bot_alone(
    bot: Bot, board: Room, say: Say, deliver: Deliver, receiver: Receiver, ann: User
) -> None:
    managing.create(bot, Wanted(url=receiver.url))
    own = messages.send(board.pk, rooms.actor(bot.user), cid=uuid.uuid4(), body="Ready")
    say("nothing for it")
    say(f"@{bot.user.username} go")
    say("Thanks", reply_to=own.id)
    direct = rooms.open_direct(ann, bot.user.username)
    say("psst", room=direct)
    deliver()
    found = sorted((one.json["message"]["message"], one.json["trigger"]) for one in receiver.all())
    assert found == [
        ("@deploys go", "mention"),
        ("Thanks", "mention"),
        ("psst", "direct"),
    ]


def test_bots_do_not_call_bots(
    hook: Hook, owner: User, board: Room, say: Say, deliver: Deliver, receiver: Receiver
) -> None:
    other = founding.create(owner, name="Other")
    rooms.invite(board.pk, owner, [other.user])
    say("@deploys hello", by=other.user)
    say("hello", by=hook.bot.user)
    say("from a person", by=owner)
    deliver()
    assert texts(receiver) == ["from a person"]


def test_what_was_said_before_or_elsewhere_or_while_away_is_not_told(
    bot: Bot, owner: User, ann: User, board: Room, say: Say, deliver: Deliver, receiver: Receiver
) -> None:
    say("before there was a hook")
    elsewhere = rooms.create(owner, kind="private", name="Elsewhere", people=[ann])
    managing.create(bot, Wanted(url=receiver.url, rooms=[board.pk]))
    say("@deploys elsewhere", room=elsewhere)
    say("heard")
    deliver()
    rooms.kick(board.pk, owner, bot.user)
    say("while away")
    deliver()
    rooms.invite(board.pk, owner, [bot.user])
    say("back")
    deliver()
    assert texts(receiver) == ["heard", "back"]


def test_what_was_queued_is_not_told_to_a_bot_that_was_removed_meanwhile(
    hook: Hook, owner: User, board: Room, say: Say, deliver: Deliver, receiver: Receiver
) -> None:
    say("queued")
    watching.watch()
    rooms.kick(board.pk, owner, hook.bot.user)
    deliver()
    assert receiver.all() == []
    assert Delivery.objects.get().status == "dropped"


def test_deleted_is_not_told_and_edited_is_told_as_it_is(
    hook: Hook, board: Room, ann: User, say: Say, deliver: Deliver, receiver: Receiver
) -> None:
    gone, changed = say("gone"), say("old")
    watching.watch()
    actor = rooms.actor(ann)
    messages.delete(board.pk, actor, message_id=gone.id)
    messages.edit(board.pk, actor, message_id=changed.id, body="new")
    deliver()
    messages.edit(board.pk, actor, message_id=changed.id, body="@deploys newest")
    deliver()
    assert texts(receiver) == ["new"]


@pytest.mark.parametrize("by_bot", [True, False])
def test_nothing_of_people_with_a_block_between(
    hook: Hook, ann: User, say: Say, deliver: Deliver, receiver: Receiver, *, by_bot: bool
) -> None:
    bot = hook.bot.user
    one, other = (bot, ann) if by_bot else (ann, bot)
    contacting.block(rooms.actor(one), other.username, on=True)
    say("@deploys blocked")
    deliver()
    assert receiver.all() == []


@pytest.mark.parametrize("how", ["off", "bot off", "bot deleted"])
def test_nothing_while_it_is_switched_off(
    hook: Hook, say: Say, deliver: Deliver, receiver: Receiver, how: str
) -> None:
    say("waits")
    watching.watch()
    if how == "off":
        managing.switch(hook, on=False)
    elif how == "bot off":
        ending.switch(hook.bot, on=False)
    else:
        ending.delete(hook.bot)
    say("not heard")
    deliver()
    assert receiver.all() == []
    if how == "off":
        managing.switch(hook, on=True)
        say("heard")
        deliver()
        assert texts(receiver) == ["waits", "heard"]


def test_a_look_takes_the_same_statements_however_many_rooms_are_quiet(
    hook: Hook, owner: User, say: Say, deliver: Deliver
) -> None:
    say("one")
    deliver()
    with CaptureQueriesContext(
        connection,
    ) as few:
        watching.watch()
    for number in range(10):
        rooms.create(owner, kind="private", name=f"Room {number}", people=[hook.bot.user])
    deliver()
    with CaptureQueriesContext(connection) as many:
        watching.watch()
    assert len(few) == len(many) == 1


def test_what_calls_nobody_costs_a_few_statements_and_no_transaction(
    hook: Hook, owner: User, board: Room, say: Say, deliver: Deliver, receiver: Receiver
) -> None:
    managing.change(hook, Wanted(rooms=[]))
    for number in range(8):
        other = founding.create(owner, name=f"Other {number}")
        rooms.invite(board.pk, owner, [other.user])
        managing.create(other, Wanted(url=receiver.url))
    quiet = watching.Quiet()
    say("the first look writes")
    watching.watch(quiet)
    before = list(Cursor.objects.order_by("pk").values_list("seq", flat=True))
    say("calls nobody")
    with CaptureQueriesContext(connection) as found:
        watching.watch(quiet)
        watching.watch(quiet)
    assert {one["sql"].split()[0] for one in found.captured_queries} == {"SELECT"}
    assert len(found) <= 8
    assert list(Cursor.objects.order_by("pk").values_list("seq", flat=True)) == before
    say("@deploys")
    with CaptureQueriesContext(connection) as found:
        watching.watch(quiet)
    assert [one["sql"].split()[0] for one in found.captured_queries].count("SAVEPOINT") == 1
    assert set(Cursor.objects.filter(room=board.pk).values_list("seq", flat=True)) == {
        Room.objects.get(pk=board.pk).head
    }
    assert deliver() == 1


def test_what_was_quiet_is_read_again_by_the_next_process_and_told_once(
    hook: Hook, board: Room, say: Say, deliver: Deliver, receiver: Receiver
) -> None:
    managing.change(hook, Wanted(rooms=[]))
    dies = watching.Quiet()
    say("one")
    watching.watch(dies)
    for text in ("two", "@deploys three", "four"):
        say(text)
        watching.watch(dies)
    watching.watch(watching.Quiet())
    managing.change(hook, Wanted(rooms=[board.pk]))  # nobody hears of it what was said before
    deliver()
    assert texts(receiver) == ["@deploys three"]


def test_a_crowd_of_waiting_deliveries_leaves_the_rest_in_the_log(
    hook: Hook,
    board: Room,
    say: Say,
    deliver: Deliver,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watching, "WAITING_MAX", 2)
    monkeypatch.setattr(watching, "PORTION", 2)
    for number in range(5):
        say(str(number))
    while watching.watch():
        pass
    assert Delivery.objects.count() == 2
    assert Cursor.objects.get(room=board.pk).seq < Room.objects.get(pk=board.pk).head
    while deliver():
        pass
    assert texts(receiver) == ["0", "1", "2", "3", "4"]


def test_a_body_has_nothing_that_is_not_said(
    hook: Hook, say: Say, deliver: Deliver, receiver: Receiver
) -> None:
    say("x")
    deliver()
    body = json.loads(receiver.take().body)
    assert set(body) == {"event", "trigger", "delivery", "ts", "bot", "room", "author", "message"}
