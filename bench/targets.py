"""What must be reached, and what would be a dream: one server process on one core, all stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

TIMES = "×"  # noqa: RUF001

Verdict = Literal["dream", "must", "missed", "not measured"]


@dataclass(frozen=True, slots=True)
class Target:
    """One figure: `at_most` says which side is good."""

    key: str
    label: str
    unit: str
    must: float
    dream: float
    at_most: bool

    def verdict(self, value: float | None) -> Verdict:
        """How far a measured value came."""
        if value is None:
            return "not measured"
        for name, bound in (("dream", self.dream), ("must", self.must)):
            if (value <= bound) if self.at_most else (value >= bound):
                return "dream" if name == "dream" else "must"
        return "missed"


def _most(key: str, label: str, unit: str, must: float, dream: float) -> Target:
    return Target(key, label, unit, must, dream, at_most=True)


def _least(key: str, label: str, unit: str, must: float, dream: float) -> Target:
    return Target(key, label, unit, must, dream, at_most=False)


TARGETS = (
    _most("cpu_us", "CPU per delivery, open loop", "µs", 15, 10),
    _most("p99_ms", "deliver p99, same work", "ms", 15, 5),
    _least("saturated", "saturated deliveries/s", "/s", 400_000, 1_000_000),
    _most("over_kernel", "CPU against the kernel's own write", TIMES, 3, 2),
    _least("over_channels", "against Channels + channels_redis + Daphne", TIMES, 80, 250),
    _least("over_ejabberd", "against ejabberd", TIMES, 8, 30),
    _least("durable", "durable acknowledged sends/s, SQLite", "/s", 4000, 8000),
    _least("durable_postgres", "durable acknowledged sends/s, PostgreSQL", "/s", 3000, 8000),
    _most("memory_kib", "memory per idle socket in 20 rooms", "KiB", 40, 25),
    _most("city_live_s", "10,000 come back, until all are live", "s", 20, 10),
    _most("history_ms", "history page of a room of 1,000,000, p99", "ms", 20, 5),
    _most("history_rest_ms", "the same page over REST, p99", "ms", 20, 10),
    _most("return_ms", "hello → ready, 300 rooms, 200,000 missed, p99", "ms", 300, 100),
    _most("beside_slow", "p99 beside 200 who do not read, against without", TIMES, 2, 1),
    _most("start_s", "start to first served request", "s", 3, 1),
)


@dataclass(frozen=True, slots=True)
class Judged:
    """A target and what was measured."""

    target: Target
    value: float | None
    verdict: Verdict


def judge(measured: Mapping[str, float | None]) -> list[Judged]:
    """Every target beside its measured value."""
    return [
        Judged(target, value := measured.get(target.key), target.verdict(value))
        for target in TARGETS
    ]
