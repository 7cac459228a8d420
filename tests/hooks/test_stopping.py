"""What waits when a hook stops: nobody waits for ever, and nothing stays for ever."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from loopchat.accounts.models import User
from loopchat.bots import ending, founding
from loopchat.chat import rooms
from loopchat.chat.models import Room
from loopchat.core.clock import now_ms
from loopchat.hooks import commands, managing, queue, stopping
from loopchat.hooks.managing import Named, Wanted
from loopchat.hooks.models import Command, Delivery, Hook
from loopchat.leaving import housekeeping
from tests.hooks.conftest import Deliver, Say
from tests.hooks.receiver import Receiver, says
from tests.hooks.test_commands import Ears, deploy, ears, give, refused

__all__ = ["deploy", "ears"]


def rest(hook: Hook) -> None:
    ending.switch(hook.bot, on=False)


def end(hook: Hook) -> None:
    ending.delete(hook.bot)


def switch_off(hook: Hook) -> None:
    managing.switch(hook, on=False)


@pytest.mark.parametrize("stop", [switch_off, managing.delete, rest, end])
def test_who_waits_for_a_hook_that_stops_is_told_and_may_ask_another(
    deploy: Hook,
    board: Room,
    owner: User,
    ann: User,
    receiver: Receiver,
    ears: Ears,
    stop: Callable[[Hook], None],
) -> None:
    for _ in range(commands.WAITING_MAX):
        give(ann, board, "/deploy")
    other = founding.create(owner, name="Other")
    rooms.invite(board.pk, owner, [other.user])
    managing.create(other, Wanted(url=receiver.url, commands=[Named("other")]))
    assert refused(ann, board, "/other") == "rate_limited"
    stop(deploy)
    give(ann, board, "/other")
    while stopping.tidy():
        pass
    whispers = [event for _, event in ears.whispers()]
    assert [one["failed"] for one in whispers] == [True] * commands.WAITING_MAX
    assert Delivery.objects.filter(status="waiting").count() == 1


def test_a_hook_that_is_paused_gives_up_its_commands(
    deploy: Hook, board: Room, ann: User, deliver: Deliver, receiver: Receiver, ears: Ears
) -> None:
    receiver.next = [says(status="500 No")]
    Hook.objects.update(failing_since_ts=now_ms() - queue.FAILING_MAX_MS - 1)
    give(ann, board, "/deploy one")
    give(ann, board, "/deploy two")
    assert deliver() == 1
    assert [event["failed"] for _, event in ears.whispers()] == [True, True]


def test_what_waits_too_long_is_forgotten(hook: Hook, say: Say, deliver: Deliver) -> None:
    say("x")
    deliver()
    Delivery.objects.update(status="waiting", due_ts=now_ms() - queue.KEPT_MS - 1)
    managing.switch(hook, on=False)
    queue.tidy()
    assert not Delivery.objects.exists()


def test_nothing_stays_of_a_deleted_bot(
    deploy: Hook,
    hook: Hook,
    say: Say,
    deliver: Deliver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stopping, "PORTION", 2)
    for number in range(5):
        say(str(number))
    deliver()
    ending.delete(hook.bot)
    while housekeeping.tidy():
        pass
    assert [kind.objects.count() for kind in (Hook, Delivery, Command)] == [0, 0, 0]
