"""`loopchat demo`: sample people, rooms and history in a folder that is thrown away."""

from __future__ import annotations

import os
import secrets
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import uuid4

if TYPE_CHECKING:
    from loopchat.accounts.models import User
    from loopchat.chat.models import Room

PEOPLE = ("ann", "ben", "chloe", "dmitri", "emre", "fatima")

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
"""In milliseconds."""

A_DAY_SAYS: Final = 4
"""Messages of one day in one room."""

ROOMS = (
    ("General", "Everything that has no room of its own", 9 * MINUTE),
    ("Kitchen", "Recipes, and who washes up", 5 * HOUR),
    ("Release 1.0", "What is still missing", 50 * MINUTE),
)
"""Name, topic, and how long ago the last word was said."""

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
    ("ann", "Do you have the keys to the archive?"),
    ("ben", "On my desk, in the blue tin."),
    ("ann", "Found them, thank you!"),
)

_GIVEN = (
    "DATABASE_URL",
    "DATABASE_URL_FILE",
    "REDIS_URL",
    "REDIS_URL_FILE",
    "WORKERS",
    "SIGNUP",
    "SIGNUP_DOMAINS",
    "EMAIL_URL",
    "EMAIL_URL_FILE",
    "OIDC",
    "OIDC_FILE",
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
    serving.say("Writing sample people, rooms and a few days of history …")
    password = fill()
    serving.announce(host, port)
    serving.say(f"Enter as {', '.join(PEOPLE)} or any other name.")
    serving.say(f"The owner is called owner, with the password {password}")
    return serving.run(host, port)


def fill() -> str:
    """Sample people, rooms and some days of history; the password of the owner."""
    from loopchat.accounts import people

    password = secrets.token_urlsafe(9)
    owner = people.create_owner("owner", password)
    crowd = {name: people.enter(name) for name in PEOPLE}
    for name, topic, ended_ago in ROOMS:
        room = _room(owner, name, topic, crowd)
        _talk(room, TALK[name], crowd)
        _spread(room, ended_ago)
    direct = _direct(crowd["ann"], "ben")
    _talk(direct, DIRECT, crowd)
    _spread(direct, 26 * HOUR)
    _be_there(crowd)
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
    """Whoever answers has read what stands above; the others read it later."""
    from loopchat.chat import cursors, messages, rooms

    for name, text in talk:
        author = rooms.actor(crowd[name])
        room.refresh_from_db()
        cursors.advance({(room.pk, author.id): cursors.Move(author, read=room.head)})
        messages.send(room.pk, author, cid=uuid4(), body=text)


def _spread(room: Room, ended_ago: int) -> None:
    """What was said just now was said over some days: each morning a little, the rest today."""
    from loopchat.chat.models import Message, ReadMark, RoomEvent
    from loopchat.core.clock import now_ms

    end = now_ms() - ended_ago
    ReadMark.objects.filter(room=room).delete()
    said = list(Message.objects.filter(room=room).order_by("-seq"))
    for at, message in enumerate(said):
        days, place = divmod(at, A_DAY_SAYS)
        last = end if days == 0 else _in_the_morning(end, days)
        message.ts = last - place * (3 * MINUTE + at * 11_000)
    Message.objects.bulk_update(said, ["ts"])
    began = said[-1].ts - HOUR
    RoomEvent.objects.filter(room=room).update(ts=began)
    room.created_ts, room.updated_ts = began, said[0].ts
    room.save(update_fields=["created_ts", "updated_ts"])


def _in_the_morning(ts: int, days: int) -> int:
    """About nine o'clock, so many days before a time."""
    day = datetime.fromtimestamp(ts / 1000).astimezone() - timedelta(days=days)
    return int(day.replace(hour=9, minute=ts // MINUTE % 40).timestamp() * 1000)


def _be_there(crowd: dict[str, User]) -> None:
    """Some of them are online for as long as the demonstration lasts, the others were not long ago.

    They sit at a worker of their own, whose lease does not end.
    """
    from django.utils import timezone

    from loopchat.core.clock import now_ms
    from loopchat.realtime import presence_rows
    from loopchat.realtime.models import Present, Worker

    states = {"chloe": Present.State.ONLINE, "emre": Present.State.ONLINE}
    states["dmitri"] = Present.State.AWAY
    presence_rows.register("demo", "demo", 1)
    here = {crowd[name].pk: int(state) for name, state in states.items()}
    presence_rows.write("demo", 2, here, {})
    Worker.objects.filter(id="demo").update(renewed_at=timezone.now() + timedelta(days=365))
    for hours, name in enumerate(("ann", "ben", "fatima"), 1):
        crowd[name].last_seen_ts = now_ms() - hours * HOUR
        crowd[name].save(update_fields=["last_seen_ts"])
