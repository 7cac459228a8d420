"""Slash commands: who may give which, and who hears what is answered."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from loopchat.accounts.models import User
from loopchat.bots import founding
from loopchat.bots.models import Bot
from loopchat.chat import contacting, history, messages, rooms
from loopchat.chat.models import Message, Room
from loopchat.core.clock import now_ms
from loopchat.core.errors import Refused
from loopchat.hooks import commands, managing, queue
from loopchat.hooks.managing import Named, Wanted
from loopchat.hooks.models import Delivery, Hook
from loopchat.realtime import events, publish
from loopchat.realtime.outbox import Committed, Replies
from tests.hooks.conftest import Deliver
from tests.hooks.receiver import Receiver, says

DEPLOY = Named("deploy", "<where>", "Brings it out")


@pytest.fixture
def deploy(bot: Bot, board: Room, receiver: Receiver) -> Hook:
    """A webhook with a command."""
    return managing.create(bot, Wanted(url=receiver.url, commands=[DEPLOY]))[0]


class Ears:
    """Hears what is told to people."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Any]] = []

    def take(self, what: Committed, _replies: Replies) -> None:
        self.heard += [(one.topic, msgspec.json.decode(one.data)) for one in what.asides]

    def call_soon_threadsafe(self, call: Any, *arguments: object) -> None:
        call(*arguments)

    def whispers(self) -> list[tuple[str, Any]]:
        return [one for one in self.heard if one[1]["type"] == "whisper"]


@pytest.fixture
def ears() -> Iterator[Ears]:
    found = Ears()
    publish.attach(found, found)  # type: ignore[arg-type]
    yield found
    publish.detach()


def give(person: User, room: Room, text: str, cid: uuid.UUID | None = None) -> None:
    commands.give(rooms.actor(person), room.pk, text=text, cid=cid or uuid.uuid4())


def refused(person: User, room: Room, text: str, cid: uuid.UUID | None = None) -> str:
    with pytest.raises(Refused) as no:
        give(person, room, text, cid)
    return no.value.code


def test_it_goes_to_its_bot_and_into_no_log(
    deploy: Hook, board: Room, ann: User, deliver: Deliver, receiver: Receiver
) -> None:
    head = Room.objects.get(pk=board.pk).head
    give(ann, board, "/Deploy  staging now\nplease ")
    assert deliver() == 1
    told = receiver.take().json
    assert (told["event"], told["trigger"]) == ("command", "command")
    assert (told["command"], told["text"]) == ("deploy", "staging now\nplease")
    assert told["author"]["uid"] == ann.pk
    assert told["room"]["room"] == board.pk
    assert Room.objects.get(pk=board.pk).head == head


def test_the_answer_is_for_who_asked_unless_it_says_otherwise(
    deploy: Hook, board: Room, ann: User, deliver: Deliver, receiver: Receiver, ears: Ears
) -> None:
    channel = '{"text": "Out *now*", "response_type": "in_channel"}'
    receiver.next = [says("Only *you*"), says(channel, kind="application/json")]
    cid = uuid.uuid4()
    give(ann, board, "/deploy", cid)
    give(ann, board, "/deploy all")
    deliver()
    ((topic, event),) = ears.whispers()
    assert topic == f"person:{ann.pk}"
    assert (event["room"], event["uid"], event["command"]) == (board.pk, deploy.bot_id, "deploy")
    assert (event["message"], event["cid"]) == ("Only *you*", str(cid))
    assert event["rich"]
    assert [one.body for one in Message.objects.filter(author=deploy.bot_id)] == ["Out *now*"]
    (said,) = history.drawn(Message.objects.filter(author=deploy.bot_id))
    assert (said.asked, said.guise) == (events.Asked(ann.pk, "deploy"), None)
    messages.delete(board.pk, rooms.actor(deploy.bot.user), message_id=said.id)
    (gone,) = history.drawn(Message.objects.filter(pk=said.id))
    assert gone.asked is None


def test_a_bot_that_does_not_answer_is_said_to_be_silent_soon(
    deploy: Hook, board: Room, ann: User, deliver: Deliver, receiver: Receiver, ears: Ears
) -> None:
    receiver.close()
    give(ann, board, "/deploy")
    for _ in range(queue.COMMAND_ATTEMPTS):
        assert ears.whispers() == []
        assert deliver() == 1
        Delivery.objects.update(due_ts=now_ms())
    assert deliver() == 0
    ((_, event),) = ears.whispers()
    assert event["failed"] is True
    assert "message" not in event


def test_commands_do_not_stand_in_the_line_of_messages(
    deploy: Hook, board: Room, ann: User, deliver: Deliver, receiver: Receiver
) -> None:
    managing.change(deploy, Wanted(rooms=[board.pk]))
    receiver.next = [says(status="500 No")]
    messages.send(board.pk, rooms.actor(ann), cid=uuid.uuid4(), body="fails")
    deliver()
    give(ann, board, "/deploy")
    assert deliver() == 1
    assert [one.json["event"] for one in receiver.all()] == ["message", "command"]


def test_the_same_cid_gives_it_once(deploy: Hook, board: Room, ann: User, deliver: Deliver) -> None:
    cid = uuid.uuid4()
    give(ann, board, "/deploy a", cid)
    give(ann, board, "/deploy a", cid)
    assert deliver() == 1
    give(ann, board, "/deploy a", cid)
    assert refused(ann, board, "/deploy b", cid) == "cid_conflict"
    assert deliver() == 0


def test_who_may_not_write_there_gives_none(
    deploy: Hook, owner: User, board: Room, ann: User, ben: User
) -> None:
    assert refused(ben, board, "/deploy") == "not_found"
    with pytest.raises(Refused, match="no such room"):
        commands.offered(rooms.actor(ben), board.pk)
    contacting.block(rooms.actor(ann), "deploys", on=True)
    rooms.archive(board.pk, owner, on=True)
    assert refused(ann, board, "/deploy") == "archived"
    assert Delivery.objects.count() == 0


@pytest.mark.parametrize("text", ["/nothing", "/deploy@nobody", "/deploys"])
def test_what_nobody_offers(deploy: Hook, board: Room, ann: User, text: str) -> None:
    assert refused(ann, board, text) == "bad_request"


@pytest.mark.parametrize("text", ["deploy", "//deploy", "/", "/ deploy", "/etc/hosts", "/é"])
def test_what_is_no_command(deploy: Hook, board: Room, ann: User, text: str) -> None:
    assert refused(ann, board, text) == "bad_request"


def test_only_bots_that_are_there_and_work_offer_theirs(
    deploy: Hook, owner: User, board: Room, ann: User
) -> None:
    def names() -> list[str]:
        return [
            f"{one.name} {one.username}" for one in commands.offered(rooms.actor(ann), board.pk)
        ]

    assert names() == ["deploy deploys"]
    managing.switch(deploy, on=False)
    assert names() == []
    managing.switch(deploy, on=True)
    rooms.kick(board.pk, owner, deploy.bot.user)
    assert names() == []
    assert refused(ann, board, "/deploy") == "bad_request"


def test_two_bots_with_one_command_are_told_apart(
    deploy: Hook, owner: User, board: Room, ann: User, deliver: Deliver, receiver: Receiver
) -> None:
    other = founding.create(owner, name="Other")
    rooms.invite(board.pk, owner, [other.user])
    managing.create(other, Wanted(url=receiver.url, commands=[DEPLOY]))
    with pytest.raises(Refused, match="/deploy@"):
        give(ann, board, "/deploy x")
    give(ann, board, "/deploy@OTHER x")
    deliver()
    assert receiver.take().json["bot"]["username"] == "other"


def test_a_person_has_few_that_wait(deploy: Hook, board: Room, ann: User) -> None:
    for _ in range(commands.WAITING_MAX):
        give(ann, board, "/deploy")
    assert refused(ann, board, "/deploy") == "rate_limited"


@pytest.mark.django_db(transaction=True)
def test_a_hook_that_goes_in_that_moment_has_no_command(
    deploy: Hook, board: Room, ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "_refuse_too_many", lambda _person: managing.delete(deploy))
    assert refused(ann, board, "/deploy") == "not_found"
    assert Delivery.objects.count() == 0


@pytest.mark.parametrize(
    "name", ["", "1st", "Ü", "a b", "x" * 33, "help", "topic", "/leave", "a/b"]
)
def test_names_that_no_command_has(bot: Bot, receiver: Receiver, name: str) -> None:
    with pytest.raises(Refused) as no:
        managing.create(bot, Wanted(url=receiver.url, commands=[Named(name)]))
    assert no.value.field == "commands"


def test_a_bot_has_each_name_once(deploy: Hook, bot: Bot, receiver: Receiver) -> None:
    with pytest.raises(Refused) as no:
        managing.create(bot, Wanted(url=receiver.url, commands=[Named("/DEPLOY")]))
    assert no.value.code == "conflict"
    managing.change(deploy, Wanted(commands=[Named("/Ship")]))
    assert [one.name for one in deploy.commands.all()] == ["ship"]
