"""What is said on the two connections to a publish-and-subscribe server, from hello to break."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

from loopchat.realtime.bus_line import Line
from loopchat.realtime.bus_queue import Outgoing

PUBLISH_SECONDS = 1.0
SILENT_BEATS_MAX = 3
CHANNELS_PER_COMMAND = 500
_READS_PER_TURN = 256

Command = tuple[str | bytes, ...]


class Wire(Protocol):
    """One connection. Its methods raise OSError (or TimeoutError) when it is of no more use."""

    async def send(self, commands: Iterable[Command]) -> None:
        """Write these commands; nothing of another `send` comes between or before them."""

    async def read(self) -> object:
        """The next reply: bytes, a number or a list."""

    async def close(self) -> None:
        """Give it up."""


Dial = Callable[[], Awaitable[Wire]]


class Listener:
    """The connection that subscribes. The server confirms in the order in which it was asked."""

    def __init__(
        self, dial: Dial, hear: Callable[[bytes, bytes], None], line: Line, beat: float
    ) -> None:
        self._dial = dial
        self._hear = hear
        self._line = line
        self._beat = beat
        self._wire: Wire | None = None
        self._asked: deque[_Asked] = deque()
        self._silent_beats = 0

    async def session(self, channels: Callable[[], list[str]]) -> None:
        """One connection from its beginning, with these channels, until it breaks."""
        wire = self._wire = await self._dial()
        self._silent_beats = 0
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._read(wire))
                group.create_task(self._ping(wire))
                group.create_task(self._begin(channels()))
        finally:
            self._wire = None
            while self._asked:
                self._asked.popleft().answered.set()
            await wire.close()

    async def tell(self, verb: str, channels: list[str]) -> None:
        """Send a command and wait for its confirmation, or for the end of the connection."""
        asked: _Asked | None = None
        for start in range(0, len(channels), CHANNELS_PER_COMMAND):
            if self._wire is None:
                return
            batch = channels[start : start + CHANNELS_PER_COMMAND]
            asked = _Asked(len(batch))
            self._asked.append(asked)
            with contextlib.suppress(OSError):  # the session ends, and with it the waiting
                await self._wire.send([(verb, *batch)])
        if asked is not None:
            await asked.answered.wait()

    async def _begin(self, channels: list[str]) -> None:
        await self.tell("SUBSCRIBE", channels)
        self._line.came_up()

    async def _read(self, wire: Wire) -> None:
        reads = 0
        while True:
            reply = await wire.read()
            self._silent_beats = 0
            self._take(reply)
            reads += 1
            if reads % _READS_PER_TURN == 0:
                await asyncio.sleep(0)  # a flood of messages must leave the loop to others too

    def _take(self, reply: object) -> None:
        if not isinstance(reply, list) or not reply:
            return
        if reply[0] == b"message":
            self._hear(reply[1], reply[2])
        elif reply[0] in (b"subscribe", b"unsubscribe") and self._asked:
            self._asked[0].missing -= 1
            if self._asked[0].missing == 0:
                self._asked.popleft().answered.set()

    async def _ping(self, wire: Wire) -> None:
        """Beats are counted rather than seconds: a busy loop of ours is no fault of the server."""
        while self._silent_beats < SILENT_BEATS_MAX:
            self._silent_beats += 1
            await wire.send([("PING",)])
            await asyncio.sleep(self._beat)
        raise TimeoutError("the server has stopped answering")


class Speaker:
    """The connection that publishes: batches from the queue, a ping when there are none.

    It reads all the time, so that a broken connection is known before the next batch is lost on it.
    """

    def __init__(self, dial: Dial, queue: Outgoing, line: Line, beat: float) -> None:
        self._dial = dial
        self._queue = queue
        self._line = line
        self._beat = beat
        self._unanswered = 0
        self._answered = asyncio.Event()

    async def session(self) -> None:
        """One connection from its beginning until it breaks or the queue is closed and empty."""
        wire = await self._dial()
        self._queue.forget_stale()
        self._line.came_up()
        tasks = [asyncio.create_task(self._read(wire)), asyncio.create_task(self._write(wire))]
        try:
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await wire.close()

    async def _write(self, wire: Wire) -> None:
        while (batch := await self._queue.take(self._beat)) is not None:
            commands: list[Command] = [("PUBLISH", *message) for message in batch] or [("PING",)]
            self._unanswered = len(commands)
            self._answered.clear()
            async with asyncio.timeout(PUBLISH_SECONDS):
                await wire.send(commands)
                await self._answered.wait()

    async def _read(self, wire: Wire) -> None:
        while True:
            await wire.read()
            self._unanswered -= 1
            if self._unanswered <= 0:
                self._answered.set()


class _Asked:
    """A command and how many of its channels are not yet confirmed."""

    __slots__ = ("answered", "missing")

    def __init__(self, missing: int) -> None:
        self.missing = missing
        self.answered = asyncio.Event()
