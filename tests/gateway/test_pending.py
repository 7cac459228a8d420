"""Commands that wait: answered once, given up in time, and waited for in their order."""

from __future__ import annotations

import asyncio

import pytest

from loopchat.gateway.pending import ANSWER_WITHIN, Pending


class Clock:
    """The loop's time, which passes when it is told to."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.now = loop.time()
        loop.time = lambda: self.now  # type: ignore[method-assign]

    async def advance(self, seconds: float) -> None:
        """Let so much time pass, and everything happen that is due."""
        self.now += seconds
        await settle()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture
async def clock() -> Clock:
    """Time that passes when it is told to."""
    return Clock(asyncio.get_running_loop())


@pytest.fixture
def given_up() -> list[tuple[int | None, bool]]:
    """Whom nobody answered in time."""
    return []


@pytest.fixture
def pending(clock: Clock, given_up: list[tuple[int | None, bool]]) -> Pending:
    """The commands of one socket."""
    return Pending(lambda ref, is_write: given_up.append((ref, is_write)))


async def test_a_command_is_answered_once(pending: Pending) -> None:
    token = pending.add(7, 1)
    assert pending.count == 1
    found = pending.pop(token)
    assert found is not None
    assert (found.ref, found.room) == (7, 1)
    assert pending.pop(token) is None
    assert pending.count == 0


async def test_what_is_not_answered_is_given_up(
    pending: Pending, clock: Clock, given_up: list[tuple[int | None, bool]]
) -> None:
    tokens = [pending.add(1, 5), pending.add(2, None), pending.add(3, 6)]
    pending.pop(pending.add(4, 5))
    await clock.advance(ANSWER_WITHIN - 0.1)
    assert given_up == []
    await clock.advance(0.1)
    assert given_up == [(1, True), (2, False), (3, True)]
    assert [pending.pop(token) for token in tokens] == [None, None, None]
    await clock.advance(10 * ANSWER_WITHIN)
    assert len(given_up) == 3


async def test_each_is_given_up_at_its_own_time(
    pending: Pending, clock: Clock, given_up: list[tuple[int | None, bool]]
) -> None:
    for ref in (1, 2, 3):
        pending.add(ref, None)
        await clock.advance(1.0)
    for ref in (1, 2, 3):
        assert len(given_up) == ref - 1
        await clock.advance(ANSWER_WITHIN - 3.0 if ref == 1 else 1.0)
        assert [r for r, _ in given_up] == list(range(1, ref + 1))


async def test_one_that_begins_after_all_were_given_up_has_its_own_time(
    pending: Pending, clock: Clock, given_up: list[tuple[int | None, bool]]
) -> None:
    for ref in (1, 2):
        pending.add(ref, None)
        await clock.advance(ANSWER_WITHIN + 1)
        assert len(given_up) == ref
    pending.pop(pending.add(3, None))
    pending.add(4, None)
    await clock.advance(ANSWER_WITHIN)
    assert [ref for ref, _ in given_up] == [1, 2, 4]


async def test_reading_goes_on_when_fewer_are_pending(pending: Pending) -> None:
    tokens = [pending.add(n, None) for n in range(4)]
    waiting = asyncio.create_task(pending.below(3))
    await settle()
    pending.pop(tokens[2])
    await settle()
    assert not waiting.done()
    pending.pop(tokens[0])
    await settle()
    assert waiting.done()
    await pending.below(3)  # at once


async def test_reading_goes_on_also_when_nothing_is_answered(
    pending: Pending, clock: Clock, given_up: list[tuple[int | None, bool]]
) -> None:
    for n in range(3):
        pending.add(n, 1)
    waiting = asyncio.create_task(pending.below(1))
    await clock.advance(ANSWER_WITHIN)
    assert waiting.done()
    assert len(given_up) == 3


async def test_a_look_waits_for_the_earlier_writes_to_its_room(pending: Pending) -> None:
    first, _other, second = pending.add(1, 5), pending.add(2, 6), pending.add(3, 5)
    look = pending.add(4, None)
    pending.add(5, 5)
    waiting = asyncio.create_task(pending.written(5, before=look))
    for token in (first, second):
        await settle()
        assert not waiting.done()
        pending.pop(token)
    await settle()
    assert waiting.done()
    assert pending.count == 3  # neither other rooms nor later writes were waited for


async def test_a_look_does_not_wait_for_ever(pending: Pending, clock: Clock) -> None:
    pending.add(1, 5)
    waiting = asyncio.create_task(pending.written(5, before=pending.add(2, None)))
    await clock.advance(ANSWER_WITHIN)
    assert waiting.done()


async def test_when_the_socket_is_gone_nobody_waits(
    pending: Pending, clock: Clock, given_up: list[tuple[int | None, bool]]
) -> None:
    token = pending.add(1, 5)
    look = pending.add(2, None)
    waiting = [
        asyncio.create_task(pending.below(1)),
        asyncio.create_task(pending.written(5, before=look)),
    ]
    await settle()
    pending.clear()
    await settle()
    assert [task.done() for task in waiting] == [True, True]
    assert pending.pop(token) is None
    await clock.advance(2 * ANSWER_WITHIN)
    assert given_up == []
