"""Rates: bursts are granted, the long run is not exceeded, and memory follows use."""

# ruff: noqa: RUF001 - letters that look like others are what this is about
from __future__ import annotations

import math
import time
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopchat.core.limits import KEYS_MAX, Buckets, Rate, TokenBucket, parse_rate


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 1e6

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("5/s:20", Rate(5, 20)),
        ("30/m:10", Rate(0.5, 10)),
        ("36/h:1", Rate(0.01, 1)),
        ("0.5/s:2", Rate(0.5, 2)),
        ("20/s", Rate(20, 20)),
        ("0.5/s", Rate(0.5, 1)),
        (" 5/s:20 ", Rate(5, 20)),
        ("off", None),
        ("OFF", None),
    ],
)
def test_a_rate_is_read(text: str, rate: Rate | None) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "5/s:",
        "/s",
        "5/d",
        "5 / s",
        "-5/s:1",
        "5/s:-1",
        "5/s:1.5",
        "five/s",
        "5/s:20:1",
        "٥/s",
        "0/s:5",
        "5/s:0",
        "0.0/s",
        "1e9/s",
        "99999999/s",
        "nan/s",
        "inf/s",
        "on",
        "none",
    ],
)
def test_a_bad_rate_says_what_is_wrong(text: str) -> None:
    with pytest.raises(ValueError, match=r"5/s:20|above 0"):
        parse_rate(text)


@pytest.mark.parametrize(("per_second", "burst"), [(0, 1), (-1, 1), (1, 0), (math.nan, 1)])
def test_a_rate_that_never_allows_anything_cannot_be_made(per_second: float, burst: int) -> None:
    with pytest.raises(ValueError, match="greater than zero"):
        Rate(per_second, burst)


def test_a_burst_is_granted_at_once_and_then_the_rate(clock: Clock) -> None:
    bucket = TokenBucket(Rate(5, 20), clock)
    assert [bucket.take() for _ in range(20)] == [0.0] * 20
    assert bucket.take() == pytest.approx(0.2)
    clock.now += 0.2
    assert bucket.take() == 0.0
    assert bucket.take() == pytest.approx(0.2)


def test_a_refusal_takes_nothing(clock: Clock) -> None:
    bucket = TokenBucket(Rate(1, 1), clock)
    bucket.take()
    for _ in range(100):
        assert bucket.take() == pytest.approx(1.0)
    clock.now += 1
    assert bucket.take() == 0.0


def test_rest_never_saves_more_than_the_burst(clock: Clock) -> None:
    bucket = TokenBucket(Rate(10, 3), clock)
    clock.now += 1000
    assert [bucket.take() == 0.0 for _ in range(4)] == [True, True, True, False]


def test_a_cost_above_the_burst_is_granted_when_the_bucket_is_full(clock: Clock) -> None:
    bucket = TokenBucket(Rate(1, 5), clock)
    assert bucket.take(100) == 0.0
    assert bucket.take(100) == pytest.approx(5.0)
    assert bucket.take(2) == pytest.approx(2.0)


@given(
    st.floats(0.01, 1000),
    st.integers(1, 50),
    st.lists(st.tuples(st.floats(0, 5), st.integers(1, 5)), max_size=60),
)
def test_never_more_than_burst_and_rate_allow(
    per_second: float, burst: int, takes: list[tuple[float, int]]
) -> None:
    clock = Clock()
    bucket = TokenBucket(Rate(per_second, burst), clock)
    granted = 0
    began = clock.now
    for pause, cost in takes:
        clock.now += pause
        wait = bucket.take(cost)
        granted += min(cost, burst) if wait == 0 else 0
        assert granted <= burst + per_second * (clock.now - began) + 1e-3
        assert 0 <= wait <= burst / per_second + 1e-3


@given(st.floats(0.1, 100), st.integers(1, 20), st.integers(1, 40))
def test_waiting_as_long_as_told_is_enough(per_second: float, burst: int, takes: int) -> None:
    clock = Clock()
    bucket = TokenBucket(Rate(per_second, burst), clock)
    for _ in range(takes):
        clock.now += bucket.take()
        clock.now += bucket.take()
    clock.now += bucket.take()
    assert bucket.take() <= 1 / per_second + 1e-3


def test_each_key_has_its_own_bucket(clock: Clock) -> None:
    buckets = Buckets(Rate(1, 1), clock)
    assert buckets.take("ann") == 0.0
    assert buckets.take("bob") == 0.0
    assert buckets.take("ann") > 0


def test_without_a_rate_everything_is_granted(clock: Clock) -> None:
    buckets = Buckets(None, clock)
    assert all(buckets.take("ann", 1000) == 0.0 for _ in range(100))
    assert len(buckets) == 0


def test_full_buckets_are_forgotten(clock: Clock) -> None:
    buckets = Buckets(Rate(1, 2), clock)
    for number in range(10_000):
        clock.now += 0.1  # each is full again after a second
        buckets.take(number)
    assert len(buckets) < 2000


def test_a_bucket_in_use_is_not_forgotten(clock: Clock) -> None:
    buckets = Buckets(Rate(0.001, 1), clock)
    buckets.take("ann")
    for number in range(5000):
        buckets.take(number)
    assert buckets.take("ann") > 0


def test_the_number_of_keys_is_bounded_whatever_happens(clock: Clock) -> None:
    buckets = Buckets(Rate(0.001, 1), clock)
    for number in range(2 * KEYS_MAX):
        buckets.take(number)
    assert len(buckets) <= KEYS_MAX
    assert buckets.take(2 * KEYS_MAX - 1) > 0


def test_many_threads_may_take_at_once() -> None:
    buckets = Buckets(Rate(1000, 1), clock=time.monotonic)
    failures: list[BaseException] = []

    def take(first: int) -> None:
        try:
            for number in range(first, first + 20_000):
                buckets.take(number)
        except BaseException as error:  # noqa: BLE001 - whatever a thread meets is the result
            failures.append(error)

    threads = [Thread(target=take, args=(start * 20_000,)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
