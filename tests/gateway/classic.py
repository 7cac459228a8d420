"""A client as the first applications' pages have it: a socket per room, one object a frame."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.faults.backstage import Person
from tests.gateway.world import World

Told = dict[str, Any]
WITHIN = 30.0


class Page:
    """An open page: what it was sent, in order."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.told: list[Told] = []
        self._taken = 0

    @classmethod
    async def open(cls, world: World, person: Person, path: str, *, bearer: bool = False) -> Self:
        """Open a socket as a browser does, with the cookie of who is signed in there."""
        credentials = person.bearer if bearer else person.browser(world.server.url)
        address = world.server.url.replace("http", "ws", 1) + f"/ws/chat/{path}"
        headers = [one for one in credentials.headers() if one[0] != "Origin"]
        origin: Any = credentials.origin
        socket = await connect(address, additional_headers=headers, origin=origin, proxy=None)
        return cls(socket)

    async def send(self, **fields: object) -> None:
        """Send one object."""
        await self._socket.send(json.dumps(fields))

    async def until(self, **wanted: object) -> Told:
        """The next object with these fields that was not taken yet."""
        async with asyncio.timeout(WITHIN):
            while True:
                while self._taken < len(self.told):
                    found = self.told[self._taken]
                    self._taken += 1
                    if all(found.get(name) == value for name, value in wanted.items()):
                        return found
                self.told.append(json.loads(await self._socket.recv()))

    async def until_closed(self) -> int:
        """The code with which the server ends it."""
        async with asyncio.timeout(WITHIN):
            with contextlib.suppress(ConnectionClosed):
                while True:
                    self.told.append(json.loads(await self._socket.recv()))
        return self._socket.close_code or 0

    async def close(self) -> None:
        """Leave the page."""
        await self._socket.close()
