"""A bot with a webhook in a room, and the program that listens to it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator

import pytest
from pytest_django import Settings

from loopchat.accounts import people
from loopchat.accounts.models import User
from loopchat.bots import founding
from loopchat.bots.models import Bot
from loopchat.chat import messages, rooms
from loopchat.chat.ledger import Done
from loopchat.chat.models import Room
from loopchat.core.destinations import Allowed
from loopchat.core.outgoing import Way
from loopchat.hooks import delivering, managing, queue, watching
from loopchat.hooks.managing import Wanted
from loopchat.hooks.models import Hook
from tests.accounts.conftest import PASSWORD, ann, fresh_throttle, owner, quick_hashing
from tests.api.conftest import fresh_rates
from tests.hooks.receiver import Receiver, receiving

__all__ = ["PASSWORD", "ann", "fresh_rates", "fresh_throttle", "owner", "quick_hashing"]

Say = Callable[..., Done]
Deliver = Callable[[], int]


def deliver_due(way: Way) -> int:
    """Do here and now what the threads would do until nothing is due; how many attempts."""
    begun = time.monotonic()
    while watching.watch():
        pass
    count = 0
    while (delivery := queue.claim()) is not None and time.monotonic() - begun < 60:
        delivering.deliver(delivery, way)
        count += 1
    return count


@pytest.fixture(autouse=True)
def loopback_allowed(settings: Settings) -> None:
    """The receivers of these tests listen on the loopback."""
    settings.WEBHOOK_ALLOW = Allowed.parse("127.0.0.1")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Somebody else's server."""
    with receiving() as found:
        yield found


@pytest.fixture
def bot(owner: User) -> Bot:
    """A bot of the one who runs the server."""
    return founding.create(owner, name="Deploys")


@pytest.fixture
def board(owner: User, ann: User, bot: Bot) -> Room:
    """A private room of the owner's with Ann and the bot in it."""
    return rooms.create(owner, kind="private", name="Board", people=[ann, bot.user])


@pytest.fixture
def hook(bot: Bot, board: Room, receiver: Receiver) -> Hook:
    """A webhook that hears everything in the room."""
    return managing.create(bot, Wanted(url=receiver.url, rooms=[board.pk]))[0]


@pytest.fixture
def say(board: Room, ann: User) -> Say:
    """Ann says something in the room, unless it is named otherwise."""

    def send(body: str, *, by: User = ann, room: Room = board, reply_to: int | None = None) -> Done:
        actor = rooms.actor(by)
        return messages.send(room.pk, actor, cid=uuid.uuid4(), body=body, reply_to=reply_to)

    return send


@pytest.fixture
def deliver() -> Deliver:
    """Deliver whatever is due; how many attempts it took."""
    return lambda: deliver_due(delivering.way())


@pytest.fixture
def ben(owner: User) -> User:
    """Somebody else."""
    return people.create("ben", PASSWORD)
