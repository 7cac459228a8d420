"""A bad network between two programs: it delays, stalls, loses, cuts and resets, on command.

It stands before servers, Redis and PostgreSQL alike, because it knows nothing of what it passes on.
It runs in a thread of its own, so that whoever starts a program behind it may wait for that.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import socket
import struct
import threading
from collections.abc import Callable, Coroutine, Sequence
from types import TracebackType
from typing import Any, Final, Self

from tests.services import LOOPBACK

PIECE: Final = 64 * 1024
"""Bytes that are passed on at a time."""

_NO_LINGER: Final = struct.pack("ii", 1, 0)
"""SO_LINGER of zero seconds: closing sends RST."""


class ChaosProxy:
    """Listens on a port of the loopback and passes each connection on to the next target.

    Who is not there is passed over, as a load balancer does. All settings may be changed at any
    time, by any thread; they count for connections that are open and for those that come.
    """

    def __init__(self, *targets: int, seed: object = 0) -> None:
        self.delay = 0.0
        """Seconds that each piece waits at most, towards either side."""
        self.is_deaf = False
        """Whether what the targets say is thrown away: acknowledgements are lost. A connection that
        has lost something is reset when it is healed: TCP goes on as a whole or not at all."""
        self.cut_after: int | None = None
        """Bytes from the target after which a connection is reset."""
        self.cut_when: Callable[[bytes], bool] | None = None
        """Asked about each piece from the client; when true it is passed on, then all is reset."""
        self.accepted = 0
        self.cuts = 0
        self.port = 0
        self._targets: Sequence[int] = targets
        self._turn = itertools.count()
        self._chance = random.Random(f"{seed}/network")
        self._links: set[_Link] = set()
        self._loop = asyncio.new_event_loop()
        self._flowing = asyncio.Event()
        self._thread = threading.Thread(target=self._work, name="chaos proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def stall(self) -> None:
        """Nothing passes, nothing ends: a network that has silently gone."""
        self._loop.call_soon_threadsafe(self._flowing.clear)

    def flow(self) -> None:
        """Everything passes again, what has waited first."""
        self._loop.call_soon_threadsafe(self._flowing.set)

    def reset(self) -> None:
        """RST for both ends of all connections."""
        self._do(self._reset())

    def heal(self) -> None:
        """A good network from now on; what was lost stays lost."""
        self.delay, self.is_deaf, self.cut_after, self.cut_when = 0.0, False, None, None
        self.flow()
        self._do(self._reset(lambda link: link.has_lost))

    @property
    def open_links(self) -> int:
        """How many connections there are."""
        return len(self._links)

    # All of the following runs in the thread of the proxy.

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def _work(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _listen(self) -> None:
        self._flowing.set()
        self._server = await asyncio.start_server(self._accept, LOOPBACK, 0, limit=PIECE)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        self._server.close()
        await self._reset()
        mine = asyncio.current_task()
        rest = [task for task in asyncio.all_tasks() if task is not mine]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await asyncio.sleep(0)  # a turn in which the transports end

    async def _reset(self, which: Callable[[_Link], bool] = lambda link: True) -> None:
        for link in [link for link in self._links if which(link)]:
            link.reset()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        await self._flowing.wait()
        behind = await self._find()
        if behind is None:
            _reset(writer)
            return
        link = _Link(self, (reader, writer), behind)
        self._links.add(link)
        try:
            await link.pass_on()
        finally:
            self._links.discard(link)

    async def _find(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """The next target that is there."""
        first = next(self._turn)
        for at in range(len(self._targets)):
            target = self._targets[(first + at) % len(self._targets)]
            with contextlib.suppress(OSError):
                return await asyncio.open_connection(LOOPBACK, target, limit=PIECE)
        return None

    async def hold_up(self) -> None:
        """Wait as long as a piece has to."""
        await self._flowing.wait()
        if self.delay:
            await asyncio.sleep(self._chance.uniform(0, self.delay))


Side = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class _Link:
    """One connection and the one behind it."""

    def __init__(self, proxy: ChaosProxy, client: Side, target: Side) -> None:
        self._proxy = proxy
        self._client, self._target = client, target
        self._answered = 0
        self.has_lost = False

    async def pass_on(self) -> None:
        """Both ways, until one of them ends: then the other one does too."""
        ways = [asyncio.create_task(way) for way in (self._outward(), self._homeward())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for _, writer in (self._client, self._target):
                writer.close()

    def reset(self) -> None:
        """RST for both ends."""
        self._proxy.cuts += 1
        for _, writer in (self._client, self._target):
            _reset(writer)

    async def _outward(self) -> None:
        with contextlib.suppress(OSError):
            while piece := await self._client[0].read(PIECE):
                await self._proxy.hold_up()
                cut = self._proxy.cut_when is not None and self._proxy.cut_when(piece)
                self._target[1].write(piece)
                await self._target[1].drain()
                if cut:
                    self.reset()
                    return

    async def _homeward(self) -> None:
        with contextlib.suppress(OSError):
            while piece := await self._target[0].read(PIECE):
                await self._proxy.hold_up()
                if self._proxy.is_deaf or self.has_lost:
                    self.has_lost = True
                    continue
                if not self._answer(piece):
                    return
                await self._client[1].drain()

    def _answer(self, piece: bytes) -> bool:
        """Pass a piece on to the client; False when that was the last one."""
        self._answered += len(piece)
        most = self._proxy.cut_after
        if most is None or self._answered <= most:
            self._client[1].write(piece)
            return True
        self._client[1].write(piece[: max(0, len(piece) - (self._answered - most))])
        self.reset()
        return False


def _reset(writer: asyncio.StreamWriter) -> None:
    found = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    writer.transport.abort()
