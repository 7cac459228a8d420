"""What goes on for long is said now and then."""

from __future__ import annotations

from loopchat.core.rarely import Rarely


def test_it_is_time_at_first_and_again_after_the_pause() -> None:
    now = 0.0
    rarely = Rarely(60, clock=lambda: now)
    assert rarely()
    now = 59.9
    assert not rarely()
    now = 60.0
    assert rarely()
    assert not rarely()


def test_different_things_are_said_apart() -> None:
    one, other = Rarely(), Rarely()
    assert one()
    assert other()
