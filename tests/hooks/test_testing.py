"""Tests of a webhook, by hand: the same way as everything else, once, and nobody says anything."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from loopchat.accounts.models import User
from loopchat.bots import ending
from loopchat.chat.models import Message, Room
from loopchat.core.errors import Refused
from loopchat.core.outgoing import Way
from loopchat.hooks import managing, signing, stopping
from loopchat.hooks.models import Delivery, Hook
from tests.hooks.conftest import Deliver, Say, deliver_due
from tests.hooks.receiver import Receiver, says


def test_it_arrives_signed_and_marked(
    hook: Hook, owner: User, deliver: Deliver, receiver: Receiver
) -> None:
    receiver.answer = says("I am here")
    made = managing.test(hook, owner)
    assert managing.is_testing(hook.pk)
    assert deliver() == 1
    asked = receiver.take()
    assert (asked.json["event"], asked.json["trigger"]) == ("test", "test")
    assert asked.json["author"]["username"] == owner.username
    assert asked.json["bot"]["uid"] == hook.bot_id
    assert not {"room", "message", "command", "text"} & set(asked.json)
    key = base64.b64decode(signing.secret_of(hook.salt).removeprefix(signing.PREFIX))
    signed = f"{made.key}.{asked.headers['webhook-timestamp']}.".encode() + asked.body
    digest = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert asked.headers["webhook-signature"] == f"v1,{digest}"
    made.refresh_from_db()
    assert (made.status, made.http_status, made.excerpt) == ("done", 200, "I am here")
    assert not managing.is_testing(hook.pk)
    assert not Message.objects.exists()


def test_it_is_tried_once_and_the_log_says_what_happened(
    hook: Hook, owner: User, deliver: Deliver, receiver: Receiver
) -> None:
    receiver.answer = says("Not today", status="503 Later", Retry_After="600")
    made = managing.test(hook, owner)
    assert deliver() == 1
    made.refresh_from_db()
    assert (made.status, made.http_status, made.attempts) == ("failed", 503, 1)
    again = managing.redeliver(hook, made.pk)
    assert (again.status, again.pk) == ("waiting", made.pk)


def test_it_goes_nowhere_where_others_do_not(hook: Hook, owner: User, receiver: Receiver) -> None:
    made = managing.test(hook, owner)
    assert deliver_due(Way()) == 1
    made.refresh_from_db()
    assert (made.status, "public internet" in made.error) == ("failed", True)
    assert receiver.all() == []


def test_it_waits_behind_nobody(
    hook: Hook, owner: User, say: Say, deliver: Deliver, receiver: Receiver
) -> None:
    receiver.next = [says(status="500 No")]
    say("It has to wait")
    deliver()
    made = managing.test(hook, owner)
    assert deliver() == 1
    made.refresh_from_db()
    assert made.status == "done"
    assert Delivery.objects.exclude(pk=made.pk).get().status == "waiting"


def test_one_at_a_time_and_only_where_something_works(hook: Hook, owner: User, board: Room) -> None:
    made = managing.test(hook, owner)
    with pytest.raises(Refused) as no:
        managing.test(hook, owner)
    assert no.value.code == "rate_limited"
    managing.switch(hook, on=False)
    made.refresh_from_db()
    assert made.status == "failed"  # nobody waits for it any more
    with pytest.raises(Refused) as no:
        managing.test(hook, owner)
    assert no.value.code == "conflict"
    managing.switch(hook, on=True)
    ending.switch(hook.bot, on=False)
    with pytest.raises(Refused) as no:
        managing.test(managing.managed(hook.bot_id, hook.pk, owner), owner)
    assert no.value.code == "conflict"
    assert not stopping.tidy()
