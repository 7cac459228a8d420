"""The servers of a test about privacy, their people, and sockets that keep what they are sent."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AsyncExitStack

from tests.faults.backstage import Person
from tests.faults.wire import Frame, Socket
from tests.gateway.world import World
from tests.services import Server


class Recorded(Socket):
    """A socket that keeps the text of everything it is sent, answers too."""

    text = ""

    def _take(self, frame: Frame) -> None:
        self.text += json.dumps(frame, ensure_ascii=False) + "\n"
        super()._take(frame)


class Place:
    """The servers of a test, their people, and the sockets of these, spread over the workers."""

    def __init__(self, servers: Sequence[Server], world: World, stack: AsyncExitStack) -> None:
        self.servers = servers
        self.world = world
        self.sockets: list[Recorded] = []
        self._stack = stack

    async def enter(self, who: Person, cursors: dict[int, int] | None = None) -> Recorded:
        """One more socket of somebody, on the next worker."""
        server = self.servers[len(self.sockets) % len(self.servers)]
        socket = await Recorded.open(server.socket_url, who.bearer)
        self._stack.push_async_callback(socket.close)
        self.sockets.append(socket)
        await socket.until("welcome")
        await socket.hello(cursors)
        return socket

    async def settled(self, who: Person, *sockets: Socket) -> None:
        """What has changed about somebody has been taken in by these sockets of theirs."""
        room = self.world.room(who)
        for socket in sockets:
            await socket.until("room_added", room=room)


async def has(socket: Socket, kind: str, **fields: object) -> None:
    """Wait until the socket has been sent this, be it before or from now on."""
    if not socket.of(kind, **fields):
        await socket.until(kind, **fields)
