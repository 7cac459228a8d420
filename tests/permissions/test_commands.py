"""Who may send which command, and open which classic socket: the code's tables against
commands.txt, on a server that runs.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from loopchat.gateway.commands import TABLE
from tests.faults.backstage import Person
from tests.faults.wire import Credentials, Refusal, Socket
from tests.gateway.classic import Page
from tests.gateway.world import World, new_cid, send
from tests.permissions.cast import ACTORS, ANONYMOUS, NOWHERE
from tests.permissions.sitemap import path, socket_addresses
from tests.permissions.table import Row, read

pytestmark = pytest.mark.timeout(300)

_LETTERS = {"not_found": "-", "forbidden": "x"}


@cache
def rows() -> list[Row]:
    return read(Path(__file__).parent / "commands.txt", methods=False)


def test_every_command_has_a_row() -> None:
    named = {row.what for row in rows()}
    for command in [*TABLE, *socket_addresses()]:
        assert command in named, (
            f"{command} has no row: say in tests/permissions/commands.txt who may use it"
        )
    assert named - set(TABLE) - set(socket_addresses()) == set(), "rows about nothing"


@dataclass
class Stage:
    """The cast of the table on a server that runs."""

    world: World
    people: dict[str, Person]
    peer: Person
    newcomer: Person
    rooms: dict[str, tuple[int, int, str]]
    """By place: the room, a message in it and its slug."""
    direct_of_blocked: tuple[int, int, str]
    sockets: dict[str, Socket]

    def words(self, actor: str, place: str) -> dict[str, object]:
        """What stands for `$name`."""
        is_own = (actor, place) == ("blocked", "direct")
        room = self.direct_of_blocked if is_own else self.rooms.get(place, self.rooms["private"])
        return {
            "room": room[0],
            "room_id": room[0],
            "message": room[1],
            "slug": room[2],
            "cid": new_cid(),
            "newcomer": self.newcomer.name,
            "pair": f"{self.people[actor].name}_{self.newcomer.name}",
        }

    async def ask(self, actor: str, row: Row, place: str, **instead: object) -> tuple[str, object]:
        """The letter of the answer, and what was said."""
        words = self.words(actor, place) | instead
        if row.what.startswith("/"):
            return await self._open(actor, path(row.what, words))
        try:
            await self.sockets[actor].ask(row.what, **row.sent(words))
        except Refusal as no:
            shown = (no.code, no.frame["message"], no.frame.get("field"))
            return _LETTERS.get(no.code, "!"), shown
        return "+", None

    async def _open(self, actor: str, address: str) -> tuple[str, object]:
        page = await Page.open(
            self.world, self.people[actor], address.removeprefix("/ws/chat/"), bearer=True
        )
        try:
            # What a client sends that nobody knows is refused when the socket is in the room.
            with contextlib.suppress(ConnectionClosed):
                await page.send(type="nonsense")
            told: dict[str, Any] = await page.until(type="error")
        finally:
            await page.close()
        if told["code"] == "unknown_type":
            return "+", None
        return _LETTERS.get(told["code"], "!"), (told["code"], told["message"])


@pytest.fixture
async def stage(world: World) -> AsyncIterator[Stage]:
    """Everybody in their places, each with a socket."""
    administrator = next(iter(world.by_uid.values()))
    names = [one for one in ACTORS if one not in (ANONYMOUS, "administrator", "guest")]
    made = world.people(len(names) + 2)
    people = dict(zip(names, made, strict=False)) | {"administrator": administrator}
    peer, newcomer = made[-2:]
    async with AsyncExitStack() as stack:

        async def enter(person: Person) -> Socket:
            socket = await Socket.open(world.server.socket_url, person.bearer)
            stack.push_async_callback(socket.close)
            await socket.until("welcome")
            await socket.hello()
            return socket

        rooms: dict[str, int] = {}
        inside = [people[one] for one in ("former", "member", "moderator", "banned", "blocked")]
        for kind in ("private", "public"):
            name = f"{kind} {administrator.uid} {newcomer.uid}"
            rooms[kind] = world.room(people["owner"], *inside, peer, kind=kind, name=name)
            world.change("kick", rooms[kind], people["owner"], person=people["former"].uid)
            world.change("ban", rooms[kind], people["owner"], person=people["banned"].uid)
            changed = {"person": people["moderator"].uid, "role": "moderator"}
            world.change("set_role", rooms[kind], people["owner"], **changed)
        visit = world.backstage.do("guest", room=rooms["private"], by=people["owner"].uid, name="G")
        visit.pop("link")
        people["guest"] = Person(**visit)
        sockets = {name: await enter(person) for name, person in people.items()}
        member, blocked = sockets["member"], sockets["blocked"]
        for socket in (member, blocked):
            opened = await socket.ask("open_direct", username=peer.name)
            rooms["own" if socket is blocked else "direct"] = opened["room"]["room"]
        world.backstage.do(
            "about", verb="block", by=peer.uid, username=people["blocked"].name, on=True
        )
        said = {
            place: (await send(blocked if place == "own" else member, room, "Said here"))["id"]
            for place, room in rooms.items()
        }
        slugs = {
            kind: f"{kind}-{administrator.uid}-{newcomer.uid}" for kind in ("private", "public")
        }
        found = {
            place: (room, said[place], slugs.get(place, "direct")) for place, room in rooms.items()
        }
        own = found.pop("own")
        yield Stage(world, people, peer, newcomer, found, own, sockets)


def cells() -> list[tuple[Row, str, str]]:
    """Each row for each place and everybody who is signed in, in the order of the table."""
    actors = [actor for actor in ACTORS if actor != ANONYMOUS]
    return [(row, place, actor) for row in rows() for place in row.expected for actor in actors]


async def test_it_is_as_the_table_says(stage: Stage) -> None:
    """First all that is refused: it changes nothing, and what is foreign looks like nothing. Then
    what is done.
    """
    wrong: list[str] = []

    async def compare(row: Row, place: str, actor: str) -> object:
        said, (letter, shown) = row.expected[place][actor], await stage.ask(actor, row, place)
        if letter != said:
            wrong.append(f"{row} ({place}): {actor} gets {letter}, should get {said}")
        return shown

    before = stage.world.backstage.do("counts")
    refused = [cell for cell in cells() if cell[0].expected[cell[1]][cell[2]] != "+"]
    for row, place, actor in refused:
        shown = await compare(row, place, actor)
        if place in ("private", "direct") and row.expected[place][actor] == "-":
            none = {"room": NOWHERE, "room_id": NOWHERE, "message": NOWHERE, "slug": "nowhere"}
            _, nothing = await stage.ask(actor, row, place, **none)
            if shown != nothing:
                wrong.append(f"{row} ({place}): {actor} is told {shown}, of none {nothing}")
    assert stage.world.backstage.do("counts") == before
    for cell in cells():
        if cell not in refused:
            await compare(*cell)
    assert wrong == [], "\n".join(wrong)


async def test_nobody_who_is_not_signed_in_is_asked_anything(world: World) -> None:
    """Every socket is closed before its first command."""
    for address in ["/ws/", *(path(pattern, {}) for pattern in socket_addresses())]:
        protocols = ("loopchat.v1",) if address == "/ws/" else None
        url = world.server.socket_url
        async with await Socket.open(
            url, Credentials(), path=address, protocols=protocols
        ) as socket:
            assert await socket.gone() == 4501, address
            assert [one for one in socket.seen if one["type"] not in ("error", "goaway")] == []
    assert {letters[ANONYMOUS] for row in rows() for letters in row.expected.values()} == {"?"}
