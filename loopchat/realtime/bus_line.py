"""A line to the broker: a session that is begun again whenever it breaks, and says so sparingly."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable

from loopchat.core.rarely import Rarely

PAUSE_MAX = 2.0
_PAUSE_FIRST = 0.1

_log = logging.getLogger(__name__)


class Notices:
    """One log line a minute while the broker is away, and one when it is back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._rarely = Rarely(clock=clock)
        self._told = False

    def away(self, reason: str) -> None:
        """Say that it is away, unless that was said within the minute."""
        if self._rarely():
            self._told = True
            _log.warning("The bus is away, workers find what is new by reading: %s", reason)

    def back(self) -> None:
        """Say that it is back, if somebody was told that it is away."""
        if self._told:
            self._told = False
            _log.info("The bus is back")


class Line:
    """Keeps one session going for as long as it is run."""

    def __init__(self, up: Callable[[], None], down: Callable[[str], None]) -> None:
        self.up = False
        self.tried = asyncio.Event()
        self._on_up = up
        self._on_down = down
        self._failures = 0

    async def run(self, session: Callable[[], Awaitable[None]]) -> None:
        """Run sessions one after the other until one ends by itself."""
        while True:
            try:
                return await session()
            except Exception as error:  # noqa: BLE001 - whatever it was, a new session is the remedy
                self._went_down(error)
            await asyncio.sleep(self._pause())

    def came_up(self) -> None:
        """Called by the session as soon as it works."""
        self.up = True
        self._failures = 0
        self.tried.set()
        self._on_up()

    def _went_down(self, error: Exception) -> None:
        self.up = False
        self.tried.set()
        _log.debug("A session with the broker has ended", exc_info=error)
        self._on_down(_reason(error))

    def _pause(self) -> float:
        """Seconds: longer with each failure, and not the same for all workers."""
        longest = min(PAUSE_MAX, _PAUSE_FIRST * 2 ** min(self._failures, 10))
        self._failures += 1
        return random.uniform(longest / 4, longest)  # noqa: S311 - no secret


def _reason(error: BaseException) -> str:
    """Of several tasks that ended together the first was the cause."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error) or type(error).__name__
