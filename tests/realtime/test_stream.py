"""One room's live end: an entry goes out as the one after the cursor, or not at all."""

from __future__ import annotations

import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loopchat.realtime import stream as module
from loopchat.realtime.frames import FRAME_MAX
from loopchat.realtime.outbox import Entry
from loopchat.realtime.stream import PAGE, RECENT, TOO_FAR, TURN, Gone, Stream
from tests.realtime.doubles import Away, Database, Ear, Truth, entry, settle

ROOM = 1


class Scene:
    """A stream on a truth, without a hub."""

    def __init__(self, *, events: int = 0) -> None:
        self.truth = Truth()
        self.truth.open(ROOM, events=events)
        self.database = Database()
        self.anew = 0
        self.stream = Stream(
            ROOM,
            cursor=events,
            receipts=True,
            read=self._read,
            begin_anew=self._begin_anew,
        )

    async def _read(self, room: int, after: int, upto: int) -> list[Entry]:
        return await self.database(lambda: self.truth.read(room, after=after, upto=upto))

    async def _begin_anew(self, stream: Stream) -> None:
        self.anew += 1
        stream.resync(await self.database(lambda: self.truth.head(ROOM)))

    def commit(self, count: int = 1, text: str = "x") -> list[Entry]:
        """New messages, which nobody has told the stream of yet."""
        return self.truth.say(ROOM, text, count).rooms[ROOM]

    def kick(self, user: int) -> Entry:
        return self.truth.kick(ROOM, user).rooms[ROOM][0]

    async def listen(self, user: int = 7, *, base: int | None = None) -> Ear:
        """A socket that is live from its base on."""
        ear = self.ear(user, base=base)
        await self.stream.join(ear, ear.cursors[ROOM])
        return ear

    def ear(self, user: int = 7, *, base: int | None = None) -> Ear:
        ear = Ear(user)
        ear.is_ready = True
        ear.rooms = {ROOM}
        ear.cursors = {ROOM: self.stream.cursor if base is None else base}
        return ear

    def check(self, *ears: Ear) -> None:
        """Everybody has everything, and nothing came that may not."""
        for ear in ears:
            assert ear.wrong == []
            assert ear.cursors == {ROOM: self.truth.head(ROOM)}


# --- in order --------------------------------------------------------------------------------


async def test_what_comes_in_order_goes_out_in_order() -> None:
    scene = Scene(events=3)
    ann, ben = await scene.listen(1), await scene.listen(2)
    for _ in range(5):
        scene.stream.receive(scene.commit())
        await settle()
    assert ann.seqs() == ben.seqs() == [4, 5, 6, 7, 8]
    assert scene.truth.log_reads == []


async def test_what_comes_in_one_turn_shares_a_frame() -> None:
    scene = Scene()
    ann = await scene.listen()
    scene.stream.receive(scene.commit())
    scene.stream.receive(scene.commit(2))
    assert ann.frames == []
    await settle()
    assert [len(objects) for objects in ann.frames] == [3]


async def test_a_burst_is_cut_into_frames_of_bounded_size() -> None:
    scene = Scene()
    ann = await scene.listen()
    sizes: list[int] = []
    ann.write = lambda frame: sizes.append(len(frame))  # type: ignore[method-assign]
    scene.stream.receive(scene.commit(40, "x" * 30_000))
    await settle()
    assert sum(sizes) > 40 * 30_000
    assert all(size <= FRAME_MAX + 10 for size in sizes)
    scene.stream.receive(scene.commit(1, "x" * 2 * FRAME_MAX))  # a single object may be larger
    await settle()
    assert sizes[-1] > 2 * FRAME_MAX


async def test_duplicates_and_what_is_old_are_dropped() -> None:
    scene = Scene()
    ann = await scene.listen()
    entries = scene.commit(5)
    for one in (entries[0], entries[0], entries[1], entries[0], entries[2]):
        scene.stream.receive([one])
    scene.stream.receive(entries[:3])
    scene.stream.receive([*entries[3:], *entries])
    await settle()
    assert ann.seqs() == [1, 2, 3, 4, 5]
    scene.check(ann)


# --- holes -----------------------------------------------------------------------------------


async def test_a_hole_is_read_before_what_is_behind_it() -> None:
    scene = Scene()
    ann = await scene.listen()
    entries = scene.commit(5)
    scene.stream.receive([entries[0], entries[4]])
    await settle()
    scene.check(ann)
    assert scene.truth.log_reads == [(ROOM, 1, 5)]
    assert scene.stream.gaps == 1


async def test_without_the_repair_there_would_be_a_hole() -> None:
    """What the repair prevents: it is the read that fills the hole, and nothing else."""
    scene = Scene()
    ann = await scene.listen()
    scene.database.is_away = True
    entries = scene.commit(5)
    scene.stream.receive([entries[0], entries[4]])
    await settle()
    assert ann.seqs() == [1]


async def test_what_comes_out_of_order_is_put_in_order() -> None:
    scene = Scene()
    ann = await scene.listen()
    for one in reversed(scene.commit(5)):
        scene.stream.receive([one])
    await settle()
    scene.check(ann)


async def test_what_comes_during_a_repair_waits_for_it() -> None:
    scene = Scene()
    ann = await scene.listen()
    entries = scene.commit(3)
    scene.database.hold()
    scene.stream.receive(entries[2:])
    await settle()
    later = scene.commit(3)
    for one in (*entries[:1], *later[::-1]):
        scene.stream.receive([one])
        await settle()
    assert ann.seqs() == []
    scene.database.release()
    await settle()
    scene.check(ann)


async def test_a_large_hole_is_read_in_pages() -> None:
    scene = Scene()
    ann = await scene.listen()
    entries = scene.commit(3 * PAGE + 5)
    scene.stream.receive(entries[-1:])
    await settle()
    scene.check(ann)
    assert [upto - after for _, after, upto in scene.truth.log_reads] == [PAGE, PAGE, PAGE, 5]


async def test_one_repair_goes_on_to_the_highest_target() -> None:
    scene = Scene()
    await scene.listen()
    entries = scene.commit(10)
    first = scene.stream.catch_up(4)
    assert scene.stream.catch_up(9) is first
    assert scene.stream.catch_up(2) is first
    await first
    assert scene.stream.cursor == 9
    scene.stream.receive(entries)
    await settle()
    assert scene.stream.cursor == 10


async def test_a_repair_that_fails_is_begun_again_by_the_next_event() -> None:
    scene = Scene()
    ann = await scene.listen()
    scene.database.is_away = True
    scene.stream.receive(scene.commit(3)[2:])
    await settle()
    scene.stream.receive(scene.commit(1))
    await settle()
    assert ann.seqs() == []
    scene.database.is_away = False
    scene.stream.receive(scene.commit(1))
    await settle()
    scene.check(ann)


async def test_a_repair_that_fails_is_begun_again_by_the_sweep() -> None:
    scene = Scene()
    ann = await scene.listen()
    scene.database.is_away = True
    scene.stream.receive(scene.commit(3)[2:])
    await settle()
    scene.database.is_away = False
    await scene.stream.catch_up(3)
    await settle()
    scene.check(ann)


class BadTime:
    """A stream whose bus drops, doubles and reorders while sockets come with any base."""

    def __init__(self, data: st.DataObject, scene: Scene) -> None:
        self.data, self.scene = data, scene
        self.ears: list[Ear] = []
        self.joins: list[asyncio.Task[None]] = []
        self.waiting: list[Entry] = []

    def commit(self) -> None:
        self.waiting += self.scene.commit(self._up_to(3, low=1))

    def deliver(self) -> None:
        if self.waiting:
            late = self.waiting.pop(self._up_to(len(self.waiting) - 1))
            self.scene.stream.receive([late])

    def double(self) -> None:
        if self.waiting:
            again = self.waiting[self._up_to(len(self.waiting) - 1)]
            self.scene.stream.receive([again, again])

    def join(self) -> None:
        base = self._up_to(self.scene.truth.head(ROOM))
        ear = self.scene.ear(len(self.ears) + 1, base=base)
        self.ears.append(ear)
        self.joins.append(asyncio.create_task(self.scene.stream.join(ear, base)))

    def slow(self) -> None:
        self.scene.database.hold()

    def quick(self) -> None:
        self.scene.database.release()

    async def turns(self) -> None:
        for _ in range(self._up_to(4)):
            await asyncio.sleep(0)

    def _up_to(self, most: int, *, low: int = 0) -> int:
        return self.data.draw(st.integers(low, most))


ACTS = ("commit", "commit", "deliver", "double", "join", "slow", "quick")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(ACTS), max_size=40), st.integers(0, 5), st.data())
async def test_whatever_the_bus_does_everybody_sees_the_log(
    acts: list[str], events: int, data: st.DataObject
) -> None:
    scene = Scene(events=events)
    time = BadTime(data, scene)
    time.ears.append(await scene.listen(1))
    for act in acts:
        getattr(time, act)()
        await time.turns()
    time.quick()
    await settle()
    scene.stream.catch_up(scene.truth.head(ROOM))  # as the sweep does
    await settle()
    await asyncio.gather(*time.joins)
    scene.check(*time.ears)


# --- joining ---------------------------------------------------------------------------------


async def test_a_socket_that_has_everything_reads_nothing() -> None:
    scene = Scene(events=5)
    ann = await scene.listen(base=5)
    assert scene.truth.log_reads == []
    scene.stream.receive(scene.commit())
    await settle()
    assert ann.seqs() == [6]


async def test_a_socket_that_is_behind_gets_what_it_has_missed() -> None:
    scene = Scene(events=500)
    ann = await scene.listen(base=30)
    assert ann.seqs() == list(range(31, 501))
    assert [upto - after for _, after, upto in scene.truth.log_reads] == [PAGE, PAGE, 70]
    scene.check(ann)


async def test_a_socket_that_is_ahead_waits_until_the_stream_is_there() -> None:
    scene = Scene(events=2)
    ben = await scene.listen(2)
    scene.commit(5)  # of which this worker has heard nothing
    ann = await scene.listen(1, base=7)
    assert ann.seqs() == []
    assert ben.seqs() == [3, 4, 5, 6, 7]
    scene.stream.receive(scene.commit())
    await settle()
    scene.check(ann, ben)


async def test_what_is_not_flushed_yet_reaches_a_newcomer_once() -> None:
    scene = Scene(events=2)
    ben = await scene.listen(2)
    scene.stream.receive(scene.commit(3))  # pending until the next turn
    newcomers = [scene.ear(10 + base, base=base) for base in range(6)]
    await asyncio.gather(*(scene.stream.join(ear, ear.cursors[ROOM]) for ear in newcomers))
    await settle()
    scene.check(ben, *newcomers)


async def test_a_socket_gets_into_a_room_in_which_much_happens() -> None:
    """While it reads what it has missed, more is written, every time."""
    scene = Scene(events=10)
    ann = scene.ear(1, base=3)
    joining = asyncio.create_task(scene.stream.join(ann, 3))
    for _ in range(3 * TURNS_OF_A_READ):
        scene.stream.receive(scene.commit(2))
        await asyncio.sleep(0)
        if joining.done():
            break
    assert joining.done()
    await settle()
    scene.check(ann)


TURNS_OF_A_READ = 10


async def test_a_newcomer_reads_what_is_no_longer_in_memory() -> None:
    scene = Scene()
    ben = await scene.listen(2)
    for _ in range(RECENT + 10):
        scene.stream.receive(scene.commit())
    await settle()
    from_memory = await scene.listen(3, base=RECENT)
    assert scene.truth.log_reads == []
    from_log = await scene.listen(4, base=2)
    assert scene.truth.log_reads != []
    scene.check(ben, from_memory, from_log)


async def test_a_socket_that_closes_while_it_joins_is_not_kept() -> None:
    scene = Scene(events=500)
    ann = scene.ear(1, base=0)
    joining = asyncio.create_task(scene.stream.join(ann, 0))
    await asyncio.sleep(0)
    scene.database.hold()
    await settle()
    ann.is_closed = True
    scene.database.release()
    await joining
    assert scene.stream.sockets == set()


async def test_a_socket_whose_room_is_taken_away_while_it_joins_is_not_kept() -> None:
    scene = Scene(events=500)
    ann = scene.ear(1, base=0)
    scene.database.hold()
    joining = asyncio.create_task(scene.stream.join(ann, 0))
    await settle()
    ann.rooms.clear()
    scene.database.release()
    await joining
    assert scene.stream.sockets == set()


async def test_who_was_removed_on_the_way_gets_nothing_after_it() -> None:
    scene = Scene(events=5)
    scene.kick(7)
    scene.commit(3)
    await scene.stream.catch_up(9)
    ann, other = scene.ear(7, base=3), scene.ear(8, base=3)
    await scene.stream.join(ann, 3)
    await scene.stream.join(other, 3)
    assert ann.types() == ["chat_message", "chat_message", "membership", "room_removed"]
    assert ann.rooms == set()
    assert scene.stream.sockets == {other}
    scene.check(other)


async def test_a_room_that_is_gone_cannot_be_joined() -> None:
    scene = Scene(events=5)
    scene.truth.delete(ROOM)
    with pytest.raises(Gone):
        await scene.stream.join(scene.ear(1, base=2), 2)


async def test_a_join_that_cannot_read_says_so() -> None:
    scene = Scene(events=5)
    scene.database.is_away = True
    with pytest.raises(Away):
        await scene.stream.join(scene.ear(1, base=2), 2)
    with pytest.raises(Away):
        await scene.stream.join(scene.ear(1, base=9), 9)


async def test_a_join_right_behind_a_repair_that_has_just_ended() -> None:
    """The repair is over, its callback has not run yet, and somebody wants more."""
    scene = Scene(events=2)
    scene.commit(3)
    repair = scene.stream.catch_up(3)
    ann = scene.ear(1, base=5)
    joined: list[asyncio.Task[None]] = []
    # Callbacks run in their order: this one is called before the stream's own.
    repair.remove_done_callback(scene.stream._repaired)
    repair.add_done_callback(
        lambda _: joined.append(asyncio.create_task(scene.stream.join(ann, 5)))
    )
    repair.add_done_callback(
        lambda _: asyncio.get_running_loop().call_soon(
            lambda: asyncio.get_running_loop().call_soon(scene.stream._repaired, repair)
        )
    )
    async with asyncio.timeout(5):
        await settle()
        await joined[0]
    scene.stream.receive(scene.commit())
    await settle()
    scene.check(ann)


async def test_a_room_that_ends_while_somebody_waits_for_its_repair() -> None:
    scene = Scene(events=2)
    ann = scene.ear(1, base=5)
    scene.database.hold()
    joining = asyncio.create_task(scene.stream.join(ann, 5))
    await settle()
    scene.stream.end()
    scene.database.release()
    with pytest.raises(Gone):
        await joining


# --- removals --------------------------------------------------------------------------------


async def test_a_removal_ends_its_frame_and_is_the_last_thing_that_person_gets() -> None:
    scene = Scene()
    ann, ben, bens_phone = [await scene.listen(user) for user in (1, 2, 2)]
    burst = [*scene.commit(2), scene.kick(2), *scene.commit(2)]
    scene.stream.receive(burst)
    await settle()
    scene.stream.receive(scene.commit(2))
    await settle()
    for ear in (ben, bens_phone):
        assert [[o["type"] for o in f] for f in ear.frames] == [
            ["chat_message", "chat_message", "membership"],
            ["room_removed"],
        ]
        assert ear.wrong == []
        assert ear.rooms == set()
    assert [len(f) for f in ann.frames] == [3, 2, 2]
    scene.check(ann)


async def test_several_removals_in_one_burst() -> None:
    scene = Scene()
    ears = {user: await scene.listen(user) for user in (1, 2, 3, 4)}
    burst = [
        scene.kick(2),
        *scene.commit(1),
        scene.kick(3),
        scene.kick(4),
        *scene.commit(1),
    ]
    scene.stream.receive(burst)
    await settle()
    assert {user: ear.seqs() for user, ear in ears.items()} == {
        1: [1, 2, 3, 4, 5],
        2: [1],
        3: [1, 2, 3],
        4: [1, 2, 3, 4],
    }
    assert all(ear.types()[-1] == "room_removed" for user, ear in ears.items() if user > 1)
    assert all(ear.wrong == [] for ear in ears.values())


async def test_a_removal_that_was_lost_is_repaired_like_a_message() -> None:
    scene = Scene()
    ann, ben = await scene.listen(1), await scene.listen(2)
    scene.kick(2)
    scene.stream.receive(scene.commit(2)[1:])
    await settle()
    assert ben.seqs() == [1]
    assert ben.types()[-1] == "room_removed"
    scene.check(ann)


async def test_a_socket_that_lost_a_room_by_the_log_asks_for_its_rights_again() -> None:
    """Its person may have come back since: rights that were read before are worth nothing."""
    scene = Scene()
    ben = await scene.listen(2)
    ben.version = 5
    scene.stream.receive([scene.kick(2)])
    await settle()
    assert ben.version != 5


async def test_the_end_of_a_room_is_said_to_everybody_once() -> None:
    scene = Scene()
    ann, ben = await scene.listen(1), await scene.listen(2)
    scene.stream.receive(scene.commit())
    scene.stream.end()
    await settle()
    for ear in (ann, ben):
        assert ear.types().count("room_removed") == 1
        assert ear.types()[-1] == "room_removed"
        assert ear.wrong == []
    assert scene.stream.sockets == set()


# --- too far ---------------------------------------------------------------------------------


async def test_a_stream_that_is_too_far_behind_begins_anew() -> None:
    scene = Scene()
    ann, ben = await scene.listen(1), await scene.listen(2)
    first = scene.commit(1)
    scene.stream.receive(first)
    scene.commit(TOO_FAR)
    scene.stream.catch_up(TOO_FAR + 1)
    await settle()
    assert scene.anew == 0  # exactly so many are still read
    scene.commit(TOO_FAR + 1)
    scene.stream.catch_up(2 * TOO_FAR + 2)
    await settle()
    assert scene.anew == 1
    for ear in (ann, ben):
        assert ear.heard[-1] == {
            "type": "resync",
            "room": ROOM,
            "head": 2 * TOO_FAR + 2,
            "reason": "too_far",
        }
    scene.stream.receive(scene.commit())
    await settle()
    scene.check(ann, ben)


async def test_what_waits_to_be_flushed_is_not_sent_behind_a_resync() -> None:
    scene = Scene()
    ann = await scene.listen(1)
    scene.stream.receive(scene.commit(2))
    scene.commit(TOO_FAR + 5)
    scene.stream.catch_up(scene.truth.head(ROOM))
    await settle()
    scene.check(ann)


# --- crowds ----------------------------------------------------------------------------------

CROWD = 2 * TURN + 500


async def crowd_of(scene: Scene, size: int = CROWD) -> list[Ear]:
    return [await scene.listen(1000 + n) for n in range(size)]


async def test_a_crowd_is_written_to_in_turns_and_in_order() -> None:
    scene = Scene()
    crowd = await crowd_of(scene)
    scene.stream.receive(scene.commit(2))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    reached = [sum(1 for ear in crowd if ear.frames)]
    for _ in range(5):
        scene.stream.receive(scene.commit())
        await asyncio.sleep(0)
        reached.append(sum(1 for ear in crowd if ear.frames))
    assert TURN in reached  # the loop had its turn in between
    await settle()
    scene.check(*crowd)


async def test_a_crowd_loses_somebody_in_the_middle_of_a_burst() -> None:
    scene = Scene()
    crowd = await crowd_of(scene)
    victim, other_device = crowd[-1], await scene.listen(crowd[-1].user_id)
    burst = [*scene.commit(2), scene.kick(victim.user_id), *scene.commit(2)]
    scene.stream.receive(burst)
    for _ in range(3):
        await asyncio.sleep(0)
        scene.stream.receive(scene.commit())
    await settle()
    for ear in (victim, other_device):
        assert ear.seqs() == [1, 2, 3]
        assert ear.types()[-1] == "room_removed"
        assert ear.wrong == []
    scene.check(*crowd[:-1])


async def test_who_is_let_go_during_a_fan_out_gets_nothing_more() -> None:
    """Rights that end by another way than the log must not be overtaken by a slow fan-out."""
    scene = Scene()
    crowd = await crowd_of(scene)
    scene.stream.receive(scene.commit())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    late = [ear for ear in crowd if not ear.frames]
    assert late
    for ear in late[:10]:
        ear.cursors.clear()
        scene.stream.remove(ear)
    await settle()
    for ear in late[:10]:
        assert ear.frames == []
    scene.check(*(ear for ear in crowd if ear not in late[:10]))


async def test_who_comes_during_a_fan_out_gets_everything_once() -> None:
    scene = Scene()
    crowd = await crowd_of(scene)
    scene.stream.receive(scene.commit(2))
    for base in (0, 1, 2, 0, 1, 2):
        await asyncio.sleep(0)
        newcomer = scene.ear(base, base=base)
        crowd.append(newcomer)
        joining = asyncio.create_task(scene.stream.join(newcomer, base))
        await asyncio.sleep(0)
        scene.stream.receive(scene.commit())
    await settle()
    await joining
    scene.check(*crowd)


async def test_who_goes_and_comes_back_during_a_fan_out_gets_everything_once() -> None:
    scene = Scene()
    crowd = await crowd_of(scene)
    scene.stream.receive(scene.commit(2))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    back = next(ear for ear in reversed(crowd) if not ear.frames)
    scene.stream.remove(back)
    back.rooms, back.cursors = {ROOM}, {ROOM: 2}
    await scene.stream.join(back, 2)
    await settle()
    scene.stream.receive(scene.commit())
    await settle()
    assert back.seqs() == [3]
    scene.check(*crowd)


async def test_a_crowd_that_is_resynced_gets_nothing_old_behind_it() -> None:
    scene = Scene()
    crowd = await crowd_of(scene)
    next_ones = scene.commit(2)
    far_away = scene.commit(TOO_FAR + 5)[-1:]
    scene.stream.receive([*next_ones, *far_away])  # in this order the repair begins first
    await settle()
    assert scene.anew == 1
    scene.check(*crowd)


async def test_a_room_that_ends_during_a_fan_out_says_nothing_more() -> None:
    scene = Scene()
    crowd = await crowd_of(scene)
    scene.stream.receive(scene.commit())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    scene.stream.end()
    await settle()
    for ear in crowd:
        assert ear.types()[-1] == "room_removed"
        assert ear.wrong == []


async def test_a_crowd_and_a_bad_bus() -> None:
    rng = random.Random(5)
    scene = Scene()
    crowd = await crowd_of(scene, TURN + 5)
    waiting: list[Entry] = []
    for _ in range(40):
        waiting += scene.commit(rng.randint(1, 3))
        rng.shuffle(waiting)
        while waiting and rng.random() < 0.8:
            scene.stream.receive([waiting.pop()])
        await asyncio.sleep(0)
        if rng.random() < 0.2:
            base = rng.randint(0, scene.truth.head(ROOM))
            crowd.append(scene.ear(base=base))
            task = asyncio.create_task(scene.stream.join(crowd[-1], base))
    scene.stream.catch_up(scene.truth.head(ROOM))
    await settle()
    await task
    scene.check(*crowd)


async def test_a_socket_that_fails_does_not_end_the_turn_of_the_others() -> None:
    scene = Scene()
    ann, broken, cyd = [await scene.listen(user) for user in (1, 2, 3)]

    def fail() -> None:
        raise RuntimeError("closed")

    broken.on_write = fail
    scene.stream.receive(scene.commit())
    await settle()
    assert ann.seqs() == cyd.seqs() == [1]


async def test_receipts_follow_the_log() -> None:
    scene = Scene()
    one = entry(ROOM, 1)._replace(receipts=False)
    scene.stream.receive([one])
    assert scene.stream.receipts is False
    scene.stream.receive([entry(ROOM, 2)])
    assert scene.stream.receipts is False
    scene.stream.receive([entry(ROOM, 3)._replace(receipts=True)])
    assert scene.stream.receipts is True
    assert module.TURN == TURN
