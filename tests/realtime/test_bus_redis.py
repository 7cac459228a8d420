"""The bus over Redis when Redis fails: it says so once, costs nobody time and comes back."""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import redis

from loopchat.realtime.bus_redis import RedisBus
from loopchat.realtime.bus_seal import Seal
from tests.realtime.bus_workers import LIMIT, Worker
from tests.services import Redis

KEY = b"the key of this server"
BEAT = 0.1
END = b"the end"
MakeWorker = Callable[..., Worker]


@pytest.fixture
async def make() -> AsyncIterator[MakeWorker]:
    """Make a worker on this Redis; all are stopped at the end of the test."""
    workers: list[Worker] = []

    def make_worker(url: str, key: bytes = KEY, beat: float = BEAT) -> Worker:
        workers.append(Worker(RedisBus(url, key=key, beat=beat)))
        return workers[-1]

    yield make_worker
    for worker in workers:
        await worker.bus.stop()


@pytest.fixture
def other_tenant(redis_url: str) -> Iterator[redis.Redis]:
    """Somebody else who may write to the same Redis."""
    with redis.Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def notices(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """What a person reads in the log; none of it may be a stack trace."""
    caplog.set_level(logging.INFO)

    def read() -> list[str]:
        records = [record for record in caplog.records if record.name.startswith("loopchat.")]
        assert not any(record.exc_info for record in records)
        return [f"{record.levelname} {record.getMessage()}" for record in records]

    return read


async def test_a_server_that_dies_and_comes_back_empty(
    redis_server: Redis, make: MakeWorker, notices: Callable[[], list[str]]
) -> None:
    ann = await make(redis_server.url).start()
    bob = await make(redis_server.url).start("room:1", "room:2")
    redis_server.kill()
    await ann.until_healthy(False)
    await bob.until_healthy(False)
    await bob.bus.subscribe(["room:3"])
    await bob.bus.unsubscribe(["room:2"])
    redis_server.start()
    await ann.until_healthy()
    await bob.until_lost()
    for topic in ("room:2", "room:1", "room:3"):
        ann.bus.publish(topic, END)
    await bob.until_heard("room:3", END)
    assert bob.heard == [("room:1", END), ("room:3", END)]
    await bob.until_healthy()
    told = notices()
    assert len(told) == 4, told
    assert sorted({line.split(":")[0] for line in told}) == [
        "INFO The bus is back",
        "WARNING The bus is away, workers find what is new by reading",
    ]


async def test_a_server_that_is_away_at_the_start(
    redis_server: Redis, make: MakeWorker, notices: Callable[[], list[str]]
) -> None:
    redis_server.kill()
    ann, bob = make(redis_server.url), make(redis_server.url)
    async with asyncio.timeout(LIMIT):
        await ann.start()
        await bob.start("room:1")
    assert not ann.bus.healthy
    ann.bus.publish("room:1", b"to nobody")
    redis_server.start()
    await bob.until_lost()
    await ann.until_healthy()
    ann.bus.publish("room:1", END)
    await bob.until_heard("room:1", END)
    assert len([line for line in notices() if line.startswith("WARNING")]) == 2


async def test_a_server_that_stays_away_is_a_line_a_minute(
    redis_server: Redis, make: MakeWorker, notices: Callable[[], list[str]]
) -> None:
    redis_server.kill()
    ann = await make(redis_server.url).start("room:1")
    assert isinstance(ann.bus, RedisBus)
    failures = 0
    failed = asyncio.Event()
    told = ann.bus._speaking._on_down

    def count(reason: str) -> None:
        nonlocal failures
        failures += 1
        told(reason)
        if failures == 3:
            failed.set()

    ann.bus._speaking._on_down = count
    async with asyncio.timeout(LIMIT):
        await failed.wait()
    assert len(notices()) == 1
    assert "Error" in notices()[0]


async def test_a_server_that_stops_answering(redis_server: Redis, make: MakeWorker) -> None:
    ann = await make(redis_server.url).start()
    bob = await make(redis_server.url).start("room:1")
    os.kill(redis_server.pid, signal.SIGSTOP)
    try:
        for _ in range(1000):
            ann.bus.publish("room:1", b"x" * 1000)
        async with asyncio.timeout(LIMIT):
            await bob.bus.subscribe(["room:2"])
            await bob.bus.unsubscribe(["room:2"])
        await ann.until_healthy(False)
        await bob.until_healthy(False)
    finally:
        os.kill(redis_server.pid, signal.SIGCONT)
    await ann.until_healthy()
    await bob.until_lost()
    await bob.until_healthy()
    ann.bus.publish("room:1", END)
    await bob.until_heard("room:1", END)


async def test_a_stop_is_noticed_within_three_seconds(
    redis_server: Redis, make: MakeWorker
) -> None:
    ann = await make(redis_server.url, beat=1.0).start("room:1")
    os.kill(redis_server.pid, signal.SIGSTOP)
    try:
        async with asyncio.timeout(3.5):
            await ann.until_healthy(False)
    finally:
        os.kill(redis_server.pid, signal.SIGCONT)


@pytest.mark.parametrize("kind", ["pubsub", "normal"])
async def test_connections_that_are_killed(
    make: MakeWorker, redis_url: str, other_tenant: redis.Redis, kind: str
) -> None:
    ann = await make(redis_url).start()
    bob = await make(redis_url).start("room:1")
    other_tenant.client_kill_filter(_type=kind, skipme=True)
    await bob.until_healthy(False)
    if kind == "pubsub":
        await bob.until_lost()
    await ann.until_healthy()
    await bob.until_healthy()
    ann.bus.publish("room:1", END)
    await bob.until_heard("room:1", END)


async def test_a_server_whose_keys_are_wiped(
    make: MakeWorker, redis_url: str, other_tenant: redis.Redis
) -> None:
    ann, bob = await make(redis_url).start(), await make(redis_url).start("room:1")
    other_tenant.flushall()
    ann.bus.publish("room:1", END)
    await bob.until_heard("room:1", END)


async def test_a_server_that_wants_a_password(
    redis_server: Redis, make: MakeWorker, notices: Callable[[], list[str]]
) -> None:
    with redis.Redis.from_url(redis_server.url) as client:
        client.config_set("requirepass", "secret word")
    ann = await make(redis_server.url).start("room:1")
    assert not ann.bus.healthy
    assert "Authentication" in notices()[0]
    url = redis_server.url.replace("redis://", "redis://:secret%20word@")
    bob, cyd = await make(url).start(), await make(url).start("room:1")
    bob.bus.publish("room:1", END)
    await cyd.until_heard("room:1", END)
    assert not any("secret" in line for line in notices())


async def test_a_reader_that_is_too_slow_is_cut_off_and_told(
    redis_server: Redis, make: MakeWorker
) -> None:
    with redis.Redis.from_url(redis_server.url) as client:
        client.config_set("client-output-buffer-limit", "pubsub 1mb 0 0")
        bob = await make(redis_server.url).start("room:1")
        seal = Seal(KEY)
        published = threading.Event()

        def flood() -> None:
            for _ in range(200):
                client.publish("loopchat:room:1", seal.close("room:1", b"x" * 100_000))
            published.set()

        thread = threading.Thread(target=flood)
        thread.start()
        published.wait(LIMIT)  # and with it the loop that should have read
        thread.join()
        await bob.until_lost()
        await bob.until_healthy()
        client.publish("loopchat:room:1", seal.close("room:1", END))
        await bob.until_heard("room:1", END)


async def test_forged_messages_are_dropped_and_counted(
    make: MakeWorker,
    redis_url: str,
    other_tenant: redis.Redis,
    notices: Callable[[], list[str]],
) -> None:
    ann, bob = await make(redis_url).start(), await make(redis_url).start("room:1", "room:2")
    stolen = Seal(KEY).close("room:2", b"of another topic")
    forgeries = [
        b"",
        b"x",
        b"x" * 24,
        b'{"type":"chat_message"}',
        pickle.dumps({"type": "chat_message"}),
        Seal(b"another key").close("room:1", b"of another key"),
        stolen,
        stolen[:24],
        stolen[:-1] + b"?",
        Seal(KEY).close("room:1", b"honest")[:-1],
    ]
    for forgery in forgeries:
        other_tenant.publish("loopchat:room:1", forgery)
    ann.bus.publish("room:1", END)
    await bob.until_heard("room:1", END)
    assert bob.heard == [("room:1", END)]
    assert isinstance(bob.bus, RedisBus)
    assert bob.bus.forgeries == len(forgeries)
    assert len(notices()) == 1
    assert "orged" in notices()[0]
    assert bob.bus.healthy


async def test_servers_with_other_keys_do_not_hear_each_other(
    make: MakeWorker, redis_url: str
) -> None:
    ann, bob = await make(redis_url).start(), await make(redis_url).start("room:1")
    eve = await make(redis_url, key=b"another server").start("room:1")
    ann.bus.publish("room:1", END)
    await bob.until_heard("room:1", END)
    eve.bus.publish("room:1", b"from eve")
    ann.bus.publish("room:1", b"again")
    await bob.until_heard("room:1", b"again")
    assert eve.heard == []
    assert bob.payloads("room:1") == [END, b"again"]


async def test_stopping_is_quick_when_the_server_is_away(
    redis_server: Redis, make: MakeWorker
) -> None:
    ann = await make(redis_server.url).start("room:1")
    redis_server.kill()
    await ann.until_healthy(False)
    ann.bus.publish("room:1", b"x")
    async with asyncio.timeout(1):
        await ann.bus.stop()


@pytest.mark.parametrize("url", ["http://127.0.0.1", "127.0.0.1:6379", ""])
def test_a_bad_address_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="URL"):
        RedisBus(url, key=KEY)


def test_a_bus_without_a_key_cannot_be_made(redis_url: str) -> None:
    with pytest.raises(ValueError, match="key"):
        RedisBus(redis_url, key=b"")
