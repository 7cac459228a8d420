"""The server's clock."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from loopchat.core.clock import now_ms


def test_it_tells_the_time_in_milliseconds() -> None:
    assert abs(now_ms() - time.time() * 1000) < 60_000


def test_it_never_goes_back_when_the_machine_s_clock_does(monkeypatch: pytest.MonkeyPatch) -> None:
    before = now_ms()
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert now_ms() >= before


def test_it_never_goes_back_in_any_thread() -> None:
    def ask(_: int) -> bool:
        answers = [now_ms() for _ in range(500)]
        return answers == sorted(answers)

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(ask, range(8)))
