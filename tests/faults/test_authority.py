"""F06 to F10, G01, G11: whoever loses a right loses it on every open socket, on every worker.

With the bus it is told; without it the next look finds it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
import requests

from tests.faults.backstage import Person
from tests.faults.place import Place
from tests.faults.test_bus import ready
from tests.faults.wire import Credentials, Refusal, Socket
from tests.gateway.world import World, barrier, refusal_of, send
from tests.services import Redis, Server

pytestmark = pytest.mark.timeout(240)

WITHIN = 30.0
"""Seconds: twice what is promised without the bus, because the machine is shared."""
HUNDRED = 100
SIGNED_OUT, DISABLED = 4501, 4503

Act = Callable[[World, Person], object]


def sign_out(world: World, person: Person) -> None:
    """By the page, as people do."""
    name, _, value = person.cookie.partition("=")
    with requests.Session() as browser:
        browser.cookies[name] = value
        browser.headers["Accept"] = "text/html"
        page = browser.get(f"{world.server.url}/chat/settings/", timeout=30).text
        token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
        answer = browser.post(
            f"{world.server.url}/users/logout/",
            {"csrfmiddlewaretoken": token},
            headers={"Origin": world.server.url},
            timeout=30,
        )
        assert answer.status_code == 200


@dataclass(frozen=True, slots=True)
class End:
    """What ends which sockets of a person, and with what code; the others stay."""

    act: Act
    code: int
    browsers: bool = True
    programs: bool = True


ENDS = {
    "F06 sign-out": End(sign_out, SIGNED_OUT, programs=False),
    "F07 another password": End(
        lambda world, who: world.backstage.do("set_password", person=who.uid),
        SIGNED_OUT,
        programs=False,
    ),
    "F08 disabled": End(lambda world, who: world.backstage.do("disable", person=who.uid), DISABLED),
    "F08 deleted": End(
        lambda world, who: world.backstage.do("delete_account", person=who.uid), DISABLED
    ),
    "F10 the row is gone": End(
        lambda world, who: world.backstage.do("end_session", cookie=who.cookie),
        SIGNED_OUT,
        programs=False,
    ),
    "F11 a token is revoked": End(
        lambda world, who: world.backstage.do("revoke_token", token=who.token),
        SIGNED_OUT,
        browsers=False,
    ),
}


@dataclass(slots=True)
class Troupe:
    """Who loses something, with their open sockets."""

    room: int
    owner: Person
    speaker: Socket
    people: dict[str, Person]
    ending: dict[str, list[Socket]]
    staying: list[Socket]
    removed: dict[str, tuple[Person, list[Socket]]]
    lowered: Person
    moderator: Socket


async def everything_ends(place: Place) -> None:
    """All of them at once, with sockets of both kinds on every worker; nothing comes after."""
    async with AsyncExitStack() as stack:
        troupe = await _gathered(place, stack)
        world, room, speaker = place.world, troupe.room, troupe.speaker
        said = await send(speaker, room, "Everybody hears this")
        await _hear(troupe, said["seq"], [s for _, those in troupe.removed.values() for s in those])
        await _hear(troupe, said["seq"], [s for those in troupe.ending.values() for s in those])
        for name, ends in ENDS.items():
            await asyncio.to_thread(ends.act, world, troupe.people[name])
        for verb, (person, _) in troupe.removed.items():
            world.change(verb, room, troupe.owner, person=person.uid)
        world.change("set_role", room, troupe.owner, person=troupe.lowered.uid, role="member")
        at_once = await send(speaker, room, "Said at once")
        pin = troupe.moderator.ask("pin", room=room, id=said["id"], on=True)
        await refusal_of(pin, "forbidden")
        for name, sockets in troupe.ending.items():
            codes = await asyncio.gather(*(socket.gone(WITHIN) for socket in sockets))
            assert set(codes) == {ENDS[name].code}, name
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


async def _gathered(place: Place, stack: AsyncExitStack) -> Troupe:
    """One person for each end, and three who lose something in the room."""
    world = place.world
    owner, kicked, banned, lowered, *those = world.people(4 + len(ENDS))
    people = dict(zip(ENDS, those, strict=True))
    room = world.room(owner, kicked, banned, lowered, *those)
    world.change("set_role", room, owner, person=lowered.uid, role="moderator")
    ending: dict[str, list[Socket]] = {}
    staying: list[Socket] = []
    for name, person in people.items():
        ending[name] = []
        for browser, ends in ((True, ENDS[name].browsers), (False, ENDS[name].programs)):
            opened = await _everywhere(place, person, stack, browser=browser)
            (ending[name] if ends else staying).extend(opened)
    removed = {
        verb: (person, await _everywhere(place, person, stack, browser=True))
        for verb, person in (("kick", kicked), ("ban", banned))
    }
    (speaker, *_), (moderator, *_) = [
        await _everywhere(place, person, stack, browser=False) for person in (owner, lowered)
    ]
    return Troupe(room, owner, speaker, people, ending, staying, removed, lowered, moderator)


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


async def test_rights_end_on_open_sockets(place: Place) -> None:
    """On one worker, or on three with Redis, as the run says."""
    await everything_ends(place)


async def test_rights_end_without_redis(
    three_servers: Sequence[Server], redis_server: Redis
) -> None:
    """F09: on three workers that cannot tell each other."""
    redis_server.kill()
    await ready(three_servers, ["bus"])
    with World(three_servers[0]) as world:
        await everything_ends(Place(three_servers, world, AsyncExitStack()))


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

    racing = asyncio.gather(*(pin(number) for number in range(HUNDRED)))
    ended = place.world.backstage.soon(
        "change", verb="set_role", room=room, by=owner.uid, person=lowered.uid, role="member"
    )
    answers, place_of_end = await asyncio.gather(racing, ended)
    assert {one for one in answers if isinstance(one, str)} <= {"forbidden"}
    assert max(one for one in answers if isinstance(one, int)) < int(place_of_end)
    await refusal_of(moderator.ask("pin", room=room, id=said["id"], on=True), "forbidden")
