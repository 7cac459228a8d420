"""A server as a stranger meets it: an address, accounts with tokens, and the protocol's page."""

from __future__ import annotations

import itertools
import secrets
import uuid
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self

import pytest

from tests.faults.backstage import Backstage, Person
from tests.faults.wire import Frame, Refusal, Socket
from tests.services import Server

Enter = Callable[..., Awaitable[Socket]]
"""The type of the fixture `enter`."""


class World:
    """One running server; each test makes people and rooms of its own in it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.backstage = Backstage(server)
        self.by_uid: dict[int, Person] = {}
        self._numbers = itertools.count(1)
        self._mark = secrets.token_hex(3)  # several worlds may share a database

    def __enter__(self) -> Self:
        try:
            [self.owner] = self.people(1)  # without whom nobody is let in
        except BaseException:
            self.backstage.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.backstage.close()

    def people(self, number: int) -> list[Person]:
        """So many new people."""
        names = [f"person{next(self._numbers)}-{self._mark}" for _ in range(number)]
        made = self.backstage.people(*names)
        self.by_uid.update({person.uid: person for person in made})
        return made

    def room(self, owner: Person, *members: Person, **fields: str) -> int:
        """A new private room, unless `kind` says otherwise."""
        options = {"kind": "private", **fields}
        name = options.pop("name", f"Room {next(self._numbers)}")
        return self.backstage.room(owner, name, *members, **options)

    def change(self, verb: str, room: int, by: Person, **fields: object) -> object:
        """What moderators do: kick, ban, rename, archive …"""
        return self.backstage.do("change", verb=verb, room=room, by=by.uid, **fields)

    @property
    def tracebacks(self) -> list[str]:
        """What a server must never write, whatever it is sent."""
        return [line for line in self.server.log.splitlines() if "Traceback" in line]


def new_cid() -> str:
    """A fresh id for a message."""
    return str(uuid.uuid4())


async def send(socket: Socket, room: int, text: str, **fields: object) -> Frame:
    """Send a message; the `ok`."""
    fields.setdefault("cid", new_cid())
    return await socket.ask("chat_message", room=room, message=text, **fields)


async def barrier(socket: Socket) -> None:
    """When this returns, everything the server had queued for the socket before has arrived."""
    await socket.say({"type": "ping", "n": 424242})
    await socket.until("pong", n=424242)


async def refusal_of(asked: Awaitable[object], *codes: str) -> Refusal:
    """The refusal of a command: it took no effect, and says so in words."""
    with pytest.raises(Refusal) as refusal:
        await asked
    assert refusal.value.code in codes, refusal.value.frame
    assert refusal.value.definite is True
    assert refusal.value.frame["message"]
    return refusal.value


async def error_of(socket: Socket, raw: str | bytes | Frame, **options: Any) -> Frame:
    """The error that one raw frame gets."""
    await socket.say(raw, **options)
    error = await socket.until("error")
    assert error["definite"] is True
    assert error["message"]
    return error


async def still_served(socket: Socket) -> None:
    """The socket that was refused something goes on."""
    await barrier(socket)
    assert not socket.closed
