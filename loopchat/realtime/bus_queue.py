"""What waits to be published: bounded, oldest dropped first, stale dropped too."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable

from loopchat.core.tally import tally

MESSAGES_MAX = 10_000
BYTES_MAX = 8 * 1024 * 1024
BATCH_MAX = 256
# After an outage longer than this the sweep has told everybody; an old "is typing" would be false.
FRESH_SECONDS = 2.0

Message = tuple[str, bytes]


class Outgoing:
    """Filled on the loop without waiting, emptied by one task in batches."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting: deque[tuple[float, str, bytes]] = deque()
        self._bytes = 0
        self._stirred = asyncio.Event()
        self._closed = False

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, topic: str, data: bytes) -> None:
        """Append a message and drop the oldest ones over the bounds."""
        self._waiting.append((self._clock(), topic, data))
        self._bytes += len(data)
        while len(self._waiting) > MESSAGES_MAX or self._bytes > BYTES_MAX:
            self._drop()
        self._stirred.set()

    async def take(self, patience: float) -> list[Message] | None:
        """The next batch; empty when nothing came for so many seconds; None after the end."""
        if not self._waiting and not self._closed:
            await self._wait(patience)
        if not self._waiting and self._closed:
            return None
        return [self._pop() for _ in range(min(BATCH_MAX, len(self._waiting)))]

    def forget_stale(self) -> None:
        """Drop what has waited for too long to be worth sending."""
        oldest = self._clock() - FRESH_SECONDS
        while self._waiting and self._waiting[0][0] < oldest:
            self._drop()

    def close(self) -> None:
        """Let `take` end when everything is taken."""
        self._closed = True
        self._stirred.set()

    async def _wait(self, patience: float) -> None:
        self._stirred.clear()
        try:
            async with asyncio.timeout(patience):
                await self._stirred.wait()
        except TimeoutError:
            return

    def _drop(self) -> None:
        tally.unsent += 1
        self._pop()

    def _pop(self) -> Message:
        _, topic, data = self._waiting.popleft()
        self._bytes -= len(data)
        return topic, data
