"""Delays that grow with each failure, in memory: each worker process counts for itself."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

FREE = 5
LONGEST_S = 15 * 60.0
_FORGET_S = 60 * 60.0
_KEYS_MAX = 50_000


class Delays:
    """After `FREE` failures in a row a key waits 1, 2, 4 … seconds, up to a quarter of an hour."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._tries: OrderedDict[Hashable, tuple[int, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._tries)

    def admit(self, key: Hashable) -> float:
        """0.0 when this try may go on, else the seconds to wait.

        A try counts as a failure until `forgive`, so that many at once cannot slip through.
        """
        now = self._clock()
        with self._lock:
            failures, free_at = self._tries.get(key, (0, now))
            if free_at > now:
                return free_at - now
            if now - free_at > _FORGET_S:
                failures = 0
            self._remember(key, failures + 1, now)
        return 0.0

    def forgive(self, key: Hashable) -> None:
        """The try was right: nothing counts against this key any more."""
        with self._lock:
            self._tries.pop(key, None)

    def _remember(self, key: Hashable, failures: int, now: float) -> None:
        exponent = failures - FREE
        delay = min(2.0 ** min(exponent, 20), LONGEST_S) if exponent >= 0 else 0.0
        self._tries[key] = (failures, now + delay)
        self._tries.move_to_end(key)
        while len(self._tries) > _KEYS_MAX:
            self._tries.popitem(last=False)
