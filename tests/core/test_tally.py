"""Plain numbers that others read."""

from __future__ import annotations

import msgspec

from loopchat.core.tally import Spread, Tally, one_more


def test_a_value_is_counted_below_the_bound_that_it_reaches() -> None:
    spread = Spread.over((1.0, 2.0))
    for value in (0.5, 1.0, 1.5, 2.0, 9.0):
        spread.add(value)
    assert spread.counts == [2, 2, 1]
    assert spread.total == 14.0


def test_one_worker_does_not_count_into_the_numbers_of_another() -> None:
    one, other = Tally(), Tally()
    one_more(one.closed, 4001)
    one.commit.add(0.1)
    assert other == Tally()


def test_it_travels_between_workers() -> None:
    tally = Tally(messages=3)
    one_more(tally.refused, "forbidden")
    one_more(tally.closed, 1012)
    there = msgspec.msgpack.decode(msgspec.msgpack.encode(tally), type=Tally)
    assert there == tally
