"""The parts of the Redis bus that need no Redis: queue, seal and notices."""

from __future__ import annotations

import asyncio
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopchat.realtime.bus_ear import Ear
from loopchat.realtime.bus_line import PAUSE_MAX, Line, Notices
from loopchat.realtime.bus_queue import BATCH_MAX, BYTES_MAX, FRESH_SECONDS, MESSAGES_MAX, Outgoing
from loopchat.realtime.bus_seal import Seal

topics = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


class Clock:
    """Time that passes when it is told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@given(topics, st.binary())
def test_a_sealed_payload_opens_with_the_same_key_and_topic(topic: str, payload: bytes) -> None:
    ann, bob = Seal(b"key"), Seal(b"key")
    envelope = ann.close(topic, payload)
    assert bob.open(topic, envelope) == payload
    assert ann.is_own(envelope)
    assert not bob.is_own(envelope)


@given(topics, st.binary(min_size=1), st.integers(0), st.integers(1, 255))
def test_a_changed_envelope_does_not_open(
    topic: str, payload: bytes, where: int, change: int
) -> None:
    envelope = bytearray(Seal(b"key").close(topic, payload))
    envelope[where % len(envelope)] ^= change
    assert Seal(b"key").open(topic, bytes(envelope)) is None


@given(topics, topics, st.binary(), st.binary())
def test_a_topic_and_a_payload_cannot_be_shifted(
    topic: str, other: str, payload: bytes, key: bytes
) -> None:
    envelope = Seal(b"key").close(topic, payload)
    if other != topic:
        assert Seal(b"key").open(other, envelope) is None
    if key not in (b"", b"key"):
        assert Seal(key).open(topic, envelope) is None


@given(st.binary(max_size=40))
def test_whatever_bytes_come_do_not_open(data: bytes) -> None:
    assert Seal(b"key").open("room:1", data) is None


def test_keys_longer_than_the_hash_allows_differ_to_their_end() -> None:
    envelope = Seal(b"k" * 200 + b"1").close("room:1", b"x")
    assert Seal(b"k" * 200 + b"1").open("room:1", envelope) == b"x"
    assert Seal(b"k" * 200 + b"2").open("room:1", envelope) is None


async def test_the_queue_gives_batches_in_order() -> None:
    queue = Outgoing()
    for number in range(BATCH_MAX + 3):
        queue.put("t", b"%d" % number)
    first, second = await queue.take(1), await queue.take(1)
    assert first == [("t", b"%d" % number) for number in range(BATCH_MAX)]
    assert second is not None
    assert [data for _, data in second] == [b"%d" % (BATCH_MAX + number) for number in range(3)]
    assert await queue.take(0.0) == []


async def test_the_queue_wakes_its_reader() -> None:
    queue = Outgoing()
    reader = asyncio.create_task(queue.take(10))
    await asyncio.sleep(0)
    queue.put("t", b"x")
    async with asyncio.timeout(5):
        assert await reader == [("t", b"x")]


async def test_the_queue_ends_when_closed_and_empty() -> None:
    queue = Outgoing()
    reader = asyncio.create_task(queue.take(10))
    await asyncio.sleep(0)
    queue.put("t", b"x")
    queue.close()
    async with asyncio.timeout(5):
        assert await reader == [("t", b"x")]
        assert await queue.take(10) is None


async def test_the_queue_holds_so_many_messages_and_bytes() -> None:
    queue = Outgoing()
    for number in range(MESSAGES_MAX + 7):
        queue.put("t", b"%d" % number)
    assert len(queue) == MESSAGES_MAX
    batch = await queue.take(1)
    assert batch is not None
    assert batch[0] == ("t", b"7")
    for _ in range(20):
        queue.put("big", b"x" * (1024 * 1024))
    assert len(queue) == BYTES_MAX // (1024 * 1024)
    queue.put("too big", b"x" * (BYTES_MAX + 1))
    assert len(queue) == 0


async def test_the_queue_forgets_what_is_stale() -> None:
    clock = Clock()
    queue = Outgoing(clock)
    queue.put("t", b"old")
    clock.now += FRESH_SECONDS + 0.1
    queue.put("t", b"new")
    queue.forget_stale()
    assert await queue.take(1) == [("t", b"new")]


def test_a_line_a_minute_while_away_and_one_when_back(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    clock = Clock()
    notices = Notices(clock)
    for _ in range(150):
        notices.away("refused")
        clock.now += 1
    notices.back()
    notices.back()
    levels = [record.levelname for record in caplog.records]
    assert levels == ["WARNING", "WARNING", "WARNING", "INFO"]


def test_a_line_that_flaps_does_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    notices = Notices(Clock())
    for _ in range(100):
        notices.away("refused")
        notices.back()
    assert len(caplog.records) == 2


def test_the_pause_between_sessions_grows_to_a_limit_and_varies() -> None:
    line = Line(lambda: None, lambda _: None)
    pauses = [line._pause() for _ in range(200)]
    assert max(pauses[:2]) <= 0.2
    assert min(pauses) > 0
    assert max(pauses) <= PAUSE_MAX
    assert len(set(pauses)) > 190
    line.came_up()
    assert line._pause() <= 0.1


async def test_a_session_that_fails_is_begun_again_until_one_ends() -> None:
    told: list[str] = []
    ends: list[Exception | None] = [OSError("refused"), ValueError(), _grouped(), None]
    line = Line(lambda: told.append("up"), told.append)

    async def session() -> None:
        line.came_up()
        if (end := ends.pop(0)) is not None:
            raise end

    async with asyncio.timeout(10):
        await line.run(session)
    assert told == ["up", "refused", "up", "ValueError", "up", "the cause", "up"]


def _grouped() -> Exception:
    return ExceptionGroup("tasks", [ExceptionGroup("tasks", [OSError("the cause")]), OSError("x")])


def test_an_ear_survives_its_owner(caplog: pytest.LogCaptureFixture) -> None:
    def fails(*_: object) -> None:
        raise LookupError("a bug in the owner")

    ear = Ear()
    ear.hear("room:1", b"x")
    ear.lose()
    ear.listen(fails, fails)
    ear.hear("room:1", b"x")
    ear.lose()
    ear.close()
    ear.hear("room:1", b"x")
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]
