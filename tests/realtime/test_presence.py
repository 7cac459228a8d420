"""Who is here: at once on one worker, within a tick on the others, and nobody for ever."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError, connection, connections
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from loopchat.core.clock import now_ms
from loopchat.realtime.models import Present, Worker
from loopchat.realtime.presence import PORTION, READ_SECONDS, RENEW_SECONDS, Presence, State
from loopchat.realtime.presence_rows import GRACE, LEASE

pytestmark = pytest.mark.django_db(transaction=True)

T = TypeVar("T")
User = get_user_model()
GRACE_SECONDS = GRACE.total_seconds()


class Clock:
    """Time that passes when it is told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Database:
    """Runs work in a thread, counts its queries, and is away when told to be."""

    def __init__(self) -> None:
        self.queries = 0
        self.away = False

    async def __call__(self, work: Callable[[], T], /) -> T:
        return await asyncio.to_thread(self._run, work)

    def _run(self, work: Callable[[], T]) -> T:
        if self.away:
            raise OperationalError("the database is away")
        try:
            with CaptureQueriesContext(connection) as captured:
                return work()
        finally:
            self.queries += len(captured)
            connections.close_all()


class Node:
    """A worker's presence and what it told its hub."""

    def __init__(self, name: str, clock: Clock, database: Database) -> None:
        self.told: list[dict[int, State]] = []
        self.stirred = asyncio.Event()
        self.database = database
        self.presence = Presence(name, database, self._changed, address="test", clock=clock)

    async def tick(self) -> list[dict[int, State]]:
        """Let a second pass for it; what it told then."""
        told = len(self.told)
        await self.presence.tick()
        return self.told[told:]

    async def queries(self) -> int:
        """How many queries the next tick makes."""
        before = self.database.queries
        await self.tick()
        return self.database.queries - before

    def believed(self) -> dict[int, State]:
        """What somebody who only listened to it would think."""
        states: dict[int, State] = {}
        for news in self.told:
            states.update(news)
        return {user: state for user, state in states.items() if state != "offline"}

    def _changed(self, news: dict[int, State]) -> None:
        self.told.append(news)
        self.stirred.set()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def node(clock: Clock) -> Callable[[str], Node]:
    """Make a worker, by name."""
    return lambda name: Node(name, clock, Database())


@pytest.fixture
def people() -> list[int]:
    """The ids of five people."""
    return make_people(5)


def make_people(count: int) -> list[int]:
    rows = [User(username=f"person{n}", username_key=f"person{n}") for n in range(count)]
    User._default_manager.bulk_create(rows)
    return list(User._default_manager.order_by("id").values_list("id", flat=True))


def age(worker: str, by: timedelta) -> None:
    """Let time pass for a lease without waiting."""
    Worker.objects.filter(id=worker).update(renewed_at=F("renewed_at") - by)


def seen_ts(user: int) -> int | None:
    seen: int | None = User._default_manager.values_list("last_seen_ts", flat=True).get(id=user)
    return seen


@asynccontextmanager
async def started(node: Node) -> AsyncIterator[Node]:
    await node.presence.start()
    yield node
    await node.presence.stop()


async def sync(work: Callable[..., T], *arguments: Any) -> T:
    """Use the database from a test that runs on the loop."""
    return await Database()(partial(work, *arguments))


async def test_coming_is_known_when_it_is_written_and_going_after_the_grace(
    node: Callable[[str], Node], clock: Clock, people: list[int]
) -> None:
    ann, home = people[0], node("home")
    home.presence.came(ann)
    assert home.told == []
    assert await home.tick() == [{ann: "online"}]
    assert home.presence.online(people) == {ann: "online"}
    assert home.presence.snapshot() == {ann: "online"}
    home.presence.went(ann)
    clock.now += GRACE_SECONDS - 0.1
    assert await home.tick() == []
    clock.now += 0.1
    assert await home.tick() == [{ann: "offline"}]
    assert home.presence.online(people) == {}


async def test_a_reload_is_not_seen_by_anybody(
    node: Callable[[str], Node], clock: Clock, people: list[int]
) -> None:
    ann, home, other = people[0], node("home"), node("other")
    home.presence.came(ann)
    await home.tick()
    assert await other.tick() == [{ann: "online"}]
    for _ in range(20):
        home.presence.went(ann)
        clock.now += 5
        assert await home.tick() + await other.tick() == []
        home.presence.came(ann)
        clock.now += 1
        assert await home.tick() + await other.tick() == []


async def test_the_last_of_several_sockets_counts(
    node: Callable[[str], Node], clock: Clock, people: list[int]
) -> None:
    ann, home = people[0], node("home")
    for _ in range(3):
        home.presence.came(ann)
    home.presence.went(ann)
    home.presence.went(ann)
    clock.now += 100
    await home.tick()
    home.presence.went(ann)
    home.presence.went(ann)
    assert home.told == [{ann: "online"}]
    clock.now += GRACE_SECONDS
    assert await home.tick() == [{ann: "offline"}]


async def test_away_and_back(node: Callable[[str], Node], people: list[int]) -> None:
    ann, home, other = people[0], node("home"), node("other")
    home.presence.set_away(ann, True)
    assert home.told == []
    home.presence.came(ann)
    home.presence.set_away(ann, True)
    home.presence.set_away(ann, True)
    assert await home.tick() == [{ann: "away"}]
    assert await other.tick() == [{ann: "away"}]
    home.presence.came(ann)
    await home.tick()
    assert await other.tick() == [{ann: "online"}]


async def test_of_several_workers_the_most_present_state_counts(
    node: Callable[[str], Node], clock: Clock, people: list[int]
) -> None:
    ann, left, right = people[0], node("left"), node("right")
    left.presence.came(ann)
    right.presence.came(ann)
    await left.tick()
    await right.tick()
    clock.now += READ_SECONDS  # a worker alone looks for others only now and then
    await left.tick()
    left.presence.set_away(ann, True)
    assert left.told == right.told == [{ann: "online"}]
    right.presence.went(ann)
    clock.now += GRACE_SECONDS
    assert await right.tick() == []
    assert await left.tick() == [{ann: "away"}]
    assert await right.tick() == [{ann: "away"}]
    left.presence.went(ann)
    clock.now += GRACE_SECONDS
    assert await left.tick() == [{ann: "offline"}]
    assert await right.tick() == [{ann: "offline"}]


async def test_last_seen_is_when_the_last_socket_closed(
    node: Callable[[str], Node], clock: Clock, people: list[int]
) -> None:
    ann, bob, home = people[0], people[1], node("home")
    for user in (ann, bob):
        home.presence.came(user)
    await home.tick()
    before = now_ms() // 1000 * 1000
    home.presence.went(ann)
    after = now_ms()
    clock.now += GRACE_SECONDS
    await home.tick()
    assert before <= (await sync(seen_ts, ann) or 0) <= after
    assert await sync(seen_ts, bob) is None


async def test_a_killed_worker_leaves_no_ghosts(
    node: Callable[[str], Node], people: list[int]
) -> None:
    ann, bob, killed, other = people[0], people[1], node("killed"), node("other")
    killed.presence.came(ann)
    killed.presence.came(bob)
    other.presence.came(bob)
    await killed.tick()
    await other.tick()
    await sync(age, "killed", LEASE - timedelta(seconds=5))
    assert await other.tick() == []
    await sync(age, "killed", timedelta(seconds=6))
    assert await other.tick() == [{ann: "offline"}]
    assert other.presence.snapshot() == {bob: "online"}
    assert not await sync(Present.objects.filter(worker_id="killed").exists)
    assert not await sync(Worker.objects.filter(id="killed").exists)
    seen = await sync(seen_ts, ann)
    assert seen is not None
    assert abs(now_ms() - LEASE.total_seconds() * 1000 - seen) < 20_000


async def test_a_restart_after_a_kill_finds_the_ghosts_too(
    node: Callable[[str], Node], people: list[int]
) -> None:
    killed = node("killed")
    killed.presence.came(people[0])
    await killed.tick()
    await sync(age, "killed", LEASE + timedelta(seconds=1))
    fresh = node("fresh")
    assert await fresh.tick() == []
    assert fresh.presence.snapshot() == {}
    assert await sync(Worker.objects.count) == 1


async def test_a_worker_that_slept_through_its_lease_begins_anew(
    node: Callable[[str], Node], clock: Clock, people: list[int]
) -> None:
    ann, bob, cyd = people[:3]
    sleeper, other = node("sleeper"), node("other")
    for user in (ann, bob):
        sleeper.presence.came(user)
    await sleeper.tick()
    await other.tick()
    await sync(age, "sleeper", LEASE + timedelta(seconds=1))
    assert await other.tick() == [{ann: "offline", bob: "offline"}]
    sleeper.presence.came(cyd)
    sleeper.presence.went(ann)
    clock.now += RENEW_SECONDS
    await sleeper.tick()  # it sees that the lease is lost
    await sleeper.tick()
    assert await other.tick() == [{bob: "online", cyd: "online"}]


async def test_a_lease_is_renewed_when_nothing_happens(
    node: Callable[[str], Node], clock: Clock, people: list[int]
) -> None:
    home, other = node("home"), node("other")
    home.presence.came(people[0])
    await home.tick()
    await other.tick()
    for _ in range(10):
        await sync(age, "home", timedelta(seconds=RENEW_SECONDS))
        clock.now += RENEW_SECONDS
        await home.tick()
        assert await other.tick() == []
    assert other.presence.snapshot() == {people[0]: "online"}


async def test_stopping_gives_people_the_grace_to_come_back_elsewhere(
    node: Callable[[str], Node], people: list[int]
) -> None:
    ann, bob, old, other = people[0], people[1], node("old"), node("other")
    old.presence.came(ann)
    old.presence.came(bob)
    await old.tick()
    await other.tick()
    before = now_ms()
    await old.presence.stop()
    assert await other.tick() == []
    other.presence.came(ann)
    await sync(age, "old", GRACE + timedelta(seconds=1))
    assert await other.tick() == [{bob: "offline"}]
    assert other.presence.snapshot() == {ann: "online"}
    seen = await sync(seen_ts, bob)
    assert seen is not None
    assert before <= seen <= now_ms()


async def test_a_worker_that_joins_late_knows_everybody(
    node: Callable[[str], Node], people: list[int]
) -> None:
    left, right = node("left"), node("right")
    left.presence.came(people[0])
    right.presence.came(people[1])
    right.presence.set_away(people[1], True)
    await left.tick()
    await right.tick()
    late = node("late")
    await late.tick()
    assert late.presence.snapshot() == {people[0]: "online", people[1]: "away"}


async def test_departures_are_forgotten_but_not_missed(
    node: Callable[[str], Node], clock: Clock, people: list[int]
) -> None:
    """`absent` does not read for as long as the rows about departures are kept."""
    ann, bob, home, absent = people[0], people[1], node("home"), node("absent")
    home.presence.came(ann)
    home.presence.came(bob)
    await home.tick()
    await absent.tick()
    home.presence.went(ann)
    clock.now += GRACE_SECONDS
    await home.tick()
    assert await sync(Present.objects.count) == 2
    for _ in range(2):
        clock.now += RENEW_SECONDS
        await home.tick()
    assert await sync(Present.objects.count) == 1
    assert await absent.tick() == [{ann: "offline"}]
    assert absent.presence.snapshot() == {bob: "online"}


async def test_a_database_that_is_away_is_no_trouble_for_those_who_are_here(
    node: Callable[[str], Node],
    clock: Clock,
    people: list[int],
    caplog: pytest.LogCaptureFixture,
) -> None:
    ann, bob, home, other = people[0], people[1], node("home"), node("other")
    home.presence.came(ann)
    await home.tick()
    await other.tick()
    home.database.away = True
    home.presence.came(bob)
    home.presence.went(ann)
    clock.now += GRACE_SECONDS
    for _ in range(5):
        await home.tick()
    assert home.presence.snapshot() == {bob: "online"}
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    home.database.away = False
    await home.tick()
    assert await other.tick() == [{ann: "offline", bob: "online"}]
    assert await sync(seen_ts, ann) is not None


async def test_who_changes_while_being_written_is_written_again(
    node: Callable[[str], Node], people: list[int]
) -> None:
    ann, home, other = people[0], node("home"), node("other")
    run = home.database._run

    def interrupted(work: Callable[[], T]) -> T:
        result = run(work)
        home.presence.set_away(ann, True)  # the loop waits for this thread
        return result

    await home.tick()
    home.presence.came(ann)
    home.database._run = interrupted  # type: ignore[method-assign]
    await home.tick()
    home.database._run = run  # type: ignore[method-assign]
    assert await other.tick() == [{ann: "away"}]


async def test_a_person_may_be_deleted_while_present(
    node: Callable[[str], Node], clock: Clock, people: list[int]
) -> None:
    ann, bob, home, other = people[0], people[1], node("home"), node("other")
    home.presence.came(ann)
    await home.tick()
    await sync(User._default_manager.filter(id=ann).delete)
    home.presence.set_away(ann, True)
    home.presence.came(bob)
    await home.tick()
    home.presence.went(ann)
    clock.now += GRACE_SECONDS
    await home.tick()
    await other.tick()
    assert other.presence.snapshot() == {bob: "online"}


async def test_a_quiet_worker_alone_asks_the_database_seldom(
    node: Callable[[str], Node], clock: Clock, people: list[int]
) -> None:
    home = node("home")
    home.presence.came(people[0])
    await home.tick()
    assert await home.queries() == 0
    clock.now += READ_SECONDS
    assert await home.queries() == 1
    assert await home.queries() == 0


async def test_a_tick_costs_the_same_for_many_people_as_for_one(
    node: Callable[[str], Node], clock: Clock
) -> None:
    people = await sync(make_people, 150)
    home, other = node("home"), node("other")
    await home.tick()
    await other.tick()
    clock.now += READ_SECONDS
    await home.tick()
    costs = []
    for crowd in (people[:1], people[1:]):
        for user in crowd:
            home.presence.came(user)
        costs.append((await home.queries(), await other.queries(), await other.queries()))
    assert costs[0] == costs[1]
    assert costs[0][0] <= 6
    assert costs[0][1:] == (2, 1)


async def test_a_storm_is_written_in_portions(node: Callable[[str], Node]) -> None:
    people = await sync(make_people, 2 * PORTION + 1)
    home, other = node("home"), node("other")
    for user in people:
        home.presence.came(user)
    await home.tick()
    assert await other.tick() == [dict.fromkeys(people, "online")]


async def test_it_ticks_by_itself(people: list[int]) -> None:
    async with (
        started(Node("left", Clock(), Database())) as left,
        started(Node("right", Clock(), Database())) as right,
        asyncio.timeout(20),
    ):
        left.presence.came(people[0])
        await right.stirred.wait()
        assert right.told == [{people[0]: "online"}]


class Play:
    """Workers and people who come, go, pause and die at random."""

    def __init__(self, seed: int, clock: Clock, people: list[int]) -> None:
        self.chance = random.Random(seed)
        self.clock = clock
        self.people = people
        self.nodes: dict[str, Node] = {}
        self.sockets: dict[str, list[int]] = {}
        for name in "abc":
            self.add(name)

    def add(self, name: str) -> None:
        self.nodes[name] = Node(name, self.clock, Database())
        self.sockets[name] = []

    async def step(self, number: int) -> None:
        """One thing that may happen."""
        name = self.chance.choice(list(self.nodes))
        presence, here = self.nodes[name].presence, self.sockets[name]
        match self.chance.randrange(8):
            case 0 | 1:
                here.append(self.chance.choice(self.people))
                presence.came(here[-1])
            case 2 | 3 if here:
                presence.went(here.pop(self.chance.randrange(len(here))))
            case 4 if here:
                presence.set_away(self.chance.choice(here), self.chance.random() < 0.5)
            case 5:
                self.clock.now += self.chance.choice((1, 4, 16))
            case 6 if number % 3 == 0:
                await self.pause(name, dies=number % 2 == 0)
            case _:
                await self.nodes[name].tick()

    async def pause(self, name: str, *, dies: bool) -> None:
        """Let a lease run out; the worker may come back from its pause."""
        await sync(age, name, LEASE + timedelta(seconds=1))
        if dies:
            del self.nodes[name], self.sockets[name]
            self.add(name + "'")

    async def settle(self) -> None:
        """Let enough time pass for everything to be known everywhere."""
        self.clock.now += GRACE_SECONDS + RENEW_SECONDS
        for _ in range(3):
            for node in self.nodes.values():
                await node.tick()


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_happens_all_agree_in_the_end(
    seed: int, clock: Clock, people: list[int]
) -> None:
    """What was told, what is remembered and what is freshly read are the same."""
    play = Play(seed, clock, people)
    for number in range(60):
        await play.step(number)
    await play.settle()
    fresh = Node("fresh", clock, Database())
    await fresh.tick()
    expected = fresh.presence.snapshot()
    assert set(expected) == {user for here in play.sockets.values() for user in here}
    for node in play.nodes.values():
        assert node.presence.snapshot() == expected
        assert node.believed() == expected
