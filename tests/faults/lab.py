"""A run: real servers, recording clients, something that breaks, and the verdict.

Everybody's clients live in this process, so one clock orders what they saw. The servers are real
processes; they are broken by their recorded ids.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import shutil
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.faults.backstage import Backstage, Person
from tests.faults.client import Client
from tests.faults.history.excerpt import excerpt
from tests.faults.history.lag import Bounds
from tests.faults.history.vacuity import Demand
from tests.faults.history.verdict import Verdict, judge
from tests.faults.recorder import Recorder
from tests.faults.wire import Frame, Lost, Socket
from tests.services import Server

UNLIMITED: Final = {
    "LOOPCHAT_RATE_SEND": "off",
    "LOOPCHAT_RATE_COMMAND": "off",
    "LOOPCHAT_RATE_CONNECT": "off",
    "LOOPCHAT_SOCKETS_PER_PERSON": "off",
    "LOOPCHAT_SECRET_KEY": "the same key for all the servers of one run, which share a database",
}
"""Limits would only slow a run down; they have tests of their own."""

POOL: Final = 20
"""Connections of a worker to PostgreSQL, at most."""

TRY_AGAIN_LATER: Final = 1013

PATIENT: Final = Bounds(outside=5.0, heal=15.0)
"""The suite shares its machine with other tests: a pause of the whole machine is no lag."""


def rounds(usual: int) -> int:
    """How often to break something: FAULT_ROUNDS, or what a test does by itself."""
    return int(os.environ.get("FAULT_ROUNDS", usual))


def new_seed() -> int:
    """A new seed each time, printed; FAULT_SEED repeats a run."""
    seed = int(os.environ.get("FAULT_SEED", random.SystemRandom().randrange(10**6)))
    print(f"seed {seed}")  # noqa: T201 - pytest shows it when the test fails
    return seed


@dataclass
class Lab:
    """The servers of one run, its people, their clients and the record."""

    servers: Sequence[Server]
    folder: Path
    seed: int
    roads: Sequence[str] = ()
    """The addresses that clients use, where these are not the servers' own."""
    clients: list[Client] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    rooms: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.backstage = Backstage(self.servers[0])
        self.recorder = Recorder(self.folder / f"run-{self.seed}.jsonl")
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        self._stack.enter_context(self.backstage)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()
        self.recorder.close()
        if error is not None:
            self._keep_logs()

    @property
    def workers(self) -> list[str]:
        """The addresses of the servers' sockets."""
        return [server.socket_url for server in self.servers]

    def furnish(self, names: Sequence[str], rooms: Sequence[str]) -> None:
        """Make people and public rooms; the first person owns them all, everybody is in them."""
        made = self.backstage.people(*names)
        self.people = {person.name: person for person in made}
        for name in rooms:
            self.rooms[name] = self.backstage.room(made[0], name, *made[1:])
        self._remember_members()

    async def client(self, name: str, device: str = "") -> Client:
        """Another device of a person, connected and recording until the end of the run."""
        person = self.people[name]
        client = Client(
            f"{name}{device}",
            person.uid,
            person.bearer,
            list(self.roads) or self.workers,
            self.recorder,
            seed=self.seed,
            login=name,
        )
        await self._stack.enter_async_context(client)
        self.clients.append(client)
        return client

    @contextlib.asynccontextmanager
    async def fault(self, what: str) -> AsyncIterator[None]:
        """Something is broken inside this block and healed at its end."""
        self.recorder.write("nemesis", what=what, phase="start")
        try:
            yield
        finally:
            self.recorder.write("nemesis", what=what, phase="stop")

    async def kill(self, server: Server) -> None:
        """SIGKILL a server and start it again on the same data and port."""
        async with self.fault(f"kill {server.port}"):
            server.kill()
            await asyncio.to_thread(server.start)

    async def remove(self, room: int, name: str) -> None:
        """The owner takes somebody out, in another process."""
        owner = next(iter(self.people.values()))
        await self.backstage.soon(
            "change", verb="kick", room=room, by=owner.uid, person=self.people[name].uid
        )

    async def come_to_rest(self) -> None:
        """All is healed: wait until every outbox is empty and everybody has the last event."""
        for client in self.clients:
            await client.live()
            await client.outbox_empty()
        for room in self.rooms.values():
            last = await self.clients[0].send(room, "the last message")
            for client in self.clients:
                if room in client.timelines:
                    await client.until_reached(room, last["seq"])
        self.recorder.write("quiesce")

    async def verdict(self, demand: Demand | None = None, bounds: Bounds = PATIENT) -> Verdict:
        """Read the whole log by every way there is, and judge the run."""
        for room in self.rooms.values():
            for number, worker in enumerate(self.workers):
                await self._final(room, f"worker {number}", await self._read_at(worker, room))
            frames = await self.backstage.soon("log", room=room)
            for frame in frames:
                self.recorder.member(frame)
            await self._final(room, "database", [self.recorder.item(frame) for frame in frames])
        await self._compare_cursors()
        for client in self.clients:
            client.show()
        found = judge(self.recorder.lines, seed=self.seed, demand=demand, bounds=bounds)
        self._report(found)
        return found

    def tracebacks(self) -> list[str]:
        """Lines in the servers' logs that no operator should ever see."""
        return [
            line
            for server in self.servers
            for line in server.log.splitlines()
            if "Traceback" in line or "Task exception was never retrieved" in line
        ]

    async def _final(self, room: int, src: str, items: list[list[object]]) -> None:
        self.recorder.write("final", room=room, src=src, items=items)

    async def _read_at(self, worker: str, room: int) -> list[list[object]]:
        """The log by way of one worker, read by the owner of the rooms."""
        owner = next(iter(self.people.values()))
        async with greeted(worker, owner) as (socket, _ready):
            return [self.recorder.item({"room": room, **item}) async for item in log(socket, room)]

    async def _compare_cursors(self) -> None:
        """What a new device of each person is told about unread messages."""
        for person in self.people.values():
            async with greeted(self.workers[0], person) as (_socket, ready):
                for part in ready:
                    for room in part["rooms"]:
                        self.recorder.write(
                            "cursor",
                            u=person.uid,
                            room=room["room"],
                            seq=room["read"],
                            conn=f"{person.name} at last",
                            unread=room["unread"],
                        )

    def _remember_members(self) -> None:
        for room in self.rooms.values():
            for frame in self.backstage.log(room):
                self.recorder.member(frame)

    def _report(self, found: Verdict) -> None:
        print(json.dumps(found.as_dict()))  # noqa: T201 - pytest shows it when the test fails
        case = found.report.earliest()
        if case is not None:
            lines = [json.dumps(line) for line in excerpt(self.recorder.lines, case)]
            print("\n".join(lines))  # noqa: T201 - likewise

    def _keep_logs(self) -> None:
        for server in self.servers:
            if server.log_file.exists():
                shutil.copy(server.log_file, self.folder / f"server-{server.port}.log")
        print(f"kept in {self.folder}")  # noqa: T201 - likewise


@contextlib.asynccontextmanager
async def greeted(worker: str, person: Person) -> AsyncIterator[tuple[Socket, list[Frame]]]:
    """A socket and its `ready`. Where a database was killed a pool may hold dead connections: who
    meets one is told to come again, and does."""
    for _ in range(POOL):
        async with await Socket.open(worker, person.bearer) as socket:
            try:
                ready = await socket.hello()
            except Lost as end:
                if end.code != TRY_AGAIN_LATER:
                    raise
                continue
            yield socket, ready
            return
    raise Lost(TRY_AGAIN_LATER)


async def log(socket: Socket, room: int) -> AsyncIterator[Frame]:
    """Every event of a room from the first to the last, in pages."""
    after = 0
    while True:
        page = await socket.ask("history", room=room, after=after, limit=100, log=True)
        for item in page["items"]:
            yield item
        if not page["items"] or page["to"] >= page["head"]:
            return
        after = page["to"]
