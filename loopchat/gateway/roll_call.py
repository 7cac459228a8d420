"""Asking all workers how they are, over the bus. Nothing is stored, and nobody asks: no cost.

Who does not answer within half a second, or speaks of things that this version does not know, is
counted as silent. While the bus is away each worker knows only itself.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from loopchat.realtime import report, ringing
from loopchat.realtime.hub import Hub
from loopchat.realtime.report import Report, Roll

WITHIN: Final = 0.5
"""Seconds for the answers of the others."""

FRESH: Final = 0.9
"""Seconds for which an answer serves others who ask."""


class RollCall:
    """Asks, and answers when another worker asks. `others` is how many of them live."""

    def __init__(
        self,
        hub: Hub,
        *,
        own: Callable[[], Awaitable[Report]],
        others: Callable[[], int],
        online: Callable[[], int],
    ) -> None:
        self._hub = hub
        self._own = own
        self._others = others
        self._online = online
        self._told: dict[str, dict[str, Report]] = {}
        """By the number of the question, then by the worker: a bus may say things twice."""
        self._complete: dict[str, asyncio.Event] = {}
        self._one_at_a_time = asyncio.Lock()
        self._last: Roll | None = None
        self._asked_at = float("-inf")
        hub.on_roll_call = self._hear

    async def ask(self) -> Roll:
        """How everybody is, at most a second ago."""
        async with self._one_at_a_time:
            if self._last is None or time.monotonic() - self._asked_at >= FRESH:
                self._last = await self._ask()
                self._asked_at = time.monotonic()
            return self._last

    async def _ask(self) -> Roll:
        expected = self._others()
        told = await self._gather(expected) if expected and self._hub.bus.healthy else []
        own = await self._own()
        by_age = sorted(told, key=lambda one: (one.started_ts, one.id))
        return Roll([own, *by_age], max(0, expected - len(told)), self._online())

    async def _gather(self, expected: int) -> list[Report]:
        number = secrets.token_hex(8)
        told = self._told[number] = {}
        complete = self._complete[number] = asyncio.Event()
        self._hub.call_workers(ringing.Asked(number))
        try:
            async with asyncio.timeout(WITHIN):
                while len(told) < expected:
                    complete.clear()
                    await complete.wait()
        except TimeoutError:
            pass  # the others are silent
        finally:
            del self._told[number], self._complete[number]
        return list(told.values())

    def _hear(self, rung: ringing.Asked | ringing.Told) -> None:
        if isinstance(rung, ringing.Asked):
            self._hub.tasks.spawn(self._answer(rung.number))
        elif rung.number in self._told:
            try:
                answer = report.decode(rung.data)
            except msgspec.DecodeError:
                return  # another version, in the middle of an upgrade
            self._told[rung.number][answer.id] = answer
            self._complete[rung.number].set()

    async def _answer(self, number: str) -> None:
        own = await self._own()
        self._hub.call_workers(ringing.Told(number, report.encode(own)))
