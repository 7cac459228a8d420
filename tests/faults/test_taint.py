"""Fifty people in private conversations: nobody is sent a byte of what is not theirs."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from urllib.error import HTTPError
from urllib.request import Request

import pytest

from tests.faults.backstage import Person
from tests.faults.place import Place, Recorded, has
from tests.faults.wire import Socket
from tests.gateway.world import send
from tests.services import Server, direct

pytestmark = pytest.mark.timeout(240)

CROWD = 50
PAGES = ("/chat/", "/chat/friends/", "/chat/people/directory/", "/chat/rooms/find/?q=")
API = ("rooms/", "rooms/public/", "saves/", "friend-requests/", "preferences/", "presence/")
OF_A_ROOM = ("rooms/{}/messages/", "rooms/{}/members/", "rooms/{}/pins/")


class Secrets:
    """Words that nobody could guess, and who may be sent each."""

    def __init__(self) -> None:
        self.allowed: dict[str, set[int]] = {}

    def of(self, *people: Person) -> str:
        """A new one."""
        word = f"secret{secrets.token_hex(8)}"
        self.allowed[word] = {person.uid for person in people}
        return word

    def leaks(self, sent: dict[Person, str]) -> list[tuple[str, str]]:
        """Who was sent what they should not know. Each word has to have gone out to somebody."""
        assert {word for text in sent.values() for word in self.allowed if word in text} == set(
            self.allowed
        )
        return [
            (person.name, word)
            for person, text in sent.items()
            for word, those in self.allowed.items()
            if person.uid not in those and word in text
        ]


Crews = dict[int, list[Person]]
"""Private rooms, and who is in each."""


async def test_fifty_people_hear_only_what_is_theirs(
    place: Place, servers: Sequence[Server]
) -> None:
    """G05: every byte that was sent to one is searched for the secrets of all others."""
    people, hidden = place.world.people(CROWD), Secrets()
    sockets = dict(zip(people, await asyncio.gather(*map(place.enter, people)), strict=True))
    crews: Crews = {}
    for at in range(0, CROWD, 5):
        crew = people[at : at + 5]
        crews[place.world.room(crew[0], *crew[1:], name=hidden.of(*crew))] = crew
    await _everybody_has(sockets, crews, "room_added")
    await asyncio.gather(
        *(
            _talk(sockets[person], people[at:] + people[:at], hidden, crews)
            for at, person in enumerate(people)
        )
    )
    last = {r: await send(sockets[c[0]], r, hidden.of(*c)) for r, c in crews.items()}
    await _everybody_has(sockets, crews, "chat_message", {r: m["seq"] for r, m in last.items()})
    later = await asyncio.gather(*map(place.enter, people))
    for second in later:
        await second.ask("saves")
        await second.ask("find_people", text="")
    texts = zip(people, sockets.values(), later, strict=True)
    sent = {person: first.text + second.text for person, first, second in texts}
    for person in people:
        sent[person] += await asyncio.to_thread(_pages, servers[0], person, list(crews))
    assert hidden.leaks(sent) == []


async def _talk(socket: Socket, around: Sequence[Person], hidden: Secrets, crews: Crews) -> None:
    """Everything private that somebody does, with the people after them in a circle."""
    me, peer, friend, foe = around[:4]
    room = (await socket.ask("open_direct", username=peer.name))["room"]["room"]
    said = await send(socket, room, hidden.of(me, peer))
    await socket.ask("react", room=room, id=said["id"], emoji="👍", on=True)
    await socket.ask("save", room=room, id=said["id"], on=True)
    await socket.ask("draft", room=room, message=hidden.of(me))
    note = hidden.of(me, friend)
    await socket.ask("friend", username=friend.name, action="request", note=note)
    await socket.ask("preferences", client={"own": hidden.of(me)})
    await socket.ask("block", username=foe.name, on=True)
    for own, crew in crews.items():
        if me in crew:
            said = await send(socket, own, f"@{crew[0].name} {hidden.of(*crew)}")
            await socket.ask("edit", room=own, id=said["id"], message=hidden.of(*crew))
            await socket.ask("typing", room=own, is_typing=True)
            await socket.ask("open", room=own)


async def _everybody_has(
    sockets: dict[Person, Recorded], crews: Crews, kind: str, seqs: dict[int, int] | None = None
) -> None:
    for room, crew in crews.items():
        fields = {"room": room} | ({"seq": seqs[room]} if seqs else {})
        for person in crew:
            await has(sockets[person], kind, **fields)


def _pages(server: Server, person: Person, rooms: Sequence[int]) -> str:
    """What pages and the API show, also of two rooms of which at least one is not theirs."""
    asked = [person.uid % len(rooms), (person.uid + 1) % len(rooms)]
    of_rooms = [f"/chat/group/{rooms[at]}/" for at in asked]
    of_rooms += [f"/api/v1/{path.format(rooms[at])}" for at in asked for path in OF_A_ROOM]
    paths = [*PAGES, *(f"/api/v1/{path}" for path in API), *of_rooms]
    return "".join(_page(server, person, path) for path in paths)


def _page(server: Server, person: Person, path: str) -> str:
    """The body, of a refusal too."""
    token = {"Authorization": f"Bearer {person.token}"}
    headers = token if path.startswith("/api/") else {"Cookie": person.cookie}
    request = Request(f"{server.url}{path}", headers=headers)
    try:
        with direct.open(request, timeout=30) as answer:
            return str(answer.read().decode())
    except HTTPError as refused:
        with refused:
            if refused.code != 404:
                raise
            return refused.read().decode()
