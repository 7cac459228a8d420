"""Attempts: what follows from each kind of answer, and in which order things arrive."""

from __future__ import annotations

import threading
import uuid

import pytest
from django.db import connection

from loopchat.accounts.models import User
from loopchat.bots.models import Bot
from loopchat.chat import messages, rooms
from loopchat.chat.models import Message, Room
from loopchat.core.clock import now_ms
from loopchat.core.destinations import Allowed
from loopchat.core.errors import Code, Refused
from loopchat.core.outgoing import Way
from loopchat.hooks import delivering, managing, queue, watching
from loopchat.hooks.managing import Wanted
from loopchat.hooks.models import Delivery, Hook
from tests.hooks.conftest import Deliver, Say, deliver_due
from tests.hooks.receiver import NOTHING, Receiver, raw, receiving, says

DEEP = '{"x":' + "[" * 30_000 + "]" * 30_000 + "}"


def hurry() -> None:
    """The time until the next attempt is over."""
    Delivery.objects.filter(status="waiting").update(due_ts=now_ms())


def only() -> Delivery:
    return Delivery.objects.get()


def test_an_answer_becomes_the_reply(
    hook: Hook, board: Room, say: Say, deliver: Deliver, receiver: Receiver
) -> None:
    receiver.next = [says("It *is* out."), says('{"text": "as JSON"}', kind="application/json")]
    asked = say("@deploys is it out?")
    say("and now?")
    deliver()
    first, second = Message.objects.filter(author=hook.bot_id).order_by("seq")
    assert (first.body, first.reply_to_id) == ("It *is* out.", asked.id)
    assert first.rich
    assert second.body == "as JSON"
    assert {one.status for one in Delivery.objects.all()} == {"done"}


@pytest.mark.parametrize("code", ["unavailable", "timeout", "storage_full", "rate_limited"])
def test_an_answer_that_cannot_be_stored_for_a_moment_is_not_lost(
    hook: Hook,
    say: Say,
    deliver: Deliver,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    code: Code,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise Refused(code, "Not now.")

    receiver.answer = says("Here it is")
    say("x")
    with monkeypatch.context() as moment:
        moment.setattr(messages, "send", refuse)
        deliver()
    assert (only().status, only().http_status) == ("waiting", 200)
    hook.refresh_from_db()
    assert hook.failing_since_ts is None
    hurry()
    deliver()
    assert only().status == "done"
    assert [one.body for one in Message.objects.filter(author=hook.bot_id)] == ["Here it is"]


def test_in_a_conversation_of_two_it_quotes_nothing(
    hook: Hook, ann: User, say: Say, deliver: Deliver, receiver: Receiver
) -> None:
    receiver.answer = says("Hello")
    say("hi", room=rooms.open_direct(ann, "deploys"))
    deliver()
    said = Message.objects.get(author=hook.bot_id)
    assert (said.body, said.reply_to_id) == ("Hello", None)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (NOTHING, ""),
        (says(""), ""),
        (says("<p>No</p>", kind="text/html"), ""),
        (says("created", status="201 Created"), ""),
        (says('{"text": 5}', kind="application/json"), "cannot be read"),
        (says("{", kind="application/json"), "cannot be read"),
        (says(b"\xff", kind="text/plain"), "cannot be read"),
        (says("x", kind="text/plain; charset=none-such"), "cannot be read"),
        (says(DEEP, kind="application/json"), "cannot be read"),
        (says("x", kind="text/plain; charset=a\0b"), "cannot be read"),
        (says("x", Content_Encoding="br"), "packed"),
        (says("x" * 70_000), "too long"),
        (says("x" * 9_000), "refused"),
        (says("a\0b"), "refused"),
    ],
)
def test_an_answer_without_a_text_is_an_arrival_all_the_same(
    hook: Hook, say: Say, deliver: Deliver, receiver: Receiver, answer: object, error: str
) -> None:
    receiver.answer = answer  # type: ignore[assignment]
    say("x")
    assert deliver() == 1
    assert only().status == "done"
    assert error in only().error
    assert bool(error) == bool(only().error)
    assert not Message.objects.filter(author=hook.bot_id).exists()


@pytest.mark.parametrize("status", ["500 No", "503 Later", "429 Slowly", "408 Slow", "409 Busy"])
def test_what_may_go_better_later_is_tried_again_with_the_same_id(
    hook: Hook, say: Say, deliver: Deliver, receiver: Receiver, status: str
) -> None:
    receiver.next = [says(status=status), raw(b""), says("At last")]
    say("x")
    for _ in range(3):
        assert deliver() == 1
        assert deliver() == 0  # not before its time
        hurry()
    asked = receiver.all()
    assert len({one.headers["webhook-id"] for one in asked}) == 1
    assert len({one.body for one in asked}) == 1
    assert (only().status, only().attempts) == ("done", 3)
    assert Message.objects.filter(author=hook.bot_id).count() == 1


@pytest.mark.parametrize("status", ["400 No", "401 Who", "404 Where", "410 Gone", "302 Found"])
def test_what_will_not_go_better_is_given_up_and_the_next_one_goes(
    hook: Hook, say: Say, deliver: Deliver, receiver: Receiver, status: str
) -> None:
    with receiving() as elsewhere:
        receiver.next = [says(status=status, Location=elsewhere.url)]
        say("one")
        say("two")
        assert deliver() == 2
        assert elsewhere.all() == []
    assert [one.status for one in Delivery.objects.order_by("pk")] == ["failed", "done"]


def test_a_server_that_is_down_gets_longer_and_longer_pauses_and_then_nothing(
    hook: Hook, say: Say, deliver: Deliver, receiver: Receiver
) -> None:
    receiver.close()
    say("x")
    pauses = []
    while deliver():
        pauses.append(only().due_ts - now_ms())
        hurry()
    assert len(pauses) == queue.ATTEMPTS
    usual = [min(5_000 * 3**n, 3_600_000) for n in range(queue.ATTEMPTS)]
    assert all(0.7 * want < got < 1.3 * want for got, want in zip(pauses, usual, strict=True))
    assert (only().status, only().error) == ("failed", "nobody listens there")


@pytest.mark.parametrize("status", ["429 Slowly", "503 Later"])
@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        ("600", 600_000, 601_000),
        ("in 600", 3_000, 7_000),  # nonsense: our own pause
        ("0", 3_000, 7_000),  # nor is it shorter than that
        ("999999999", 3_590_000, 3_601_000),  # nor longer than our longest
    ],
)
def test_who_asks_for_a_pause_gets_it(
    hook: Hook,
    say: Say,
    deliver: Deliver,
    receiver: Receiver,
    status: str,
    asked: str,
    least: int,
    most: int,
) -> None:
    receiver.answer = says(status=status, Retry_After=asked)
    say("x")
    before = now_ms()
    assert deliver() == 1
    assert least <= only().due_ts - before
    assert only().due_ts - now_ms() <= most
    assert only().status == "waiting"


def test_a_pause_is_asked_for_by_those_only_who_are_busy(
    hook: Hook, say: Say, deliver: Deliver, receiver: Receiver
) -> None:
    receiver.answer = says(status="500 No", Retry_After="600")
    say("x")
    deliver()
    assert only().due_ts - now_ms() < 60_000


def test_one_after_the_other_in_the_order_of_the_log(
    hook: Hook, say: Say, deliver: Deliver, receiver: Receiver
) -> None:
    receiver.next = [says(status="500 No")]
    for number in range(4):
        say(str(number))
    assert deliver() == 1  # the others wait for the first
    hurry()
    assert deliver() == 4
    assert [one.json["message"]["message"] for one in receiver.all()] == ["0", "0", "1", "2", "3"]


def test_whose_turn_it_is_takes_no_look_at_those_behind(hook: Hook, board: Room) -> None:
    now = now_ms()
    Delivery.objects.bulk_create(
        Delivery(
            hook=hook,
            key=uuid.uuid4(),
            kind=Delivery.Kind.MESSAGE,
            trigger="room",
            room=board,
            due_ts=now + (0 if number else 3_600_000),
            created_ts=now,
        )
        for number in range(1000)
    )
    for due, index in (
        (queue._heads(), "delivery_line"),
        (queue._at_once(Delivery.Kind.COMMAND), "delivery_command"),
        (queue._at_once(Delivery.Kind.TEST), "delivery_test"),
    ):
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        assert not due.exists()
        plan = due.explain()
        if connection.vendor == "sqlite":  # the other one weighs the same rows in its own way
            assert index in plan
        assert "Seq Scan on hooks_delivery" not in plan


def test_a_private_target_is_given_up_at_once(hook: Hook, say: Say, receiver: Receiver) -> None:
    say("x")
    assert deliver_due(Way()) == 1
    assert (only().status, only().http_status) == ("failed", None)
    assert "public internet" in only().error
    assert receiver.all() == []


def test_a_name_that_turns_private_between_two_attempts_is_not_followed(
    bot: Bot, board: Room, say: Say, receiver: Receiver
) -> None:
    url = f"http://rebinding.example:{receiver.port}/"
    managing.create(bot, Wanted(url=url, rooms=[board.pk]))
    receiver.answer = says(status="500 No")
    answers = [["127.0.0.1"], ["169.254.169.254"]]
    way = Way(Allowed.parse("127.0.0.1"), lambda _host, _port: answers.pop(0))
    say("x")
    deliver_due(way)
    hurry()
    deliver_due(way)
    assert len(receiver.all()) == 1
    assert (only().status, only().attempts) == ("failed", 2)


def test_a_worker_that_dies_in_the_middle_is_followed_by_another(
    hook: Hook, say: Say, deliver: Deliver, receiver: Receiver
) -> None:
    say("x")
    watching.watch()
    dead = queue.claim()
    assert dead is not None
    assert deliver() == 0  # somebody is at it
    hurry()  # the lease is over
    assert deliver() == 1
    assert queue.settle(dead, queue.Outcome(error="too late")) is False
    assert (only().status, only().attempts, only().error) == ("done", 2, "")


def test_an_attempt_that_breaks_here_counts_and_ends(
    bot: Bot, board: Room, say: Say, caplog: pytest.LogCaptureFixture
) -> None:
    def resolve(_host: str, _port: int) -> list[str]:
        raise RuntimeError("what nobody has thought of")

    managing.create(bot, Wanted(url="http://broken.example/", rooms=[board.pk]))
    say("x")
    for _ in range(queue.ATTEMPTS):
        assert deliver_due(Way(resolve=resolve)) == 1
        hurry()
    assert deliver_due(Way(resolve=resolve)) == 0
    assert (only().status, only().error) == ("failed", "it failed here (RuntimeError)")
    assert len([one for one in caplog.records if one.exc_info]) == 1


def test_attempts_that_nobody_came_back_from_end(
    hook: Hook, say: Say, deliver: Deliver, receiver: Receiver
) -> None:
    say("x")
    watching.watch()
    for _ in range(queue.ATTEMPTS):
        assert queue.claim() is not None
        hurry()
    assert deliver() == 1
    assert receiver.all() == []
    assert (only().status, deliver()) == ("failed", 0)


def test_an_answer_that_comes_twice_is_said_once(
    hook: Hook, say: Say, deliver: Deliver, receiver: Receiver
) -> None:
    receiver.answer = says("Once")
    say("x")
    watching.watch()
    claimed = queue.claim()
    assert claimed is not None
    delivering._attempt(claimed, delivering.way())  # and dies before it writes that down
    hurry()
    deliver()
    assert len(receiver.all()) == 2
    assert Message.objects.filter(author=hook.bot_id).count() == 1


def test_a_hook_that_fails_for_a_day_is_paused_and_its_owner_told(
    hook: Hook, owner: User, say: Say, deliver: Deliver, receiver: Receiver
) -> None:
    receiver.answer = says(status="500 No")
    say("one")
    deliver()
    hook.refresh_from_db()
    assert hook.failing_since_ts
    Hook.objects.update(failing_since_ts=now_ms() - queue.FAILING_MAX_MS - 1)
    hurry()
    deliver()
    hook.refresh_from_db()
    assert hook.state == "paused"
    told = Message.objects.get(author=hook.bot_id)
    assert "paused" in told.body
    assert told.room == rooms.open_direct(owner, "deploys")
    say("not heard")
    hurry()
    assert deliver() == 0
    receiver.answer = NOTHING
    managing.switch(hook, on=True)
    say("heard")
    hurry()
    deliver()
    asked = [one.json["message"]["message"] for one in receiver.all()]
    assert asked == ["one", "one", "one", "heard"]
    hook.refresh_from_db()
    assert hook.failing_since_ts is None


def test_it_can_be_sent_again_by_hand(
    hook: Hook, say: Say, deliver: Deliver, receiver: Receiver
) -> None:
    say("x")
    deliver()
    managing.redeliver(hook, only().pk)
    assert deliver() == 1
    first, second = receiver.all()
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


def test_the_log_is_trimmed(
    hook: Hook, say: Say, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "KEPT", 2)
    for number in range(5):
        say(str(number))
    deliver()
    queue.tidy()
    kept = [one.message.body for one in managing.deliveries(hook) if one.message]
    assert kept == ["4", "3"]
    Delivery.objects.update(due_ts=now_ms() - queue.KEPT_MS - 1)
    queue.tidy()
    assert managing.deliveries(hook) == []


@pytest.mark.django_db(transaction=True)
def test_three_who_look_after_it_deliver_each_once(
    hook: Hook, say: Say, receiver: Receiver
) -> None:
    for number in range(12):
        say(str(number))

    def work() -> None:
        try:
            for _ in range(100):
                deliver_due(delivering.way())
                if Delivery.objects.filter(status="done").count() == 12:
                    return
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    arrived = [one.json["message"]["message"] for one in receiver.all()]
    assert arrived == [str(number) for number in range(12)]


def test_who_may_not_write_any_more_does_not_reply(
    hook: Hook, board: Room, owner: User, say: Say, deliver: Deliver, receiver: Receiver
) -> None:
    receiver.answer = says("Too late")
    say("x")
    rooms.archive(board.pk, owner, on=True)
    deliver()
    assert (only().status, "refused" in only().error) == ("done", True)
