"""Events for one reader, in the order in which they came."""

from __future__ import annotations

import asyncio
from typing import Self

import msgspec


class Happening:
    """To be iterated. It begins where it was made, not where it is first read."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[msgspec.Struct | None] = asyncio.Queue()
        self._is_over = False

    def put(self, event: msgspec.Struct | None) -> None:
        """One more; None is the end."""
        self._queue.put_nowait(event)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> msgspec.Struct:
        event = None if self._is_over else await self._queue.get()
        if event is None:
            self._is_over = True
            raise StopAsyncIteration
        return event
