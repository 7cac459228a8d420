"""The hub: who gets what, on one worker and on several, whatever the bus and the database do."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from loopchat.realtime import streams as module
from loopchat.realtime.bus import LOBBY, WORKERS, person_topic, room_topic
from loopchat.realtime.bus_memory import Exchange, MemoryBus
from loopchat.realtime.hub import Hub
from loopchat.realtime.listener import Goodbye
from loopchat.realtime.outbox import Aside, Committed
from loopchat.realtime.stream import TOO_FAR, TURN
from loopchat.realtime.veil import Veil
from tests.realtime.bad_exchange import BadExchange
from tests.realtime.doubles import Database, Ear, Truth, settle

ROOM, OTHER = 1, 2
ANN, BEN, CYD = 1, 2, 3


class Line(MemoryBus):
    """A bus between workers that are all in this process."""

    name = "exchange"

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(exchange)
        self.topics: set[str] = set()
        self.is_slow = asyncio.Event()
        self.is_slow.set()

    async def subscribe(self, topics: Any) -> None:
        wanted = list(topics)
        await self.is_slow.wait()
        self.topics.update(wanted)
        await super().subscribe(wanted)

    async def unsubscribe(self, topics: Any) -> None:
        gone = list(topics)
        self.topics.difference_update(gone)
        await super().unsubscribe(gone)


class Worker:
    """A hub, its bus and its database threads."""

    def __init__(self, truth: Truth, bus: MemoryBus) -> None:
        self.truth = truth
        self.bus = bus
        self.database = Database()
        self.hub = Hub(truth, bus, self.database)

    async def ear(self, user: int) -> Ear:
        """A new socket that is live in all rooms of its person."""
        return await self.silent_ear(user).come_in(self.hub, self.truth)

    def silent_ear(self, user: int) -> Ear:
        return Ear(user, login=f"login of {user}")

    async def take(self, committed: Committed) -> None:
        """Its writer has committed this."""
        self.hub.take(committed, ())
        await settle()

    async def sweep(self) -> None:
        self.hub.tell_health()
        await self.hub.sweep.once()
        await settle()


@asynccontextmanager
async def workers(
    truth: Truth, count: int, exchange: Exchange | None = None
) -> AsyncIterator[list[Worker]]:
    line = exchange or Exchange()
    crew = [Worker(truth, Line(line)) for _ in range(count)]
    for worker in crew:
        await worker.hub.start()
    try:
        yield crew
    finally:
        for worker in crew:
            worker.database.release()
            await worker.hub.stop()
        await settle()


@pytest.fixture
def truth() -> Truth:
    """Ann, Ben and Cyd in one room in which a little has happened; Ann in another too."""
    truth = Truth()
    truth.open(ROOM, ANN, BEN, CYD, events=5)
    truth.open(OTHER, ANN)
    return truth


@pytest.fixture
async def alone(truth: Truth) -> AsyncIterator[Worker]:
    """The only worker there is."""
    worker = Worker(truth, MemoryBus())
    await worker.hub.start()
    yield worker
    worker.database.release()
    await worker.hub.stop()
    await settle()


@pytest.fixture
async def pair(truth: Truth) -> AsyncIterator[list[Worker]]:
    """Two workers on one bus."""
    async with workers(truth, 2) as crew:
        yield crew


def check(truth: Truth, *ears: Ear) -> None:
    """Everybody is live in exactly their rooms, up to the head, and heard nothing wrong."""
    for ear in ears:
        assert ear.wrong == []
        assert ear.rooms == truth.rooms_of(ear.user_id)
        assert ear.cursors == {room: truth.head(room) for room in ear.rooms}


# --- one worker ------------------------------------------------------------------------------


async def test_a_message_reaches_everybody_in_the_room_and_nobody_else(
    truth: Truth, alone: Worker
) -> None:
    ann, ben, ben2 = [await alone.ear(user) for user in (ANN, BEN, BEN)]
    stranger = await alone.ear(9)
    await alone.take(truth.say(ROOM))
    await alone.take(truth.say(OTHER))
    assert ann.seqs(ROOM) == ben.seqs(ROOM) == ben2.seqs(ROOM) == [9]
    assert ann.seqs(OTHER) == [2]
    assert stranger.heard == []
    check(truth, ann, ben, ben2, stranger)


async def test_replies_come_in_their_order_after_the_commit(truth: Truth, alone: Worker) -> None:
    answers: list[int] = []
    await alone.ear(ANN)
    alone.hub.take(truth.say(ROOM), [(answers.append, 1), (answers.append, 2)])
    assert answers == [1, 2]


async def test_a_reply_that_fails_leaves_the_others_answered(truth: Truth, alone: Worker) -> None:
    answers: list[int] = []

    def fail(outcome: object) -> None:
        raise ZeroDivisionError("a bug")

    alone.hub.take(truth.say(ROOM), [(answers.append, 1), (fail, 2), (answers.append, 3)])
    assert answers == [1, 3]


async def test_a_socket_that_is_closed_is_forgotten(truth: Truth, alone: Worker) -> None:
    ann, ben = await alone.ear(ANN), await alone.ear(BEN)
    ann.is_closed = True
    alone.hub.leave(ann)
    await alone.take(truth.say(ROOM))
    assert ann.heard == []
    assert ben.seqs() == [9]
    assert alone.hub.people.keys() == {BEN}
    assert not any(ann in stream.sockets for stream in alone.hub.streams.values())


async def test_presence_is_told_of_each_device_that_comes_and_goes(
    truth: Truth, alone: Worker
) -> None:
    told: list[tuple[int, bool]] = []
    alone.hub.on_presence = lambda user, here: told.append((user, here))
    one, two = await alone.ear(ANN), await alone.ear(ANN)
    alone.hub.leave(one)
    alone.hub.leave(two)
    alone.hub.leave(two)
    assert told == [(ANN, True), (ANN, True), (ANN, False), (ANN, False)]


async def test_who_goes_and_comes_while_being_entered_is_heard(
    truth: Truth, pair: list[Worker]
) -> None:
    hub, line = pair[0].hub, pair[0].bus
    assert isinstance(line, Line)
    line.is_slow.clear()
    first, second = pair[0].silent_ear(ANN), pair[0].silent_ear(ANN)
    entering = asyncio.create_task(hub.enter(first))
    await settle()
    hub.leave(first)
    again = asyncio.create_task(hub.enter(second))
    await settle()
    line.is_slow.set()
    await asyncio.gather(entering, again)
    await settle()
    assert person_topic(ANN) in line.topics


async def test_a_change_of_rights_in_the_last_moment_of_a_look_waits_for_no_sweep(
    truth: Truth, alone: Worker
) -> None:
    ben = await alone.ear(BEN)
    done = alone.hub.tasks._done

    def in_the_last_moment(task: asyncio.Task[None]) -> None:
        done(task)
        if task is alone.hub.rechecks._running and BEN not in truth.members[OTHER]:
            alone.hub.take(truth.join(OTHER, BEN), ())

    alone.hub.tasks._done = in_the_last_moment  # type: ignore[method-assign]
    await alone.take(truth.touch(BEN))
    assert OTHER in ben.rooms


# --- asides ----------------------------------------------------------------------------------


def aside(topic: str, **more: Any) -> Committed:
    data = json.dumps({"type": "message_read", "room": ROOM, "uid": ANN}).encode()
    return Committed(asides=[Aside(topic, data, **more)])


async def test_asides_go_to_the_room_but_for_who_is_skipped(truth: Truth, alone: Worker) -> None:
    ann, ben = await alone.ear(ANN), await alone.ear(BEN)
    stranger = await alone.ear(9)
    await alone.take(aside(room_topic(ROOM), skip=ANN))
    assert (ann.types(), ben.types(), stranger.types()) == ([], ["message_read"], [])


async def test_cursors_are_remembered_while_somebody_hears_of_them(
    truth: Truth, pair: list[Worker]
) -> None:
    hub, heights = pair[0].hub, pair[0].hub._heights
    ann = await pair[0].ear(ANN)
    for reader in (BEN, CYD):
        await pair[0].take(aside(person_topic(reader), height=(f"read {ROOM}", 5)))
    assert len(heights) == 0  # both are elsewhere
    await pair[0].take(aside(person_topic(ANN), height=(f"read {ROOM}", 5)))
    await pair[0].take(aside(person_topic(ANN), height=(f"read {ROOM}", 4)))
    assert ann.types() == ["message_read"]
    hub.leave(ann)
    await settle()
    assert len(heights) == 0


async def test_asides_to_a_person_go_to_all_their_devices(truth: Truth, alone: Worker) -> None:
    ann, ann2, ben = [await alone.ear(user) for user in (ANN, ANN, BEN)]
    await alone.take(aside(person_topic(ANN)))
    assert (ann.types(), ann2.types(), ben.types()) == (["message_read"], ["message_read"], [])


async def test_what_passes_is_not_written_to_who_is_behind(truth: Truth, alone: Worker) -> None:
    ann, ben = await alone.ear(ANN), await alone.ear(BEN)
    ann.is_half_full = True
    await alone.take(aside(room_topic(ROOM), passing=True))
    assert (ann.types(), ben.types()) == ([], ["message_read"])
    await alone.take(aside(room_topic(ROOM)))
    assert ann.types() == ["message_read"]


async def test_asides_come_behind_the_events_of_their_transaction(
    truth: Truth, alone: Worker
) -> None:
    ann = await alone.ear(ANN)
    committed = truth.say(ROOM)
    committed.asides += aside(person_topic(ANN)).asides
    await alone.take(committed)
    assert ann.types() == ["chat_message", "message_read"]


async def test_nothing_is_written_before_ready(truth: Truth, alone: Worker) -> None:
    ann = alone.silent_ear(ANN)
    await alone.hub.enter(ann)
    await alone.take(truth.say(ROOM))
    await alone.take(aside(person_topic(ANN)))
    alone.hub._was_healthy = False  # "degraded" is about to be told
    await alone.sweep()
    assert ann.frames == []
    await ann.say_hello(alone.hub, truth)
    await alone.take(truth.say(ROOM))
    assert ann.seqs() == [10]


# --- between workers -------------------------------------------------------------------------


async def test_what_one_worker_commits_reaches_the_sockets_of_the_other(
    truth: Truth, pair: list[Worker]
) -> None:
    here, there = pair
    ann, ben = await here.ear(ANN), await there.ear(BEN)
    await here.take(truth.say(ROOM, count=3))
    await there.take(truth.say(ROOM, count=2))
    await here.take(aside(room_topic(ROOM), skip=ANN))
    assert ben.types()[-1] == "message_read"
    check(truth, ann, ben)
    assert truth.log_reads == []


async def test_rights_and_ends_are_heard_on_the_other_worker(
    truth: Truth, pair: list[Worker]
) -> None:
    here, there = pair
    ann, ben = await here.ear(ANN), await there.ear(BEN)
    await here.take(truth.kick(ROOM, BEN))
    assert ben.types() == ["membership", "room_removed"]
    await here.take(truth.join(ROOM, BEN))
    assert ben.types()[2:] == ["room_added", "membership"]
    await there.take(truth.delete(ROOM))
    assert ann.types()[-1] == ben.types()[-1] == "room_removed"
    check(truth, ann, ben)


async def test_a_lost_ring_is_found_by_the_next_event(truth: Truth, pair: list[Worker]) -> None:
    here, there = pair
    ben = await there.ear(BEN)
    truth.say(ROOM, count=3)  # told to nobody
    await here.take(truth.say(ROOM))
    check(truth, ben)
    assert ben.seqs() == [9, 10, 11, 12]


async def test_a_lost_ring_is_found_by_the_sweep(truth: Truth, pair: list[Worker]) -> None:
    _, there = pair
    ben = await there.ear(BEN)
    truth.say(ROOM, count=3)
    await settle()
    assert ben.seqs() == []
    await there.sweep()
    assert ben.seqs() == [9, 10, 11]
    check(truth, ben)


async def test_a_bus_that_lost_something_makes_it_look_at_once(
    truth: Truth, pair: list[Worker]
) -> None:
    _, there = pair
    ben = await there.ear(BEN)
    truth.say(ROOM, count=3)
    there.hub._lost()
    await settle()
    check(truth, ben)


@pytest.mark.parametrize("change", ["kick", "join", "delete"])
async def test_lost_rights_are_found_by_the_sweep(
    truth: Truth, pair: list[Worker], change: str
) -> None:
    _, there = pair
    ben = await there.ear(BEN)
    if change == "kick":
        truth.kick(ROOM, BEN)
        truth.say(ROOM, "not for ben", count=2)
    elif change == "join":
        truth.join(OTHER, BEN)
        truth.say(OTHER, "also for ben", count=2)
    else:
        truth.delete(ROOM)
    await settle()
    assert ben.heard == []
    await there.sweep()
    await there.sweep()
    check(truth, ben)
    if change == "kick":
        assert ben.types() == ["membership", "room_removed"]


async def test_rights_that_arrive_before_the_log_event(truth: Truth, pair: list[Worker]) -> None:
    """Topics overtake each other; the removal itself is still the last event of the room."""
    _, there = pair
    ben = await there.ear(BEN)
    kicked = truth.kick(ROOM, BEN)
    await there.take(Committed(people=kicked.people))
    assert ben.types() == ["membership", "room_removed"]
    await there.take(Committed(rooms=kicked.rooms))
    check(truth, ben)


async def test_a_kick_that_is_heard_after_the_return(truth: Truth, pair: list[Worker]) -> None:
    """The rights say "member" all the time; the log takes the room away and must give it back."""
    _, there = pair
    ben = await there.ear(BEN)
    truth.kick(ROOM, BEN)
    truth.join(ROOM, BEN)
    await there.take(Committed(people={BEN}))  # the log's own events were lost on the bus
    for _ in range(3):
        await there.sweep()
    check(truth, ben)
    await there.take(truth.say(ROOM))
    check(truth, ben)


async def test_with_a_bad_bus_everybody_ends_up_with_everything(truth: Truth) -> None:
    """30 % dropped, doubled, delayed; people come, go, are kicked, and sockets connect."""
    for seed in range(12):
        rng = random.Random(seed)
        bad = Truth()
        for room in (1, 2, 3):
            bad.open(room, *range(1, 7))
        exchange = BadExchange(seed)
        async with workers(bad, 3, exchange) as crew:
            ears = [await rng.choice(crew).ear(user) for user in range(1, 7) for _ in range(2)]
            for _ in range(60):
                await _something(rng, bad, crew, ears)
            exchange.share = 0.0
            for _ in range(4):
                for worker in crew:
                    await worker.sweep()
            check(bad, *(ear for ear in ears if not ear.is_closed))
            assert not any(ear.wrong for ear in ears), seed


async def _something(rng: random.Random, bad: Truth, crew: list[Worker], ears: list[Ear]) -> None:
    worker = rng.choice(crew)
    room, user = rng.choice(list(bad.logs)), rng.randint(1, 6)
    act = rng.choice(["say"] * 8 + ["member"] * 3 + ["connect", "close", "sweep", "pause"])
    if act == "say":
        worker.hub.take(bad.say(room, count=rng.randint(1, 3)), ())
    elif act == "member":
        change = bad.kick if user in bad.members[room] else bad.join
        worker.hub.take(change(room, user), ())
    elif act == "connect":
        ears.append(await worker.ear(user))
    elif act == "close":
        _close(rng.choice(ears), crew)
    elif act == "sweep":
        await worker.sweep()
    for _ in range(rng.randint(0, 5)):
        await asyncio.sleep(0)


def _close(ear: Ear, crew: list[Worker]) -> None:
    ear.is_closed = True
    for worker in crew:
        if ear in worker.hub.people.get(ear.user_id, ()):
            worker.hub.leave(ear)


# --- opening a room --------------------------------------------------------------------------


async def test_a_room_is_opened_once_for_many(truth: Truth, pair: list[Worker]) -> None:
    here, _ = pair
    asked: list[list[int]] = []
    heads = truth.heads
    truth.heads = lambda rooms: asked.append(list(rooms)) or heads(rooms)  # type: ignore[method-assign, func-returns-value]
    ears = await asyncio.gather(*(here.ear(user) for user in (ANN, BEN, CYD, BEN)))
    await here.take(truth.say(ROOM))
    check(truth, *ears)
    assert sorted(room for rooms in asked for room in rooms) == [ROOM, OTHER]


async def test_it_subscribes_before_it_reads_the_head(truth: Truth, pair: list[Worker]) -> None:
    here, there = pair
    heads = truth.heads
    subscribed: list[bool] = []

    def look(rooms: Any) -> Any:
        subscribed.append(all(room_topic(room) in there.bus.topics for room in rooms))  # type: ignore[attr-defined]
        return heads(rooms)

    truth.heads = look  # type: ignore[method-assign]
    await there.ear(BEN)
    assert subscribed == [True]
    assert here.bus.topics == {LOBBY, WORKERS}  # type: ignore[attr-defined]


@pytest.mark.parametrize("elsewhere", [True, False])
async def test_what_is_committed_while_a_room_is_opened_is_not_left_to_the_sweep(
    truth: Truth, pair: list[Worker], elsewhere: bool
) -> None:
    """The head is read, then somebody writes, then the stream is made: that must be heard."""
    here, there = pair
    ben = there.silent_ear(BEN)
    await there.hub.enter(ben)
    there.database.hold()
    joining = asyncio.create_task(ben.say_hello(there.hub, truth))
    await settle()  # the head has been read and is not handed over yet
    (here if elsewhere else there).hub.take(truth.say(ROOM, count=2), ())
    await settle()
    there.database.release()
    await joining
    await settle()
    assert ben.seqs() == [9, 10]
    check(truth, ben)


async def test_a_hello_that_has_seen_more_than_the_stream(truth: Truth, pair: list[Worker]) -> None:
    _, there = pair
    ann = await there.ear(ANN)
    truth.say(ROOM, count=4)  # lost on the bus, seen by Ben's hello
    ben = await there.ear(BEN)
    await there.take(truth.say(ROOM))
    check(truth, ann, ben)


async def test_a_room_that_cannot_be_opened_closes_all_who_wait_for_it(
    truth: Truth, pair: list[Worker]
) -> None:
    """They come back and resume; none may hear that the room is not theirs."""
    _, there = pair
    waiting = [there.silent_ear(user) for user in (ANN, BEN, CYD)]
    for ear in waiting:
        await there.hub.enter(ear)
    there.bus.is_slow.clear()  # type: ignore[attr-defined]
    joining = [asyncio.create_task(ear.say_hello(there.hub, truth)) for ear in waiting]
    await settle()
    there.database.is_away = True
    there.bus.is_slow.set()  # type: ignore[attr-defined]
    await asyncio.gather(*joining)
    for ear in waiting:
        assert "room_removed" not in ear.types()
        assert ear.goodbye is Goodbye.CURSOR_LOST
    there.database.is_away = False
    for ear in waiting:
        there.hub.leave(ear)
    await settle()
    again = await there.ear(BEN)
    await there.take(truth.say(ROOM))
    check(truth, again)


async def test_who_gives_up_while_a_room_is_opened_takes_nobody_along(
    truth: Truth, pair: list[Worker]
) -> None:
    _, there = pair
    first, second = there.silent_ear(BEN), there.silent_ear(CYD)
    for ear in (first, second):
        await there.hub.enter(ear)
    there.database.hold()
    gives_up = asyncio.create_task(first.say_hello(there.hub, truth))
    await settle()
    stays = asyncio.create_task(second.say_hello(there.hub, truth))
    await settle()
    gives_up.cancel()
    await settle()
    there.database.release()
    await stays
    await there.take(truth.say(ROOM))
    assert "room_removed" not in second.types()
    check(truth, second)


async def test_a_room_that_is_gone_by_then_is_taken_away(truth: Truth, pair: list[Worker]) -> None:
    _, there = pair
    ben = there.silent_ear(BEN)
    await there.hub.enter(ben)
    joining = asyncio.create_task(ben.say_hello(there.hub, truth))
    await asyncio.sleep(0)
    truth.delete(ROOM)
    await joining
    await there.sweep()
    assert ben.types() == ["room_removed"]
    check(truth, ben)


async def test_a_person_is_subscribed_before_anybody_enters(
    truth: Truth, pair: list[Worker]
) -> None:
    """A second device that comes at the same moment waits for the first one's subscription."""
    _, there = pair
    there.bus.is_slow.clear()  # type: ignore[attr-defined]
    entering = [asyncio.create_task(there.hub.enter(there.silent_ear(BEN))) for _ in range(2)]
    await settle()
    assert [task.done() for task in entering] == [False, False]
    there.bus.is_slow.set()  # type: ignore[attr-defined]
    await asyncio.gather(*entering)
    assert person_topic(BEN) in there.bus.topics  # type: ignore[attr-defined]


async def test_a_person_who_goes_and_comes_stays_subscribed(
    truth: Truth, pair: list[Worker]
) -> None:
    here, there = pair
    for _ in range(5):
        ben = await there.ear(BEN)
        there.hub.leave(ben)
    ben = await there.ear(BEN)
    await settle()
    await here.take(truth.join(OTHER, BEN))
    check(truth, ben)
    there.hub.leave(ben)
    await settle()
    assert person_topic(BEN) not in there.bus.topics  # type: ignore[attr-defined]


# --- rooms without sockets -------------------------------------------------------------------


async def test_a_room_without_sockets_lingers_and_is_then_let_go(
    truth: Truth, pair: list[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = pair
    ben = await there.ear(BEN)
    there.hub.leave(ben)
    await there.sweep()
    assert room_topic(ROOM) in there.bus.topics  # type: ignore[attr-defined]
    await here.take(truth.say(ROOM))
    again = await there.ear(BEN)
    assert truth.log_reads == []  # it was still live
    await there.sweep()
    monkeypatch.setattr(module, "LINGER", 0.0)
    await there.sweep()
    assert ROOM in there.hub.streams  # somebody is there
    there.hub.leave(again)
    await there.sweep()
    assert there.hub.streams == {}
    assert there.bus.topics == {LOBBY, WORKERS}  # type: ignore[attr-defined]
    last = await there.ear(BEN)
    await here.take(truth.say(ROOM))
    check(truth, last)


async def test_a_room_empties_by_a_removal_and_lingers_from_then_on(
    truth: Truth, pair: list[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, there = pair
    await there.ear(BEN)
    there.hub.streams[ROOM].empty_since = -1e9
    await there.take(truth.kick(ROOM, BEN))
    await there.sweep()
    assert ROOM in there.hub.streams


async def test_a_room_that_is_being_entered_is_not_let_go(
    truth: Truth, pair: list[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sweep comes between "the stream is there" and "the socket is in it"."""
    _, there = pair
    ann = await there.ear(BEN)
    there.hub.leave(ann)
    there.hub.streams[ROOM].empty_since = -1e9  # it lingered for long
    ben = there.silent_ear(ANN)  # has another room too, which is to be opened first
    await there.hub.enter(ben)
    truth.say(ROOM)
    there.database.hold()
    joining = asyncio.create_task(ben.say_hello(there.hub, truth))
    await settle()
    there.database.release()
    await asyncio.gather(joining, there.hub.sweep.once())
    await settle()
    assert "room_removed" not in ben.types()
    await there.take(truth.say(ROOM))
    await there.sweep()
    check(truth, ben)


async def test_letting_go_does_not_trip_over_a_room_that_ends(
    truth: Truth, pair: list[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, there = pair
    ann = await there.ear(ANN)
    there.hub.leave(ann)
    monkeypatch.setattr(module, "LINGER", -1.0)
    unsubscribe = there.bus.unsubscribe

    async def end_the_other(topics: Any) -> None:
        for room in list(there.hub.streams):
            there.hub.rooms.end(room)
        await unsubscribe(topics)

    there.bus.unsubscribe = end_the_other  # type: ignore[method-assign]
    await there.sweep()
    assert there.hub.streams == {}


async def test_letting_go_does_not_take_a_stream_that_is_new(
    truth: Truth, pair: list[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, there = pair
    ann = await there.ear(ANN)
    there.hub.leave(ann)
    for stream in there.hub.streams.values():
        stream.empty_since = -1e9
    unsubscribe = there.bus.unsubscribe
    ears: list[Ear] = []

    async def come_back(topics: Any) -> None:
        await unsubscribe(topics)
        if not ears:  # while the first room is let go, the other ends and is opened again
            for room in list(there.hub.streams):
                del there.hub.rooms.live[room]
            there.hub.subscriptions._in_order.release()
            ears.append(await there.ear(ANN))
            await there.hub.subscriptions._in_order.acquire()

    there.bus.unsubscribe = come_back  # type: ignore[method-assign]
    await there.sweep()
    await there.take(truth.say(ROOM))
    await there.take(truth.say(OTHER))
    check(truth, *ears)


# --- rights ----------------------------------------------------------------------------------


async def test_an_invitation_adds_the_room_to_all_devices(truth: Truth, alone: Worker) -> None:
    ben, ben2 = await alone.ear(BEN), await alone.ear(BEN)
    await alone.take(truth.join(OTHER, BEN))
    for ear in (ben, ben2):
        assert ear.types() == ["room_added", "membership"]
    await alone.take(truth.say(OTHER))
    check(truth, ben, ben2)
    assert {ear.version for ear in (ben, ben2)} == {truth.version(BEN)}


async def test_what_changes_while_a_socket_says_hello_is_taken_in(
    truth: Truth, alone: Worker
) -> None:
    for change in ("kick", "join"):
        ben = alone.silent_ear(BEN)
        await alone.hub.enter(ben)
        saying = asyncio.create_task(ben.say_hello(alone.hub, truth))
        await asyncio.sleep(0)  # it has read the rights, and is not ready
        if change == "kick":
            await alone.take(truth.kick(ROOM, BEN))
        else:
            await alone.take(truth.join(ROOM, BEN))
        await saying
        await settle()
        check(truth, ben)
        alone.hub.leave(ben)


async def test_a_socket_that_became_ready_meanwhile_is_not_judged_by_older_rights(
    truth: Truth, alone: Worker
) -> None:
    await alone.ear(BEN)
    alone.database.hold()
    alone.hub.take(truth.touch(BEN), ())
    await settle()  # Ben's rights have been read, and are not handed over yet
    joined = truth.join(OTHER, BEN)
    alone.database.release()
    alone.hub.people[BEN].add(late := alone.silent_ear(BEN))
    late.version = truth.version(BEN)
    late.rooms = truth.rooms_of(BEN)
    late.cursors = {room: truth.head(room) for room in late.rooms}
    late.is_ready = True
    await alone.hub.attach(late, late.cursors)
    await settle()
    assert late.types() == []
    await alone.take(Committed(people=joined.people))
    check(truth, late)


async def test_rights_that_cannot_be_read_are_read_by_the_sweep(
    truth: Truth, alone: Worker
) -> None:
    ben = await alone.ear(BEN)
    alone.database.is_away = True
    await alone.take(truth.join(OTHER, BEN))
    assert ben.heard == []
    alone.database.is_away = False
    await alone.sweep()
    check(truth, ben)


async def test_a_room_that_could_not_be_added_once_is_added_by_the_sweep(
    truth: Truth, alone: Worker
) -> None:
    ben = await alone.ear(BEN)
    additions = truth.additions

    def away(user: int, rooms: Any) -> Any:
        truth.additions = additions  # type: ignore[method-assign]
        raise OSError("the database is away")

    truth.additions = away  # type: ignore[method-assign]
    await alone.take(truth.join(OTHER, BEN))
    assert OTHER not in ben.rooms
    await alone.sweep()
    check(truth, ben)


async def test_a_sign_in_that_ended_closes_its_sockets(truth: Truth, alone: Worker) -> None:
    ann, ben, cyd = [await alone.ear(user) for user in (ANN, BEN, CYD)]
    truth.logins_over = {ann.login: "signed_out", ben.login: "disabled"}
    await alone.take(Committed(people={ANN, BEN, CYD}))
    assert [ear.goodbye for ear in (ann, ben, cyd)] == [
        Goodbye.SIGNED_OUT,
        Goodbye.DISABLED,
        None,
    ]


async def test_a_sign_in_that_ended_unheard_is_found_by_the_sweep(
    truth: Truth, alone: Worker
) -> None:
    ann = await alone.ear(ANN)
    entered = alone.silent_ear(BEN)  # has not even said hello
    await alone.hub.enter(entered)
    await alone.sweep()
    truth.logins_over = {ann.login: "signed_out", entered.login: "disabled"}
    alone.hub.sweep._logins_checked_at = -1e9
    await alone.sweep()
    assert (ann.goodbye, entered.goodbye) == (Goodbye.SIGNED_OUT, Goodbye.DISABLED)


async def test_an_addition_that_cannot_be_made_live_closes_the_socket(
    truth: Truth, alone: Worker
) -> None:
    ben = await alone.ear(BEN)
    truth.join(OTHER, BEN)
    truth.say(OTHER, count=3)
    additions = truth.additions

    def then_away(user: int, rooms: Any) -> Any:
        alone.database.is_away = True
        return additions(user, rooms)

    truth.additions = then_away  # type: ignore[method-assign]
    await alone.take(Committed(people={BEN}))
    assert ben.goodbye is Goodbye.CURSOR_LOST


# --- too far, failing ------------------------------------------------------------------------


async def test_a_worker_that_is_too_far_behind_lets_the_removed_go(
    truth: Truth, pair: list[Worker]
) -> None:
    _, there = pair
    ann, ben, cyd = [await there.ear(user) for user in (ANN, BEN, CYD)]
    truth.say(ROOM, count=TOO_FAR)
    truth.kick(ROOM, BEN)
    truth.kick(ROOM, CYD)
    truth.join(ROOM, CYD)
    truth.say(ROOM, count=5)
    await there.sweep()
    await there.sweep()
    assert ann.types() == ["resync"]
    assert "resync" not in ben.types()
    assert ben.types() == ["room_removed"]
    check(truth, ann, ben, cyd)
    await there.take(truth.say(ROOM))
    check(truth, ann, ben, cyd)


async def test_who_comes_while_a_room_begins_anew_stays_in_it(
    truth: Truth, pair: list[Worker]
) -> None:
    _, there = pair
    await there.ear(ANN)
    before = {room: truth.head(room) for room in truth.rooms_of(BEN)}
    truth.say(ROOM, count=TOO_FAR + 5)
    there.database.hold()
    stream = there.hub.streams[ROOM]
    stream.catch_up(truth.head(ROOM))
    await settle()
    ben = there.silent_ear(BEN)
    there.hub.people[BEN] = {ben}
    ben.is_ready, ben.version, ben.cursors = True, truth.version(BEN), dict(before)
    joining = asyncio.create_task(there.hub.attach(ben, before))
    await settle()
    assert ben in stream.sockets
    there.database.release()
    await joining
    await settle()
    assert "room_removed" not in ben.types()
    check(truth, ben)


async def test_receipts_are_right_after_a_resync(truth: Truth, pair: list[Worker]) -> None:
    _, there = pair
    await there.ear(ANN)
    truth.say(ROOM, count=TOO_FAR + 5)
    truth.receipts[ROOM] = False
    await there.sweep()
    assert there.hub.streams[ROOM].receipts is False


async def test_a_sweep_that_fails_is_followed_by_one_that_does_not(
    truth: Truth, pair: list[Worker], caplog: pytest.LogCaptureFixture
) -> None:
    _, there = pair
    ben = await there.ear(BEN)
    truth.say(ROOM)
    there.database.is_away = True
    for _ in range(3):
        there.hub._lost()
        await settle()
    assert ben.seqs() == []
    assert not ben.is_closed
    assert sum("could not" in record.getMessage() for record in caplog.records) == 1
    there.database.is_away = False
    await there.sweep()
    check(truth, ben)


async def test_a_hello_without_a_database_closes_the_socket(
    truth: Truth, pair: list[Worker]
) -> None:
    _, there = pair
    there.database.is_away = True
    ben = await there.ear(BEN)
    assert ben.goodbye is Goodbye.CURSOR_LOST
    assert ben.heard == []


# --- health ----------------------------------------------------------------------------------


class Ill(MemoryBus):
    """A bus whose health the test decides."""

    name = "ill"
    healthy = True


async def test_a_bus_that_goes_away_is_told_and_its_return_too(truth: Truth) -> None:
    bus = Ill()
    worker = Worker(truth, bus)
    await worker.hub.start()
    ann = await worker.ear(ANN)
    bus.healthy = False
    await worker.sweep()
    await worker.sweep()
    assert ann.heard == [{"type": "degraded", "what": ["bus"]}]
    late = await worker.ear(BEN)
    assert late.heard == [{"type": "degraded", "what": ["bus"]}]  # who comes now hears it too
    bus.healthy = True
    await worker.sweep()
    assert ann.heard[-1] == late.heard[-1] == {"type": "degraded", "what": []}
    await worker.hub.stop()


# --- what is shown ---------------------------------------------------------------------------


async def test_the_online_count_goes_to_who_shows_the_room(truth: Truth, alone: Worker) -> None:
    ann, ben = await alone.ear(ANN), await alone.ear(BEN)
    truth.online = {ROOM: 3, OTHER: 1}
    alone.hub.view(ann, ROOM)
    await settle()
    assert ann.heard == [{"type": "online_count", "room": ROOM, "online_count": 3}]
    alone.hub.view(ann, OTHER)
    await settle()
    assert ann.heard[-1] == {"type": "online_count", "room": OTHER, "online_count": 1}
    ann.forget()
    await alone.hub.onlookers.count_online({ROOM, OTHER})
    assert [one["room"] for one in ann.heard] == [OTHER]
    alone.hub.view(ann, None)
    await alone.hub.onlookers.count_online({ROOM, OTHER})
    assert len(ann.heard) == 1
    assert ben.heard == []


async def test_a_room_that_is_opened_before_it_is_live_is_counted_when_it_is(
    truth: Truth, alone: Worker
) -> None:
    truth.online = {ROOM: 2}
    ben = alone.silent_ear(BEN)
    await alone.hub.enter(ben)
    alone.database.hold()
    joining = asyncio.create_task(ben.say_hello(alone.hub, truth))
    await settle()
    alone.hub.view(ben, ROOM)
    alone.database.release()
    await joining
    await settle()
    assert ben.types() == ["online_count"]


async def test_a_room_on_the_screen_is_counted_when_somebody_leaves(
    truth: Truth, alone: Worker
) -> None:
    ann = await alone.ear(ANN)
    alone.hub.view(ann, ROOM)
    await settle()
    ann.forget()
    truth.online = {ROOM: 2}
    left = truth.kick(ROOM, BEN)
    left.rooms[ROOM] = [one._replace(receipts=True) for one in left.rooms[ROOM]]
    await alone.take(left)
    counts = [one for one in ann.heard if one["type"] == "online_count"]
    assert counts == [{"type": "online_count", "room": ROOM, "online_count": 2}]


async def test_who_was_removed_hears_no_count(truth: Truth, alone: Worker) -> None:
    ben = await alone.ear(BEN)
    alone.hub.view(ben, ROOM)
    await alone.take(truth.kick(ROOM, BEN))
    ben.forget()
    await alone.hub.onlookers.count_online({ROOM})
    await settle()
    assert ben.heard == []


async def test_news_of_public_rooms_go_to_who_shows_the_lobby(
    truth: Truth, pair: list[Worker]
) -> None:
    here, there = pair
    ann, ben, cyd = await there.ear(ANN), await there.ear(BEN), await here.ear(CYD)
    for worker, ear in ((there, ann), (there, ben), (here, cyd)):
        worker.hub.view(ear, None)
    there.hub.view(ben, ROOM)
    there.hub.view(ann, ROOM)
    there.hub.view(ann, None)
    await settle()
    heard = len(ann.heard), len(ben.heard), len(cyd.heard)
    await here.take(aside(LOBBY))
    assert (len(ann.heard), len(ben.heard), len(cyd.heard)) == (
        heard[0] + 1,
        heard[1],
        heard[2] + 1,
    )
    there.hub.leave(ann)
    assert not there.hub.lobby


async def test_presence_is_told_to_who_may_know(truth: Truth, alone: Worker) -> None:
    truth.open(3, ANN, 9)
    truth.receipts[ROOM] = False  # too large: nobody is told there
    truth.contacts[ANN] = {CYD}
    ears = {user: await alone.ear(user) for user in (ANN, BEN, CYD, 9)}
    other_device = await alone.ear(ANN)
    alone.hub.tell_presence({ANN: "away"})
    await settle()
    heard = {user: ear.heard for user, ear in ears.items()}
    event = {"type": "presence", "uid": ANN, "state": "away"}
    assert heard == {ANN: [], BEN: [], CYD: [event], 9: [event]}
    assert other_device.heard == []
    alone.hub.tell_presence({ANN: "offline"})
    await settle()
    assert ears[9].heard[-1]["last_seen_ts"] > 0


# --- what somebody is not to hear ------------------------------------------------------------


async def test_a_veil_keeps_typing_and_receipts_of_some_away(truth: Truth, alone: Worker) -> None:
    ben, cyd = await alone.ear(BEN), await alone.ear(CYD)
    truth.veils[BEN] = Veil(apart=frozenset({ANN}))
    await alone.take(truth.touch(BEN))  # it is read with the rights
    await alone.take(aside(room_topic(ROOM), skip=ANN, passing=True))
    assert (ben.types(), cyd.types()) == ([], ["message_read"])
    await alone.take(aside(room_topic(ROOM), skip=ANN, height=("MessageRead 1", 5)))
    await alone.take(aside(person_topic(BEN), passing=True))
    assert ben.types() == ["message_read"]  # what is one's own goes on, receipts do not
    await alone.take(aside(room_topic(ROOM), skip=9, height=("MessageRead 9", 5)))
    assert len(ben.heard) == 2


async def test_who_hides_receipts_hears_none(truth: Truth, alone: Worker) -> None:
    ben, cyd = await alone.ear(BEN), await alone.ear(CYD)
    ben.veil, cyd.veil = Veil(receipts="nobody"), Veil(receipts="friends", friends=frozenset({ANN}))
    await alone.take(aside(room_topic(ROOM), skip=ANN, height=("MessageRead 1", 5)))
    await alone.take(aside(room_topic(ROOM), skip=9, height=("MessageRead 9", 5)))
    await alone.take(aside(person_topic(BEN), height=(f"read {ROOM}", 5)))
    assert (ben.types(), cyd.types()) == (["message_read"], ["message_read"])


async def test_an_aside_for_some_is_for_those_on_all_workers(
    truth: Truth, pair: list[Worker]
) -> None:
    here, there = pair
    ben, cyd = await here.ear(BEN), await there.ear(CYD)
    await here.take(aside(room_topic(ROOM), skip=ANN, only=(CYD,)))
    assert (ben.types(), cyd.types()) == ([], ["message_read"])
    await here.take(aside(room_topic(ROOM), skip=ANN, only=(BEN,)))
    assert (ben.types(), cyd.types()) == (["message_read"], ["message_read"])


async def test_presence_is_told_as_both_show_it(truth: Truth, alone: Worker) -> None:
    truth.contacts[ANN] = {BEN}
    truth.shows[ANN] = ("friends", "nobody")
    ben, cyd = await alone.ear(BEN), await alone.ear(CYD)
    alone.hub.tell_presence({ANN: "offline"})
    await settle()
    assert ben.heard == [{"type": "presence", "uid": ANN, "state": "offline"}]
    assert cyd.heard == []
    truth.shows.clear()
    ben.veil, cyd.veil = Veil(online="nobody"), Veil(apart=frozenset({ANN}))
    alone.hub.tell_presence({ANN: "online"})
    await settle()
    assert (len(ben.heard), len(cyd.heard)) == (1, 0)


async def test_a_count_leaves_out_whom_one_does_not_see(truth: Truth, alone: Worker) -> None:
    truth.online = {ROOM: 3}
    ann, ben = await alone.ear(ANN), await alone.ear(BEN)
    ben.veil = Veil(apart=frozenset({ANN, 9}))
    alone.hub.view(ann, ROOM)
    alone.hub.view(ben, ROOM)
    await settle()
    assert [one["online_count"] for one in ann.heard][-1] == 3
    assert {one["online_count"] for one in ben.heard} == {2}


# --- what the bus brings ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("topic", "what"),
    [
        (person_topic(ROOM), Committed(gone={ROOM})),
        (room_topic(BEN), Committed(people={BEN})),
    ],
)
async def test_a_ring_on_a_foreign_topic_is_ignored(
    truth: Truth, pair: list[Worker], topic: str, what: Committed
) -> None:
    here, there = pair
    ben = await there.ear(BEN)
    rung: list[bytes] = []
    here.bus.publish = lambda _, payload: rung.append(payload)  # type: ignore[method-assign]
    here.hub.take(what, ())
    calls = there.database.calls
    there.hub._receive(topic, rung[0])
    await settle()
    assert ben.heard == []
    assert there.database.calls == calls
    check(truth, ben)


async def test_news_of_a_cursor_that_comes_late_is_not_told(
    truth: Truth, pair: list[Worker]
) -> None:
    _, there = pair
    ben = await there.ear(BEN)
    for height in (5, 3, 7, 6, 7):
        await there.take(aside(room_topic(ROOM), height=("read of ann", height)))
    assert len(ben.heard) == 3  # 5, 7 and 7 again


# --- crowds ----------------------------------------------------------------------------------


async def test_rights_change_while_a_crowd_is_written_to(truth: Truth, alone: Worker) -> None:
    users = range(100, 100 + 2 * TURN + 10)
    truth.open(3, *users)
    crowd = [await alone.ear(user) for user in users]
    victims = random.Random(1).sample(crowd, 20)
    for ear in victims:
        alone.hub.take(truth.say(3), ())
        await asyncio.sleep(0)
        alone.hub.take(truth.kick(3, ear.user_id), ())
        await asyncio.sleep(0)
        alone.hub.take(truth.say(3), ())
    await settle()
    await settle()
    check(truth, *crowd)
    for ear in victims:
        assert ear.types()[-1] == "room_removed"


async def test_five_hundred_rooms_of_one_person(alone: Worker) -> None:
    truth = alone.truth
    for room in range(100, 600):
        truth.open(room, 7)
    calls = alone.database.calls
    ear = await alone.ear(7)
    assert alone.database.calls - calls <= 2
    for room in range(100, 600):
        alone.hub.take(truth.say(room), ())
    await settle()
    check(truth, ear)
