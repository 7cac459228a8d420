"""F06 to F10, G01, G10, G11: whoever loses a right loses it on every open socket, on every worker.

Two things see to it, and each is tested without the other, because no test can measure two seconds
on a machine that stalls: the doorbell, which is told at once, on servers that never look; and the
look at the database, every five seconds, where nobody tells anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from loopchat.realtime import sweep
from tests.backends import POSTGRES
from tests.faults.backstage import Person
from tests.faults.broken_server import WHAT
from tests.faults.chaos_server import SHARE
from tests.faults.conftest import THREE
from tests.faults.endings import BEHIND_THEIR_BACKS, BY_PAGES, End, Victim, Way
from tests.faults.lab import UNLIMITED
from tests.faults.place import Place
from tests.faults.test_broken import BrokenServer
from tests.faults.test_bus import ready
from tests.faults.wire import Credentials, Refusal, Socket
from tests.gateway.world import World, barrier, refusal_of, send
from tests.services import Redis, Server

pytestmark = pytest.mark.timeout(240)

WITHIN = 30.0
"""Seconds until a test gives up. It proves which way the news came, not how long it took."""
PROMISED = 10.0
"""Seconds that docs/security.md promises for what nobody tells."""
HUNDRED = 100


@dataclass(slots=True)
class Troupe:
    """Who loses something, with their open sockets."""

    room: int
    speaker: Socket
    victims: dict[str, Victim]
    ending: dict[str, list[Socket]]
    staying: list[Socket]
    removed: dict[str, tuple[Person, list[Socket]]]
    lowered: Person
    moderator: Socket


async def everything_ends(place: Place, way: Way) -> None:
    """All of them at once, with sockets of both kinds on every worker; nothing comes after."""
    async with AsyncExitStack() as stack:
        troupe = await _gathered(place, way.ends, stack)
        world, room, speaker = place.world, troupe.room, troupe.speaker
        said = await send(speaker, room, "Everybody hears this")
        await _hear(troupe, said["seq"], [s for _, those in troupe.removed.values() for s in those])
        await _hear(troupe, said["seq"], [s for those in troupe.ending.values() for s in those])
        for name, end in way.ends.items():
            await asyncio.to_thread(end.act, world, troupe.victims[name])
        for verb, (person, _) in troupe.removed.items():
            await asyncio.to_thread(way.remove, world, room, verb, person)
        await asyncio.to_thread(way.lower, world, room, troupe.lowered)
        at_once = await send(speaker, room, "Said at once")
        pin = troupe.moderator.ask("pin", room=room, id=said["id"], on=True)
        await refusal_of(pin, "forbidden")
        for name, sockets in troupe.ending.items():
            codes = await asyncio.gather(*(socket.gone(WITHIN) for socket in sockets))
            assert set(codes) == {way.ends[name].code}, name
        after = await send(speaker, room, "Said after all has ended")
        await _hear(troupe, after["seq"], troupe.staying)
        for sockets in troupe.ending.values():
            assert [s for s in sockets if s.of("chat_message", seq=after["seq"])] == []
        for _, sockets in troupe.removed.values():
            for socket in sockets:
                await _is_out(socket, room, at_once["seq"])


async def _hear(troupe: Troupe, seq: int, sockets: Sequence[Socket]) -> None:
    for socket in sockets:
        await socket.until("chat_message", room=troupe.room, seq=seq, within=WITHIN)


async def _is_out(socket: Socket, room: int, seq: int) -> None:
    """Nothing of the room came after the removal: there is no moment in which it could."""
    await socket.until("room_removed", room=room, within=WITHIN)
    await barrier(socket)
    assert [one for one in socket.of("chat_message", room=room) if one["seq"] >= seq] == []
    await refusal_of(socket.ask("history", room=room), "not_found")


async def _gathered(place: Place, ends: Mapping[str, End], stack: AsyncExitStack) -> Troupe:
    """One person for each end, and three who lose something in the room."""
    world = place.world
    kicked, banned, lowered, *those = world.people(3 + len(ends))
    room = world.room(world.owner, kicked, banned, lowered, *those)
    world.change("set_role", room, world.owner, person=lowered.uid, role="moderator")
    victims = {
        name: _guest(world, room, f"guest {person.name}")
        if ends[name].is_guest
        else Victim.of(world, person)
        for name, person in zip(ends, those, strict=True)
    }
    ending: dict[str, list[Socket]] = {name: [] for name in ends}
    staying: list[Socket] = []
    for name, victim in victims.items():
        for browser, goes in ((True, ends[name].browsers), (False, ends[name].programs)):
            opened = await _everywhere(place, victim.person, stack, browser=browser)
            (ending[name] if goes else staying).extend(opened)
    removed = {
        verb: (person, await _everywhere(place, person, stack, browser=True))
        for verb, person in (("kick", kicked), ("ban", banned))
    }
    (speaker, *_), (moderator, *_) = [
        await _everywhere(place, person, stack, browser=False) for person in (world.owner, lowered)
    ]
    return Troupe(room, speaker, victims, ending, staying, removed, lowered, moderator)


def _guest(world: World, room: int, name: str) -> Victim:
    made = world.backstage.do("guest", room=room, by=world.owner.uid, name=name)
    link = made.pop("link")
    return Victim(Person(**made), desk="", step=0, link=link)


async def _everywhere(
    place: Place, person: Person, stack: AsyncExitStack, *, browser: bool
) -> list[Socket]:
    """A socket on each worker."""
    sockets = []
    for server in place.servers:
        who: Credentials = person.browser(server.url) if browser else person.bearer
        socket = await stack.enter_async_context(await Socket.open(server.socket_url, who))
        await socket.until("welcome", within=WITHIN)
        await socket.hello()
        sockets.append(socket)
    return sockets


@pytest.fixture
def listeners(request: pytest.FixtureRequest, backend: str) -> Iterator[list[Server]]:
    """One server, or three, that hear what they are told and never look at the database."""
    options: dict[str, Any] = {"env": {**UNLIMITED, WHAT: "only_hears", SHARE: "0"}}
    if backend == POSTGRES:
        options["database_url"] = request.getfixturevalue("postgres_url")
        options["redis_url"] = request.getfixturevalue("redis_url")
    with ExitStack() as running:
        number = THREE if backend == POSTGRES else 1
        yield [running.enter_context(BrokenServer(**options)) for _ in range(number)]


async def test_the_doorbell_alone_ends_them(listeners: Sequence[Server]) -> None:
    """What is promised within two seconds: it is told, on one worker and between three."""
    with World(listeners[0]) as world:
        await everything_ends(Place(listeners, world, AsyncExitStack()), BY_PAGES)


async def test_the_look_at_the_database_alone_ends_them(place: Place) -> None:
    """What is promised within ten: another process has changed the data, and rings nowhere."""
    assert sweep.LOGIN_CHECK + sweep.IN_ONE_PROCESS <= PROMISED
    await everything_ends(place, BEHIND_THEIR_BACKS)


async def test_rights_end_without_redis(
    three_servers: Sequence[Server], redis_server: Redis
) -> None:
    """F09: on three workers that cannot tell each other."""
    redis_server.kill()
    await ready(three_servers, ["bus"])
    with World(three_servers[0]) as world:
        await everything_ends(Place(three_servers, world, AsyncExitStack()), BY_PAGES)


async def test_a_role_ends_at_its_place_in_the_log(place: Place) -> None:
    """G11: of a hundred pins that race with the end of the role, none stands behind it."""
    owner, lowered = place.world.people(2)
    room = place.world.room(owner, lowered)
    place.world.change("set_role", room, owner, person=lowered.uid, role="moderator")
    speaker, moderator = await place.enter(owner), await place.enter(lowered)
    said = await send(speaker, room, "To be pinned")

    async def pin(number: int) -> int | str:
        try:
            asked = moderator.ask("pin", room=room, id=said["id"], on=number % 2 == 0)
            return int((await asked).get("seq", 0))
        except Refusal as no:
            return no.code

    before = await pin(0)
    racing = asyncio.gather(*(pin(number) for number in range(1, HUNDRED)))
    ended = place.world.backstage.soon(
        "change", verb="set_role", room=room, by=owner.uid, person=lowered.uid, role="member"
    )
    answers, place_of_end = await asyncio.gather(racing, ended)
    assert {one for one in answers if isinstance(one, str)} <= {"forbidden"}
    stored = [one for one in (before, *answers) if isinstance(one, int)]
    assert 0 < max(stored) < int(place_of_end)
    await refusal_of(moderator.ask("pin", room=room, id=said["id"], on=True), "forbidden")
