"""The parts of a run, one after the other: each fills its place in the report."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from bench.connection import Lost
from bench.loads.ask import paging, paging_by_rest, returning
from bench.loads.city import city
from bench.loads.crowd import crowd
from bench.loads.durable import DurableResult, durable
from bench.loads.room import Room, RoomResult, room_of
from bench.loads.slow import slow
from bench.loads.soak import soak
from bench.loads.start import seconds_to_first_answer
from bench.peers import loopchat
from bench.peers.base import Peer, Place, Served
from bench.peers.ejabberd import Ejabberd
from bench.peers.kernel import KernelLoop
from bench.peers.postgres import postgres
from bench.peers.seeds import SeedsStack
from bench.peers.world import RoomPlan, Seeded, World
from bench.processes import NotServing, free_port
from bench.report import PeerRow, Report

PARTS = (
    *("kernel", "channels", "ejabberd", "room", "durable", "postgres"),
    *("start", "crowd", "city", "return", "history", "slow"),
)
ASKED_FOR = ("soak",)
"""Parts that are long: only when they are named."""
_FRAME = 250
"""Bytes of a chat message of 98 characters as it goes over the wire, roughly."""
_EVERYDAY = 50
"""Messages a second of a whole city."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much and how long: seconds, people, rooms, messages."""

    members: int
    rate: float
    seconds: float
    warm_s: float
    rounds: int
    crowd: int
    crowd_rooms: int
    city: int
    city_rooms: int
    missed: int
    returns: int
    long_room: int
    pages: int
    soak_minutes: float = 10


FULL = Sizes(
    members=500,
    rate=60,
    seconds=10,
    warm_s=2,
    rounds=2,
    crowd=2000,
    crowd_rooms=400,
    city=10_000,
    city_rooms=500,
    missed=200_000,
    returns=40,
    long_room=1_000_000,
    pages=2000,
)
QUICK = replace(
    FULL,
    seconds=4,
    warm_s=1,
    rounds=1,
    crowd=500,
    crowd_rooms=100,
    city=2000,
    city_rooms=100,
    missed=60_000,
    returns=10,
    long_room=100_000,
    pages=300,
)


class Runs:
    """Every part, by name."""

    def __init__(self, report: Report, place: Place, sizes: Sizes) -> None:
        self._report = report
        self._place = place
        self._sizes = sizes

    def all(self, parts: Iterable[str]) -> None:
        """Run the parts in their order; what fails is noted and the rest goes on."""
        table: dict[str, Callable[[], None]] = {
            "kernel": self._kernel,
            "channels": lambda: self._peers(SeedsStack(stored=False), SeedsStack(stored=True)),
            "ejabberd": lambda: self._peers(Ejabberd()),
            "room": lambda: self._peers(loopchat.Loopchat()),
            "durable": self._durable,
            "postgres": self._postgres,
            "start": self._start,
            "crowd": self._crowd,
            "city": self._city,
            "return": self._returning,
            "history": self._history,
            "slow": self._slow,
            "soak": self._soak,
        }
        for part in (*PARTS, *ASKED_FOR):
            if part in parts:
                print(f"· {part}", file=sys.stderr, flush=True)
                try:
                    table[part]()
                except (Lost, NotServing, OSError, RuntimeError) as failure:
                    print(f"! {part}: {failure}", file=sys.stderr, flush=True)
                    self._report.troubles.append(f"{part} could not be measured")

    def _kernel(self) -> None:
        sizes, loop = self._sizes, KernelLoop.build(self._place.folder)
        self._place.take_load_core()
        writes = [
            loop.run(self._place, members=sizes.members, seconds=sizes.seconds / 2, size=_FRAME),
            loop.run(
                self._place,
                members=sizes.members,
                seconds=sizes.seconds / 2,
                size=_FRAME,
                rate=sizes.rate,
            ),
            loop.run(
                self._place,
                members=sizes.members,
                seconds=sizes.seconds / 2,
                size=_FRAME,
                objects=32,
            ),
        ]
        tight, paced, packed = writes
        self._report.kernel = {
            "language": loop.language,
            "tight_per_second": tight.per_second,
            "tight_us": tight.cpu_us,
            "paced_us": paced.cpu_us,
            "reader_per_second": packed.objects_per_second,
        }

    def _peers(self, *peers: Peer) -> None:
        for peer in peers:
            self._peer(peer)

    def _peer(self, peer: Peer) -> None:
        row = PeerRow(peer.name, peer.stored, missing=peer.missing() or "")
        self._report.peers.append(row)
        if row.missing:
            return
        sizes = self._sizes
        place, members = self._place, sizes.members
        with peer.serve(members, place) as served:
            try:
                with room_of(served, place, members) as room:
                    row.saturated = _best(room, peer, sizes)
                    room.settle()
                    row.open_loop = _quietest(room, sizes)
            except Lost as failure:
                raise Lost(f"{failure}; the server said: {served.processes.tail()}") from failure
        if row.name == self._report.product and not (
            row.saturated.complete and row.open_loop.complete
        ):
            self._report.troubles.append("not every message reached everybody")

    def _durable(self) -> None:
        self._report.durable = self._sends("")

    def _postgres(self) -> None:
        with postgres(self._place) as url:
            self._report.durable_postgres = self._sends(url)

    def _sends(self, database: str) -> DurableResult:
        sizes = self._sizes
        with loopchat.serving(World.hall(4), self._place, database=database) as served:
            results = [
                durable(
                    served,
                    self._place,
                    senders=2,
                    in_flight=64,
                    warm_s=sizes.warm_s,
                    seconds=sizes.seconds,
                )
                for _ in range(sizes.rounds)
            ]
        return max(results, key=lambda result: result.per_second)

    def _start(self) -> None:
        data = Path(tempfile.mkdtemp(dir=self._place.folder))
        for name in ("first", "second"):
            port = free_port()
            self._report.start[name] = seconds_to_first_answer(
                loopchat.command(port), port, loopchat.environment(data), self._place
            )

    def _crowd(self) -> None:
        sizes, warm = self._sizes, self._sizes.crowd // 10
        world = World.village(sizes.crowd + warm, sizes.crowd_rooms, 20)
        with loopchat.serving(world, self._place) as served:
            self._report.crowd = crowd(
                served, self._place, sockets=sizes.crowd, warm=warm, quiet_s=sizes.warm_s
            )

    def _city(self) -> None:
        sizes = self._sizes
        with self._everybody_home() as served:
            self._report.city = city(
                served,
                self._place,
                sockets=sizes.city,
                rooms=sizes.city_rooms,
                rate=_EVERYDAY,
                seconds=sizes.seconds,
            )

    def _slow(self) -> None:
        members, stopped = 100, 200
        with loopchat.serving(World.hall(members + stopped), self._place) as served:
            self._report.slow = slow(
                served,
                self._place,
                members=members,
                stopped=stopped,
                rate=60,
                seconds=2 * self._sizes.seconds,
            )

    def _soak(self) -> None:
        sizes = self._sizes
        with self._everybody_home() as served:
            self._report.soak = soak(
                served,
                self._place,
                sockets=sizes.city,
                rooms=sizes.city_rooms,
                rate=_EVERYDAY,
                minutes=sizes.soak_minutes,
            )

    def _everybody_home(self) -> AbstractContextManager[Served]:
        """A server with the people of the city, each of whom has missed five messages."""
        sizes = self._sizes
        world = World.village(sizes.city, sizes.city_rooms, 1, messages=20)

        def cursors(seeded: Seeded) -> Callable[[int], dict[int, int]]:
            head = sizes.city // sizes.city_rooms + 20
            return lambda person: {seeded.rooms[person % len(seeded.rooms)]: head - 5}

        return loopchat.serving(world, self._place, cursors)

    def _returning(self) -> None:
        rooms, sizes = 300, self._sizes
        each = sizes.missed // rooms
        world = World(2, tuple(RoomPlan((0, 1), each) for _ in range(rooms)))

        def cursors(seeded: Seeded) -> Callable[[int], dict[int, int]]:
            return lambda _: dict.fromkeys(seeded.rooms, 2)

        with loopchat.serving(world, self._place, cursors) as served:
            self._report.returning = returning(served, self._place, person=0, times=sizes.returns)

    def _history(self) -> None:
        sizes = self._sizes
        world = World(10, (RoomPlan(tuple(range(10)), sizes.long_room),))
        with loopchat.serving(world, self._place) as served:
            self._report.history = paging(
                served,
                self._place,
                room=1,
                head=10 + sizes.long_room,
                limit=50,
                times=sizes.pages,
            )
            assert isinstance(served.dialect, loopchat.LoopchatDialect)
            self._report.history_rest = paging_by_rest(
                served,
                self._place,
                token=served.dialect.seeded.tokens[0],
                room=1,
                head=10 + sizes.long_room,
                limit=50,
                times=sizes.pages,
            )


def _best(room: Room, peer: Peer, sizes: Sizes) -> RoomResult:
    results = [
        room.saturated(window, sizes.warm_s, sizes.seconds)
        for _ in range(sizes.rounds)
        for window in peer.windows
    ]
    return max(results, key=lambda result: result.per_second)


def _quietest(room: Room, sizes: Sizes) -> RoomResult:
    """Of several rounds the one that other programs disturbed least."""
    room.at_rate(sizes.rate, sizes.warm_s)
    results = [room.at_rate(sizes.rate, sizes.seconds) for _ in range(sizes.rounds)]
    return min(results, key=lambda result: result.others_cpu)
