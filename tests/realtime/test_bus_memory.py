"""The bus within one process, beyond what every bus promises."""

from __future__ import annotations

from collections import Counter

from loopchat.realtime.bus_memory import INBOX_MAX, Exchange, MemoryBus
from tests.realtime.bad_exchange import BadExchange
from tests.realtime.bus_workers import Worker


async def test_alone_it_is_silent() -> None:
    ann = await Worker(MemoryBus()).start("room:1")
    bob = await Worker(MemoryBus()).start("room:1")
    ann.bus.publish("room:1", b"x")
    exchange = Exchange()
    cyd, dan = Worker(MemoryBus(exchange)), Worker(MemoryBus(exchange))
    await cyd.start("room:1")
    await dan.start("room:1")
    cyd.bus.publish("room:1", b"y")
    await dan.until_heard("room:1", b"y")
    assert (ann.heard, bob.heard, cyd.heard) == ([], [], [])


async def test_a_message_comes_in_a_later_turn() -> None:
    exchange = Exchange()
    ann = await Worker(MemoryBus(exchange)).start()
    bob = await Worker(MemoryBus(exchange)).start("room:1")
    ann.bus.publish("room:1", b"x")
    assert bob.heard == []
    await bob.until_heard("room:1", b"x")


async def test_what_overflows_is_told_as_lost() -> None:
    exchange = Exchange()
    ann = await Worker(MemoryBus(exchange)).start()
    bob = await Worker(MemoryBus(exchange)).start("room:1")
    for number in range(INBOX_MAX + 5):
        ann.bus.publish("room:1", b"%d" % number)
    await bob.until_lost()
    assert bob.payloads("room:1") == [b"%d" % number for number in range(5, INBOX_MAX + 5)]
    assert bob.losses == 1


async def test_a_bad_exchange_drops_doubles_and_reorders() -> None:
    """The faults that other tests rely on do happen, and some messages come through."""
    exchange = BadExchange(seed=4)
    ann = await Worker(MemoryBus(exchange)).start()
    bob = await Worker(MemoryBus(exchange)).start("room:1")
    for number in range(1000):
        ann.bus.publish("room:1", b"%d" % number)
    exchange.share = 0.0
    ann.bus.publish("room:1", b"1000")
    await bob.until_heard("room:1", b"1000")
    heard = [int(payload) for payload in bob.payloads("room:1")]
    assert 200 < exchange.dropped < 400
    assert heard != sorted(heard)
    assert len(Counter(heard)) == 1001 - exchange.dropped
    assert len(heard) == len(set(heard)) + exchange.doubled
