"""How often something may happen: a rate with bursts, for one caller or for many by key."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock

from loopchat.core.errors import Refused

Clock = Callable[[], float]

KEYS_MAX = 100_000

_RATE = re.compile(r"(\d{1,7}(?:\.\d{1,6})?)/([smh])(?::(\d{1,7}))?", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_SWEEP_AT = 1024
_ROUNDING = 1e-6  # seconds; the sum of a burst's steps is not exactly the burst


@dataclass(frozen=True, slots=True)
class Rate:
    """So many a second over time, and at most `burst` at once."""

    per_second: float
    burst: int

    def __post_init__(self) -> None:
        if not self.per_second > 0 or self.burst < 1:
            raise ValueError("a rate and its burst are greater than zero")


def parse_rate(text: str) -> Rate | None:
    """`5/s:20` is five a second with bursts of twenty (also `/m`, `/h`); `off` is None."""
    if text.strip().lower() == "off":
        return None
    match = _RATE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no rate: write for example 5/s:20, 30/m:10 or off")
    number, unit, burst = match.groups()
    if float(number) == 0 or (burst is not None and int(burst) == 0):
        raise ValueError(f"{text!r} would never allow anything: use numbers above 0, or off")
    return Rate(float(number) / _SECONDS[unit], int(burst or max(1.0, float(number))))


def in_ms(wait: float) -> int:
    """Seconds to wait as `retry_after_ms`: never a moment too early."""
    return int(wait * 1000) + 1


def refuse_often(wait: float) -> None:
    """Refuse what was done often enough; `wait` as `take` answers it, 0 for what is granted."""
    if wait > 0:
        raise Refused("rate_limited", "That is too often.", retry_after_ms=in_ms(wait))


def refuse_fast(wait: float) -> None:
    """The same for what comes one after the other, as from a program."""
    if wait > 0:
        raise Refused("rate_limited", "That is too fast.", retry_after_ms=in_ms(wait))


class TokenBucket:
    """One caller's allowance. It holds one number: the time at which it is full again."""

    __slots__ = ("_clock", "_full_at", "_rate")

    def __init__(self, rate: Rate, clock: Clock = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._full_at = 0.0

    def take(self, cost: int = 1) -> float:
        """0.0 when granted, else the seconds to wait (nothing is taken then).

        A cost above the burst is granted when the bucket is full.
        """
        wait, self._full_at = _take(self._rate, self._full_at, self._clock(), cost)
        return wait


class Buckets:
    """A bucket for each key, for any thread. Full ones are forgotten: memory follows those in use.

    Without a rate everything is granted. Above `KEYS_MAX` the longest known are forgotten too.
    """

    __slots__ = ("_clock", "_full_at", "_lock", "_rate", "_sweep_at")

    def __init__(self, rate: Rate | None, clock: Clock = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._full_at: dict[Hashable, float] = {}
        self._lock = Lock()
        self._sweep_at = _SWEEP_AT

    def __len__(self) -> int:
        return len(self._full_at)

    def take(self, key: Hashable, cost: int = 1) -> float:
        """As `TokenBucket.take`, from the bucket of this key."""
        if self._rate is None:
            return 0.0
        with self._lock:
            now = self._clock()
            if len(self._full_at) >= self._sweep_at:
                self._forget_full(now)
            wait, self._full_at[key] = _take(self._rate, self._full_at.get(key, 0.0), now, cost)
        return wait

    def _forget_full(self, now: float) -> None:
        kept = [(key, full_at) for key, full_at in self._full_at.items() if full_at > now]
        self._full_at = dict(kept[-(KEYS_MAX // 2) :])
        self._sweep_at = max(_SWEEP_AT, min(2 * len(self._full_at), KEYS_MAX))


def _take(rate: Rate, full_at: float, now: float, cost: int) -> tuple[float, float]:
    """The seconds to wait, and when the bucket is full after it."""
    after = max(full_at, now) + min(cost, rate.burst) / rate.per_second
    wait = after - rate.burst / rate.per_second - now
    return (wait, full_at) if wait > _ROUNDING else (0.0, after)
