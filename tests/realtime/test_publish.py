"""The way from a thread that has committed to the hub on its loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from loopchat.realtime import publish
from loopchat.realtime.outbox import Aside, Committed, Entry, Replies


class Taker:
    """Notes what it is given, and where."""

    def __init__(self) -> None:
        self.given: list[tuple[Committed, Replies]] = []
        self.threads: set[int] = set()
        self.came = asyncio.Event()

    def take(self, committed: Committed, replies: Replies) -> None:
        self.given.append((committed, replies))
        self.threads.add(threading.get_ident())
        self.came.set()


@pytest.fixture(autouse=True)
def nobody_listens() -> Iterator[None]:
    """Each test begins and ends without a hub."""
    publish.detach()
    yield
    publish.detach()


def told(room: int, seq: int) -> Committed:
    return Committed(rooms={room: [Entry(seq, b"{}")]})


async def test_it_is_handed_over_on_the_loop_and_in_order() -> None:
    taker = Taker()
    publish.attach(taker, asyncio.get_running_loop())
    replies: list[int] = []

    def commit() -> None:
        for seq in range(1, 101):
            publish.committed(told(1, seq), [(replies.append, seq)])

    await asyncio.to_thread(commit)
    async with asyncio.timeout(10):
        while len(taker.given) < 100:
            taker.came.clear()
            await taker.came.wait()
    assert [c.rooms[1][0].seq for c, _ in taker.given] == list(range(1, 101))
    assert taker.threads == {threading.get_ident()}
    assert replies == []  # the hub answers, behind the events


def test_without_a_loop_whoever_waits_is_answered_at_once() -> None:
    answers: list[int] = []
    publish.committed(told(1, 1), [(answers.append, 1), (answers.append, 2)])
    assert answers == [1, 2]


def test_after_the_end_of_the_loop_nobody_is_told_and_nothing_breaks() -> None:
    loop = asyncio.new_event_loop()

    async def make() -> Taker:
        return Taker()

    taker = loop.run_until_complete(make())
    publish.attach(taker, loop)
    loop.close()
    answers: list[int] = []
    publish.committed(told(1, 1))
    publish.committed(told(1, 2), [(answers.append, 1)])  # as in a process without a loop
    assert taker.given == []
    assert answers == [1]


async def test_people_and_asides_are_committed_things_too() -> None:
    taker = Taker()
    publish.attach(taker, asyncio.get_running_loop())
    aside = Aside("person:3", b"{}")
    publish.people_changed(iter([1, 2, 2]))
    publish.aside(aside, aside)
    await asyncio.sleep(0)
    (people, _), (asides, _) = taker.given
    assert (people.people, people.rooms, people.gone) == ({1, 2}, {}, set())
    assert asides.asides == [aside, aside]


async def test_a_detached_hub_hears_nothing_more() -> None:
    taker = Taker()
    publish.attach(taker, asyncio.get_running_loop())
    publish.detach()
    publish.committed(told(1, 1))
    await asyncio.sleep(0)
    assert taker.given == []


def test_what_two_transactions_tell_becomes_one_in_their_order() -> None:
    first = Committed(
        rooms={1: [Entry(1, b"a")]}, asides=[Aside("room:1", b"x")], people={1}, gone=set()
    )
    first.merge(
        Committed(
            rooms={1: [Entry(2, b"b")], 2: [Entry(1, b"c")]},
            asides=[Aside("room:2", b"y")],
            people={2},
            gone={9},
        )
    )
    assert first.rooms == {1: [Entry(1, b"a"), Entry(2, b"b")], 2: [Entry(1, b"c")]}
    assert [aside.data for aside in first.asides] == [b"x", b"y"]
    assert (first.people, first.gone) == ({1, 2}, {9})
