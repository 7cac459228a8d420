"""Delays that grow."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest

from loopchat.accounts import throttle
from loopchat.accounts.throttle import FREE, LONGEST_S, Delays


class Clock:
    """Time that passes when the test says so."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def failed(delays: Delays, clock: Clock, times: int) -> list[float]:
    """Fail as often, each time as soon as it is allowed; the waits in between."""
    waits: list[float] = []
    for _ in range(times):
        assert delays.admit("ann") == 0.0
        wait = delays.admit("ann") if len(waits) >= FREE - 1 else 0.0
        waits.append(wait)
        clock.now += wait
    return waits


def test_some_failures_are_free_then_each_doubles_the_wait(clock: Clock) -> None:
    waits = failed(Delays(clock), clock, FREE + 3)

    assert waits == [0.0] * (FREE - 1) + [1.0, 2.0, 4.0, 8.0]


def test_a_wait_ends_by_itself_and_is_never_longer_than_a_quarter_of_an_hour(clock: Clock) -> None:
    delays = Delays(clock)

    waits = failed(delays, clock, 40)

    assert max(waits) == LONGEST_S
    assert delays.admit("ann") == 0.0


def test_asking_while_waiting_makes_it_no_longer(clock: Clock) -> None:
    delays = Delays(clock)
    for _ in range(FREE):
        delays.admit("ann")

    assert [delays.admit("ann") for _ in range(100)] == [1.0] * 100


def test_ten_thousand_guesses_take_months(clock: Clock) -> None:
    begin = clock.now

    failed(Delays(clock), clock, 10_000)

    assert clock.now - begin > 100 * 24 * 3600


def test_others_do_not_wait(clock: Clock) -> None:
    delays = Delays(clock)
    for _ in range(FREE + 1):
        delays.admit("ann")

    assert delays.admit("ann") > 0
    assert delays.admit("ben") == 0.0


def test_being_right_forgives(clock: Clock) -> None:
    delays = Delays(clock)
    failed(delays, clock, FREE + 2)

    delays.forgive("ann")

    assert [delays.admit("ann") for _ in range(FREE - 1)] == [0.0] * (FREE - 1)


def test_an_hour_of_rest_forgives(clock: Clock) -> None:
    delays = Delays(clock)
    failed(delays, clock, FREE + 2)

    clock.now += 2 * 3600

    assert [delays.admit("ann") for _ in range(FREE - 1)] == [0.0] * (FREE - 1)


def test_many_at_once_cannot_slip_through(clock: Clock) -> None:
    delays = Delays(clock)
    start = Barrier(50)
    admitted: list[float] = []

    def try_it() -> None:
        start.wait(timeout=20)
        admitted.append(delays.admit("ann"))

    threads = [Thread(target=try_it) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert admitted.count(0.0) == FREE


def test_memory_is_bounded(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "_KEYS_MAX", 100)
    delays = Delays(clock)

    for number in range(1000):
        delays.admit(number)

    assert len(delays) == 100
