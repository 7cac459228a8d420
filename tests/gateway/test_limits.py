"""What one person and one room may do, also when they are many processes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import Settings

from loopchat.accounts import people, rates
from loopchat.accounts.models import User
from loopchat.core.limits import Buckets, Rate
from loopchat.realtime.presence_rosters import Elsewhere
from loopchat.realtime.presence_rows import News
from tests.faults.wire import Refusal, Socket
from tests.gateway.world import World, send
from tests.services import Server

ONLINE = 2


@pytest.fixture
def narrow(database: dict[str, str]) -> Iterator[World]:
    """A server whose rooms take little, and whose people as much as they like."""
    env = {"LOOPCHAT_RATE_SEND": "1000/s:1000", "LOOPCHAT_RATE_COMMAND": "off"}
    env["LOOPCHAT_RATE_ROOM"] = "1/m:5"
    with (
        Server(env=env, **database) as server,  # type: ignore[arg-type]
        World(server) as found,
    ):
        yield found


async def test_a_room_takes_so_many_messages_from_all_together(narrow: World) -> None:
    ann, ben = narrow.people(2)
    room, other = narrow.room(ann, ben), narrow.room(ann, ben)
    sockets = [await Socket.open(narrow.server.socket_url, who.bearer) for who in (ann, ben)]
    for socket in sockets:
        await socket.hello()
    for at in range(5):
        await send(sockets[at % 2], room, "hurry")
    for socket in sockets:
        with pytest.raises(Refusal) as refused:
            await send(socket, room, "one more")
        assert refused.value.code == "rate_limited"
        assert refused.value.retry_after > 0
        await send(socket, other, "elsewhere")
        await socket.close()


async def test_who_is_not_in_a_room_does_not_silence_it(narrow: World) -> None:
    ann, cyd = narrow.people(2)
    room = narrow.room(ann)
    inside, outside = [
        await Socket.open(narrow.server.socket_url, who.bearer) for who in (ann, cyd)
    ]
    for socket in (inside, outside):
        await socket.hello()
    for _ in range(6):
        with pytest.raises(Refusal) as refused:
            await send(outside, room, "nobody hears this")
        assert refused.value.code == "not_found"
    await send(inside, room, "everybody hears this")
    for socket in (inside, outside):
        await socket.close()


def test_who_is_on_three_workers_is_charged_by_each_for_three() -> None:
    elsewhere = Elsewhere()
    assert elsewhere.workers_of(7) == 0
    elsewhere.take({"b": News(1, True, {7: ONLINE}), "c": News(1, True, {7: ONLINE, 8: ONLINE})})
    assert elsewhere.workers_of(7) == 2
    assert elsewhere.workers_of(8) == 1
    elsewhere.take({"c": News(2, False, {7: 0})})
    assert elsewhere.workers_of(7) == 0


@pytest.mark.django_db
def test_nobody_makes_rooms_without_end(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, client: Client
) -> None:
    monkeypatch.setattr(rates, "founds", Buckets(Rate(0.01, 3)))
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    ann: User = people.create_owner("ann", "correct horse battery")
    client.force_login(ann)
    answers = [
        client.post("/chat/rooms/create/", {"name": f"Room {n}"}, HTTP_ACCEPT="application/json")
        for n in range(4)
    ]
    assert [answer.status_code < 400 for answer in answers] == [True, True, True, False]
    assert answers[3].status_code == 429
