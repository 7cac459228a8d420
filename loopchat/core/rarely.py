"""What goes on for long is said now and then, not each time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

QUIET: Final = 60.0
"""Seconds between two lines of the log about the same."""


class Rarely:
    """`if rarely(): logger.error(…)` says a thing at most once a minute."""

    __slots__ = ("_clock", "_quiet_until", "_seconds")

    def __init__(self, seconds: float = QUIET, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._quiet_until = float("-inf")

    def __call__(self) -> bool:
        """Whether it is time to say it again."""
        now = self._clock()
        if now < self._quiet_until:
            return False
        self._quiet_until = now + self._seconds
        return True
