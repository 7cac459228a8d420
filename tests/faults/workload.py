"""What people do while something breaks: write, repeat themselves, come back, read up."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from collections.abc import AsyncIterator, Sequence
from typing import Final

from tests.faults.client import Client, Draft
from tests.faults.lab import Lab
from tests.faults.wire import Lost, Refusal

PAUSE: Final = 0.05
"""Seconds between two things that one client does, on average."""

BURST: Final = 8


class Workload:
    """Clients that go on until they are told to stop."""

    def __init__(self, lab: Lab, *, pause: float = PAUSE, whole: bool = False) -> None:
        """`whole`: they also change, react, leave and come back."""
        self._lab = lab
        self._pause = pause
        self._whole = whole
        self._numbers = itertools.count(1)
        self._recent: dict[int, list[Draft]] = {}
        self._stopped = asyncio.Event()

    @contextlib.asynccontextmanager
    async def going_on(
        self, clients: Sequence[Client], wanderers: Sequence[tuple[Client, int]] = ()
    ) -> AsyncIterator[None]:
        """All these clients are busy inside the block; an error in one of them ends it."""
        async with asyncio.TaskGroup() as group:
            for client in clients:
                group.create_task(self._live(client))
            for client, room in wanderers:
                group.create_task(self.wander(client, room))
            try:
                yield
            finally:
                self._stopped.set()

    async def _live(self, client: Client) -> None:
        chance = random.Random(f"{self._lab.seed}/{client.name}/work")
        client.about_to_send = lambda draft: self._remember(client, draft)
        while not self._stopped.is_set():
            rooms = sorted(client.timelines.keys() & set(self._lab.rooms.values()))
            if rooms:
                with contextlib.suppress(Lost, TimeoutError, Refusal):
                    await self._act(client, chance.choice(rooms), chance)
            await self._think(chance)

    async def wander(self, client: Client, room: int) -> None:
        """Leave and come back, for as long as the others work."""
        chance = random.Random(f"{self._lab.seed}/{client.name}/wander")
        while not self._stopped.is_set():
            with contextlib.suppress(Lost, TimeoutError, Refusal):
                await client.ask("leave", room=room)
                await self._think(chance)
                await client.join(room)
            await self._think(chance)
        await self._come_back(client, room)

    async def _come_back(self, client: Client, room: int) -> None:
        while room not in client.timelines:
            with contextlib.suppress(Lost, TimeoutError, Refusal):
                await client.join(room)
                await client.until_in(room)

    async def _act(self, client: Client, room: int, chance: random.Random) -> None:
        """Mostly one message; sometimes a burst, a repetition, a loss, a page, a cursor."""
        dice = chance.random()
        if self._whole and dice < 0.10:
            await self._change(client, room, chance)
        elif dice < 0.72:
            await client.send(room, self._text(client))
        elif dice < 0.80:
            await self._burst(client, room)
        elif dice < 0.86:
            await self._repeat(client, chance)
        elif dice < 0.90:
            await client.move()
        elif dice < 0.95:
            await client.read(room, limit=chance.randint(1, 100))
        elif timeline := client.timelines.get(room):
            await client.mark_read(room, chance.randint(0, timeline.reached))

    async def _change(self, client: Client, room: int, chance: random.Random) -> None:
        """Do something to a message that is seen; what is not one, or not mine, is refused."""
        seen = [event for event in client.timelines[room].events.values() if isinstance(event, int)]
        if not seen:
            return
        message = chance.choice(seen[-30:])
        if chance.random() < 0.5:
            await client.ask("react", room=room, id=message, emoji="👍", on=chance.random() < 0.6)
        else:
            await client.ask("edit", room=room, id=message, message=f"{self._text(client)}, again")

    async def _burst(self, client: Client, room: int) -> None:
        stored = [client.send(room, self._text(client)) for _ in range(BURST)]
        await asyncio.gather(*stored, return_exceptions=True)

    async def _repeat(self, client: Client, chance: random.Random) -> None:
        """Send again, with the same cid, what any device of this person sent a moment ago."""
        if recent := self._recent.get(client.uid):
            await client.attempt(chance.choice(recent))

    def _remember(self, client: Client, draft: Draft) -> None:
        recent = self._recent.setdefault(client.uid, [])
        recent.append(draft)
        del recent[:-20]

    def _text(self, client: Client) -> str:
        return f"message {next(self._numbers)} by {client.name}"

    async def _think(self, chance: random.Random) -> None:
        """A pause as people make them; it ends early when the run does."""
        with contextlib.suppress(TimeoutError):
            seconds = chance.expovariate(1 / self._pause)
            await asyncio.wait_for(self._stopped.wait(), seconds)
