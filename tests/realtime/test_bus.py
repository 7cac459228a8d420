"""What every bus promises, tried on each backend: see `loopchat.realtime.bus`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from loopchat.realtime.bus import Bus, person_topic, room_topic
from loopchat.realtime.bus_memory import Exchange, MemoryBus
from loopchat.realtime.bus_queue import MESSAGES_MAX
from loopchat.realtime.bus_redis import RedisBus
from tests.realtime.bus_workers import LIMIT, Worker

StartWorker = Callable[..., Awaitable[Worker]]
END = b"the end"


@pytest.fixture(params=["memory", "redis"])
def new_bus(request: pytest.FixtureRequest) -> Callable[[], Bus]:
    if request.param == "memory":
        exchange = Exchange()
        return lambda: MemoryBus(exchange)
    url = request.getfixturevalue("redis_url")
    return lambda: RedisBus(url, key=b"the key of this server")


@pytest.fixture
async def start(new_bus: Callable[[], Bus]) -> AsyncIterator[StartWorker]:
    """Start a worker that hears these topics."""
    workers: list[Worker] = []

    async def start_worker(*topics: str) -> Worker:
        workers.append(Worker(new_bus()))
        return await workers[-1].start(*topics)

    yield start_worker
    for worker in workers:
        await worker.bus.stop()


async def test_a_message_reaches_all_others_who_hear_its_topic(start: StartWorker) -> None:
    ann, bob, cyd = [await start("room:7") for _ in range(3)]
    ann.bus.publish("room:7", b"hello")
    await bob.until_heard("room:7", b"hello")
    await cyd.until_heard("room:7", b"hello")


async def test_a_publisher_does_not_hear_itself(start: StartWorker) -> None:
    ann, bob = await start("room:7"), await start("room:7")
    ann.bus.publish("room:7", b"from ann")
    await bob.until_heard("room:7", b"from ann")
    bob.bus.publish("room:7", b"from bob")
    await ann.until_heard("room:7", b"from bob")
    assert ann.heard == [("room:7", b"from bob")]


async def test_other_topics_are_not_heard(start: StartWorker) -> None:
    ann, bob = await start(), await start("room:1", "room:11")
    for topic in ("room:", "room:111", "person:1", "room:1 ", "room:*", "room:11"):
        ann.bus.publish(topic, b"x")
    await bob.until_heard("room:11", b"x")
    assert bob.heard == [("room:11", b"x")]


async def test_messages_of_one_publisher_keep_their_order(start: StartWorker) -> None:
    ann, bob = await start(), await start("room:1", "room:2")
    sent = [b"%d" % number for number in range(3000)]
    for payload in sent:
        ann.bus.publish("room:1", payload)
        ann.bus.publish("room:2", payload)
    await bob.until_heard("room:2", sent[-1])
    assert bob.payloads("room:1") == sent
    assert bob.payloads("room:2") == sent


@pytest.mark.parametrize(
    "payload", [b"", b"\0", b"\r\n+OK\r\n", b"\xff\xfe", bytes(range(256)), b"x" * 300_000]
)
async def test_any_bytes_arrive_unchanged(start: StartWorker, payload: bytes) -> None:
    ann, bob = await start(), await start("room:1")
    ann.bus.publish("room:1", payload)
    await bob.until_heard("room:1", payload)


async def test_after_unsubscribing_nothing_is_heard(start: StartWorker) -> None:
    ann, bob = await start(), await start("room:1", "room:2")
    ann.bus.publish("room:1", b"in flight")
    await bob.bus.unsubscribe(["room:1"])
    heard = len(bob.heard)
    ann.bus.publish("room:1", b"too late")
    ann.bus.publish("room:2", END)
    await bob.until_heard("room:2", END)
    assert bob.heard[heard:] == [("room:2", END)]


async def test_a_topic_can_be_left_and_heard_again(start: StartWorker) -> None:
    ann, bob = await start(), await start("room:1")
    for _ in range(3):
        await bob.bus.unsubscribe(["room:1"])
        await bob.bus.subscribe(["room:1"])
    ann.bus.publish("room:1", END)
    await bob.until_heard("room:1", END)
    assert len(bob.heard) == 1


async def test_hearing_a_topic_twice_is_the_same_as_once(start: StartWorker) -> None:
    ann, bob = await start(), await start("room:1", "room:1")
    await bob.bus.subscribe(["room:1"])
    ann.bus.publish("room:1", b"once")
    ann.bus.publish("room:1", END)
    await bob.until_heard("room:1", END)
    assert bob.payloads("room:1") == [b"once", END]


async def test_nothing_and_the_unknown_can_be_subscribed_and_left(start: StartWorker) -> None:
    ann, bob = await start(), await start("room:1")
    await bob.bus.subscribe([])
    await bob.bus.unsubscribe([])
    await bob.bus.unsubscribe(["room:99"])
    ann.bus.publish("room:1", END)
    await bob.until_heard("room:1", END)


async def test_thousands_of_topics_at_once(start: StartWorker) -> None:
    topics = [room_topic(number) for number in range(2501)]
    ann, bob = await start(), await start(*topics)
    for topic in topics:
        ann.bus.publish(topic, b"x")
    await bob.until_heard(topics[-1], b"x")
    assert [topic for topic, _ in bob.heard] == topics


async def test_many_may_subscribe_at_the_same_time(start: StartWorker) -> None:
    ann, bob = await start(), await start()
    topics = [person_topic(number) for number in range(200)]
    async with asyncio.timeout(LIMIT):
        await asyncio.gather(*(bob.bus.subscribe([topic, "room:1"]) for topic in topics))
    for topic in topics:
        ann.bus.publish(topic, b"x")
    await bob.until_heard(topics[-1], b"x")
    assert [topic for topic, _ in bob.heard] == topics


async def test_an_error_in_the_receiver_ends_nothing(
    start: StartWorker, caplog: pytest.LogCaptureFixture
) -> None:
    ann, bob = await start(), await start("room:1")
    bob.refuses.add(b"bad")
    for payload in (b"bad", b"good", END):
        ann.bus.publish("room:1", payload)
    await bob.until_heard("room:1", END)
    assert bob.payloads("room:1") == [b"bad", b"good", END]
    assert "a bug in the receiver" in caplog.text
    assert bob.bus.healthy


async def test_after_stopping_nothing_is_heard_and_publishing_is_harmless(
    start: StartWorker,
) -> None:
    ann, bob, cyd = await start("room:1"), await start("room:1"), await start("room:1")
    await bob.bus.stop()
    await bob.bus.stop()
    bob.bus.publish("room:1", b"from nowhere")
    ann.bus.publish("room:1", END)
    await cyd.until_heard("room:1", END)
    assert bob.heard == []
    assert cyd.heard == [("room:1", END)]


async def test_what_was_published_before_stopping_is_heard(start: StartWorker) -> None:
    ann, bob = await start(), await start("room:1")
    ann.bus.publish("room:1", END)
    await ann.bus.stop()
    await bob.until_heard("room:1", END)


async def test_a_flood_costs_old_messages_and_not_the_memory(start: StartWorker) -> None:
    ann, bob = await start(), await start("room:1")
    flood = [b"%d" % number for number in range(3 * MESSAGES_MAX)]
    for payload in flood:
        ann.bus.publish("room:1", payload)
    await bob.until_heard("room:1", flood[-1])
    heard = bob.payloads("room:1")
    assert len(heard) <= MESSAGES_MAX + 1000
    assert heard == flood[-len(heard) :]


async def test_publishing_before_the_start_is_harmless(new_bus: Callable[[], Bus]) -> None:
    bus = new_bus()
    bus.publish("room:1", b"x")
    await bus.stop()


async def test_a_bus_says_how_it_is_and_what_it_is(start: StartWorker) -> None:
    ann = await start()
    assert ann.bus.healthy
    assert ann.bus.name in ("memory", "redis")
    assert ann.losses == 0


def test_topics_are_named_by_kind_and_id() -> None:
    assert (room_topic(7), person_topic(3)) == ("room:7", "person:3")
