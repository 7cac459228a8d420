"""The commands of one socket that wait for an answer."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import Final, NamedTuple

ANSWER_WITHIN: Final = 5.0
"""Seconds after which a command is answered with `timeout`."""


class Waiting(NamedTuple):
    """A command without an answer yet; `room` is set when it writes there."""

    ref: int | None
    room: int | None
    expires: float


class Pending:
    """In the order of arrival. One timer for all of them."""

    __slots__ = ("_commands", "_give_up", "_progress", "_timer", "_tokens")

    def __init__(self, give_up: Callable[[int | None, bool], None]) -> None:
        self._give_up = give_up
        self._commands: dict[int, Waiting] = {}
        self._tokens = itertools.count(1)
        self._timer: asyncio.TimerHandle | None = None
        self._progress: list[asyncio.Future[None]] = []

    @property
    def count(self) -> int:
        """How many wait."""
        return len(self._commands)

    def add(self, ref: int | None, room: int | None) -> int:
        """A command begins; the token that ends it."""
        loop = asyncio.get_running_loop()
        token = next(self._tokens)
        self._commands[token] = Waiting(ref, room, loop.time() + ANSWER_WITHIN)
        if self._timer is None:
            self._timer = loop.call_later(ANSWER_WITHIN, self._expire)
        return token

    def pop(self, token: int) -> Waiting | None:
        """A command ends; None when it was given up before."""
        found = self._commands.pop(token, None)
        if self._progress:
            self._wake()
        return found

    def waits(self, token: int) -> bool:
        """Whether a command is not answered or given up yet."""
        return token in self._commands

    async def below(self, most: int) -> None:
        """Wait until fewer than `most` are pending. The timer bounds it."""
        while self.count >= most:
            await self._next_answer()

    async def written(self, room: int, *, before: int) -> None:
        """Wait until every earlier write to a room is answered."""
        while any(w.room == room and token < before for token, w in self._commands.items()):
            await self._next_answer()

    def clear(self) -> None:
        """The socket is gone: nobody waits any more."""
        self._commands.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._wake()

    def _expire(self) -> None:
        """Give up what is too old; come back when the next one is."""
        loop = asyncio.get_running_loop()
        self._timer = None
        now = loop.time() + 0.001
        for token, waiting in list(self._commands.items()):
            if waiting.expires > now:
                self._timer = loop.call_at(waiting.expires, self._expire)
                break
            del self._commands[token]
            self._give_up(waiting.ref, waiting.room is not None)
        self._wake()

    async def _next_answer(self) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._progress.append(future)
        await future

    def _wake(self) -> None:
        waiters, self._progress = self._progress, []
        for future in waiters:
            if not future.done():
                future.set_result(None)
