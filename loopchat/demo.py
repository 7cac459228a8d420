"""`loopchat demo`: sample people, rooms and history in a folder that is thrown away."""

from __future__ import annotations

import os
import secrets
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from loopchat.accounts.models import User
    from loopchat.chat.models import Room

PEOPLE = ("ann", "ben", "chloe", "dmitri", "emre", "fatima")

ROOMS = (
    ("General", "Everything that has no room of its own"),
    ("Kitchen", "Recipes, and who washes up"),
    ("Release 1.0", "What is still missing"),
)

TALK = {
    "General": (
        ("ann", "Good morning! Is anybody else in early?"),
        ("ben", "Since seven. The coffee machine is alive again."),
        ("chloe", "That is the best news of the week ☕"),
        ("ann", "Reminder: the plan for this month is in *Release 1.0*."),
        ("dmitri", "Thanks. I read it on the train; two questions, I put them there."),
        ("emre", "こんにちは from the Tokyo desk, it is already evening here."),
        ("fatima", "مرحبا! I am in from noon."),
        ("ben", "Then we are complete at noon. Call at one?"),
        ("chloe", "One is fine."),
        ("ann", "One it is."),
    ),
    "Kitchen": (
        ("emre", "Who wants to share a box of vegetables every Thursday?"),
        ("fatima", "Me! Half of it, unless it is all cabbage again."),
        ("emre", "No promises. Last week: 40 % cabbage."),
        (
            "chloe",
            "I have a recipe for that:\n1. Cabbage\n2. More butter than seems right\n3. Wait",
        ),
        ("fatima", "Step 2 convinced me."),
    ),
    "Release 1.0": (
        ("ann", "Left to do: the upgrade notes, the last two reports, and a name."),
        ("dmitri", "I take the reports. First one is reproduced, it was the clock."),
        ("ben", "It is always the clock."),
        ("dmitri", "Second one too. It was not the clock."),
        ("ann", "I start on the upgrade notes. Can somebody read them tomorrow?"),
        ("chloe", "I can, before ten."),
        ("ann", "And the name?"),
        ("emre", "Cabbage."),
    ),
}

DIRECT = (
    ("ann", "ben", "Do you have the keys to the archive?"),
    ("ben", "ann", "On my desk, in the blue tin."),
    ("ann", "ben", "Found them, thank you!"),
)

_GIVEN = (
    "DATABASE_URL",
    "DATABASE_URL_FILE",
    "REDIS_URL",
    "REDIS_URL_FILE",
    "WORKERS",
    "SIGNUP",
    "ORIGINS",
)


@contextmanager
def data_folder() -> Iterator[None]:
    """An empty data folder for this process; a database that is set up elsewhere is not touched."""
    for name in (*_GIVEN, "ENV_FILE", "SECRET_KEY", "SECRET_KEY_FILE"):
        os.environ.pop(f"LOOPCHAT_{name}", None)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # leave through the door: it cleans up
    with tempfile.TemporaryDirectory(prefix="loopchat-demo-", ignore_cleanup_errors=True) as folder:
        os.environ["LOOPCHAT_DATA_DIR"] = folder
        os.environ["LOOPCHAT_PASSWORDLESS"] = "on"
        os.environ.setdefault("LOOPCHAT_SESSION_COOKIE", "loopchat_demo")
        yield


def serve() -> int:
    """Fill the folder and serve it."""
    from django.conf import settings

    from loopchat import serving

    host, port = settings.HOST, settings.PORT
    serving.refuse_taken_port(host, port)
    serving.migrate()
    password = fill()
    serving.announce(host, port)
    serving.say(f"Enter as {', '.join(PEOPLE)} or any other name.")
    serving.say(f"The owner is called owner, with the password {password}")
    return serving.run(host, port)


def fill() -> str:
    """Sample people, rooms and history; the password of the owner."""
    from loopchat.accounts import people

    password = secrets.token_urlsafe(9)
    owner = people.create_owner("owner", password)
    crowd = {name: people.enter(name) for name in PEOPLE}
    for name, topic in ROOMS:
        _talk(_room(owner, name, topic, crowd), TALK[name], crowd)
    for sender, receiver, text in DIRECT:
        _say(_direct(crowd[sender], receiver), crowd[sender], text)
    return password


def _room(owner: User, name: str, topic: str, crowd: dict[str, User]) -> Room:
    from loopchat.chat import rooms

    room = rooms.create(owner, kind="public", name=name, topic=topic)
    for person in crowd.values():
        rooms.join(room.pk, person)
    return room


def _direct(sender: User, receiver: str) -> Room:
    from loopchat.chat import rooms

    return rooms.open_direct(sender, receiver)


def _talk(room: Room, talk: tuple[tuple[str, str], ...], crowd: dict[str, User]) -> None:
    for name, text in talk:
        _say(room, crowd[name], text)


def _say(room: Room, author: User, text: str) -> None:
    from loopchat.chat import messages, rooms

    messages.send(room.pk, rooms.actor(author), cid=uuid4(), body=text)
