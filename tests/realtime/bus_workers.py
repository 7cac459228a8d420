"""A worker as a bus sees it, for tests: remembers what it heard and can be waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from loopchat.realtime.bus import Bus

LIMIT = 30.0  # seconds after which a test gives up


class Worker:
    """One end of a bus."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.heard: list[tuple[str, bytes]] = []
        self.losses = 0
        self.refuses: set[bytes] = set()
        self._stirred = asyncio.Event()

    async def start(self, *topics: str) -> Worker:
        await self.bus.start(self._receive, self._lose)
        await self.bus.subscribe(topics)
        return self

    async def until_heard(self, topic: str, payload: bytes) -> None:
        """Wait for this message; whatever came before it was heard before it."""
        await self._until(lambda: (topic, payload) in self.heard)

    async def until_lost(self, times: int = 1) -> None:
        """Wait until it was told of so many losses."""
        await self._until(lambda: self.losses >= times)

    async def until_healthy(self, healthy: bool = True) -> None:
        """Wait until the bus says that it is well, or that it is not."""
        async with asyncio.timeout(LIMIT):
            while self.bus.healthy is not healthy:  # noqa: ASYNC110 - it is asked for, not told
                await asyncio.sleep(0.005)

    def payloads(self, topic: str) -> list[bytes]:
        """What was heard on one topic, in order."""
        return [payload for heard_on, payload in self.heard if heard_on == topic]

    async def _until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(LIMIT):
            while not condition():
                self._stirred.clear()
                await self._stirred.wait()

    def _receive(self, topic: str, payload: bytes) -> None:
        self.heard.append((topic, payload))
        self._stirred.set()
        if payload in self.refuses:
            raise LookupError("a bug in the receiver")

    def _lose(self) -> None:
        self.losses += 1
        self._stirred.set()
