"""What this process hears of the bus: a topic per person and room, for as long as it is wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from loopchat.realtime.bus import Bus
from loopchat.realtime.heights import Heights


class Subscriptions:
    """Comings and goings in their order: a topic that is wanted again is not given up late."""

    def __init__(self, bus: Bus, heights: Heights) -> None:
        self._bus = bus
        self._heights = heights
        self._in_order = asyncio.Lock()

    async def add(self, topics: Iterable[str]) -> None:
        """Hear these topics; returns when the bus confirmed it or is away."""
        async with self._in_order:
            await self._bus.subscribe(list(topics))

    async def drop(self, topic: str, is_wanted: Callable[[], bool]) -> None:
        """Let go of a topic, unless it is wanted again when its turn comes."""
        async with self._in_order:
            if not is_wanted():
                self._heights.forget(topic)
                await self._bus.unsubscribe([topic])
