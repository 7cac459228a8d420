"""Each list of the API costs the same number of statements, whatever its length."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, get_origin

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from loopchat.accounts import people, sign_in, tokens
from loopchat.accounts.models import User
from loopchat.api import shapes
from loopchat.bots import founding, incoming
from loopchat.bots.models import Bot, IncomingHook
from loopchat.chat import messages, personal, rooms, seen
from loopchat.chat.models import Membership, Pin, Room
from loopchat.contacts.models import Block, FriendRequest, Friendship
from loopchat.hooks import managing
from loopchat.hooks.models import Delivery, Hook
from loopchat.invitations import links
from tests.api.conftest import Program
from tests.api.test_matrix import ALL

MANY = 60
PINNED = 50
"""More of them a room does not pin."""
HOOKED = 50
"""More hooks a room does not have."""


class Place:
    """Ann, a room of hers, and the means to make any list longer."""

    def __init__(self, ann: Program, room: Room) -> None:
        self.ann = ann
        self.room = room
        self.first = self.say()

    def somebody(self) -> User:
        """Somebody new."""
        return people.create(f"p{uuid.uuid4().hex[:20]}", None)

    def say(self) -> int:
        """One more message of the room."""
        me = rooms.actor(self.ann.user)
        done = messages.send(self.room.pk, me, cid=uuid.uuid4(), body=f"**{uuid.uuid4()}** @ann")
        assert done.id is not None
        return done.id

    def friend(self) -> None:
        """One more friend."""
        Friendship.objects.create(first=self.ann.user, second=self.somebody())

    def ask(self) -> None:
        """One more who wants to be one."""
        FriendRequest.objects.create(sender=self.somebody(), receiver=self.ann.user)

    def block(self) -> None:
        """One more of whom nothing is heard."""
        Block.objects.create(owner=self.ann.user, blocked=self.somebody())

    def member(self) -> User:
        """One more in the room."""
        other = self.somebody()
        rooms.invite(self.room.pk, self.ann.user, [other])
        return other

    def ban(self) -> None:
        """One more who may not come back."""
        rooms.ban(self.room.pk, self.ann.user, self.member())

    def all_read(self) -> None:
        """Everybody has read a new message."""
        self.first = self.say()
        head = Room.objects.get(pk=self.room.pk).head
        for one in Membership.objects.filter(room=self.room).select_related("user"):
            seen.read_up_to(rooms.actor(one.user), self.room.pk, head)

    def pin(self) -> None:
        """One more pin, while there may be more."""
        if Pin.objects.filter(room=self.room).count() < PINNED:
            me = rooms.actor(self.ann.user)
            messages.pin(self.room.pk, me, message_id=self.say(), on=True)

    def save(self) -> None:
        """One more that is kept."""
        personal.save(rooms.actor(self.ann.user), self.room.pk, self.say(), on=True)

    def edit(self) -> None:
        """One more text of the first message."""
        me = rooms.actor(self.ann.user)
        text = str(uuid.uuid4())
        messages.edit(self.room.pk, me, message_id=self.first, body=text)

    def own_room(self) -> None:
        """One more room, with something said in it."""
        made = rooms.create(self.ann.user, kind="private", name="More", people=[self.somebody()])
        me = rooms.actor(self.ann.user)
        messages.send(made.pk, me, cid=uuid.uuid4(), body="Hello")

    def offer(self) -> None:
        """One more room to join."""
        rooms.create(self.somebody(), kind="public", name="Open")

    def token(self) -> None:
        """One more token."""
        tokens.create(self.ann.user)

    def link(self) -> None:
        """One more link."""
        links.make(self.ann.user, room_id=self.room.pk)

    def bot(self) -> None:
        """One more bot."""
        founding.create(self.ann.user, name=f"Post {uuid.uuid4().hex[:8]}")

    def hook(self) -> None:
        """One more address where a bot of hers is told something for the room."""
        bot = Bot.objects.first() or founding.create(self.ann.user, name="Post")
        if IncomingHook.objects.filter(bot=bot).count() < HOOKED:
            incoming.make(self.ann.user, self.room.pk, bot_id=bot.pk)

    def own_bot(self) -> Bot:
        """A bot of hers that is in the room."""
        found = Bot.objects.first()
        if found is None:
            found = founding.create(self.ann.user, name="Post")
            rooms.invite(self.room.pk, self.ann.user, [found.user])
        return found

    def webhook(self) -> Hook:
        """One more address that the bot's program is told at."""
        command = managing.Named(f"c{uuid.uuid4().hex[:12]}")
        wanted = managing.Wanted(url="https://bots.example.org/told", commands=[command])
        return managing.create(self.own_bot(), wanted)[0]

    def delivery(self) -> None:
        """One more line in the log of its first webhook."""
        hook = Hook.objects.first() or self.webhook()
        said = {"kind": "message", "trigger": "room", "created_ts": 1, "due_ts": 1}
        Delivery.objects.create(hook=hook, key=uuid.uuid4(), room=self.room, **said)

    def browser(self) -> None:
        """One more browser."""
        request = HttpRequest()
        request.session = SessionStore()
        sign_in.begin(request, self.ann.user)
        request.session.save()


@pytest.fixture
def place(ann: Program, monkeypatch: pytest.MonkeyPatch) -> Place:
    """An empty room; tests may say as much as they like."""
    monkeypatch.setattr(settings, "RECEIPTS_MAX", 1000)
    monkeypatch.setattr(settings, "BOT_MAKERS", "everybody")
    monkeypatch.setattr(managing, "HOOKS_MAX", 100)
    return Place(ann, rooms.create(ann.user, kind="private", name="Board"))


def uids() -> str:
    """People to look at."""
    return ",".join(
        str(pk) for pk in User.objects.order_by("-pk").values_list("pk", flat=True)[:90]
    )


LISTS: dict[str, tuple[str, Callable[[Place], Any]]] = {
    "GET api/v1/tokens/": ("tokens?limit=100", Place.token),
    "GET api/v1/saves/": ("saves?limit=100", Place.save),
    "GET api/v1/devices/": ("devices", Place.browser),
    "GET api/v1/users/": ("users?limit=100", Place.somebody),
    "GET api/v1/faces/": ("faces?uids={uids}", Place.somebody),
    "GET api/v1/presence/": ("presence?limit=100", Place.friend),
    "GET api/v1/friends/": ("friends?limit=100", Place.friend),
    "GET api/v1/friend-requests/": ("friend-requests?limit=100", Place.ask),
    "GET api/v1/blocks/": ("blocks?limit=100", Place.block),
    "GET api/v1/rooms/": ("rooms?limit=100", Place.own_room),
    "GET api/v1/rooms/public/": ("rooms/public?limit=100", Place.offer),
    "GET api/v1/rooms/<id:room_id>/members/": ("rooms/{room}/members", Place.member),
    "GET api/v1/rooms/<id:room_id>/bans/": ("rooms/{room}/bans?limit=100", Place.ban),
    "GET api/v1/rooms/<id:room_id>/messages/": ("rooms/{room}/messages?limit=100", Place.say),
    "GET api/v1/rooms/<id:room_id>/history/": ("rooms/{room}/history?limit=100", Place.say),
    "GET api/v1/rooms/<id:room_id>/around/": ("rooms/{room}/around?seq=2&limit=100", Place.say),
    "GET api/v1/rooms/<id:room_id>/pins/": ("rooms/{room}/pins", Place.pin),
    "GET api/v1/rooms/<id:room_id>/cursors/": ("rooms/{room}/cursors", Place.member),
    "GET api/v1/rooms/<id:room_id>/incoming-hooks/": ("rooms/{room}/incoming-hooks", Place.hook),
    "GET api/v1/bots/": ("bots", Place.bot),
    "GET api/v1/bots/<id:bot_id>/incoming-hooks/": ("bots/{bot}/incoming-hooks", Place.hook),
    "GET api/v1/bots/<id:bot_id>/webhooks/": ("bots/{bot}/webhooks", Place.webhook),
    "GET api/v1/bots/<id:bot_id>/webhooks/<id:webhook_id>/deliveries/": (
        "bots/{bot}/webhooks/{hook}/deliveries?limit=100",
        Place.delivery,
    ),
    "GET api/v1/rooms/<id:room_id>/commands/": ("rooms/{room}/commands", Place.webhook),
    "GET api/v1/invitations/": ("invitations?limit=100", Place.link),
    "GET api/v1/messages/<id:message_id>/readers/": ("messages/{first}/readers", Place.member),
    "GET api/v1/messages/<id:message_id>/revisions/": ("messages/{first}/revisions", Place.edit),
    "GET api/sessions/": ("/api/sessions/", Place.own_room),
    "GET api/messages/": ("/api/messages/?session_id={room}", Place.say),
}


def asked(place: Place, path: str) -> tuple[int, int]:
    """How many rows were given, for how many statements."""
    if path.endswith("readers"):
        place.all_read()
    bot, hook = (model.objects.values_list("pk", flat=True).first() for model in (Bot, Hook))
    address = path.format(room=place.room.pk, first=place.first, uids=uids(), bot=bot, hook=hook)
    if path == "devices":
        browser = Client(HTTP_HOST="localhost:8000")
        browser.force_login(place.ann.user, backend="loopchat.accounts.backends.PeopleBackend")
        browser.get("/api/v1/me/")
        with CaptureQueriesContext(connection) as queries:
            found = browser.get("/api/v1/devices/").json()
    else:
        place.ann.get("me")  # the use of a token is noted once a minute
        with CaptureQueriesContext(connection) as queries:
            found = place.ann.get(address)
    rows = found
    if isinstance(found, dict):
        rows = found.get("results") or found.get("items") or found.get("read_by")
    return len(rows), len(queries)


@pytest.mark.parametrize("name", LISTS)
def test_it_costs_the_same_whatever_its_length(place: Place, name: str) -> None:
    path, more = LISTS[name]
    more(place)
    few, cheap = asked(place, path)
    for _ in range(MANY - 1):
        more(place)
    many, dear = asked(place, path)
    assert many >= few + 40
    assert dear == cheap


def test_no_list_is_missing() -> None:
    def is_list(shape: Any) -> bool:
        return get_origin(shape) in (shapes.Listed, list) or shape in (
            shapes.HistoryPage,
            shapes.Readers,
        )

    reading = {name for name, (_, _, one) in ALL.items() if name.startswith("GET")}
    assert {name for name in reading if is_list(ALL[name][2].gives)} == set(LISTS)
