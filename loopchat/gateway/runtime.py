"""What one process has once: the hub, the bus, presence, the limits, the threads, the writer.

`asgi.py` puts it together; it starts with the server's lifespan, or with the first request on a
server that has no lifespan.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import time
import uuid
from collections.abc import Callable, Collection, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar, Final, TypeVar

from django.conf import settings
from django.db import DatabaseError

from loopchat.accounts import devices, instance, tokens
from loopchat.chat.source import DatabaseSource
from loopchat.chat.writer import writer
from loopchat.connections import let_go
from loopchat.core.tally import tally
from loopchat.gateway import limits, self_portrait
from loopchat.gateway.door import Door
from loopchat.gateway.roll_call import RollCall
from loopchat.hooks.deliverer import deliverer
from loopchat.leaving import housekeeping
from loopchat.realtime import events, publish
from loopchat.realtime.bus import Bus
from loopchat.realtime.frames import frame
from loopchat.realtime.hub import Hub
from loopchat.realtime.listener import Goodbye, Listener
from loopchat.realtime.presence import Presence, State
from loopchat.realtime.report import Report, Roll

logger = logging.getLogger(__name__)

THREADS: Final = 8
"""Database threads of the sockets; the pages have their own."""

DRAIN_SECONDS: Final = 5.0
"""Over how long sockets are sent away, so that they do not all come back at once."""

TIDY_SECONDS: Final = 60.0
"""Seconds between two looks for rows that are over."""

PULSE: Final = 0.25
"""Seconds between two looks at how late the event loop is."""

ROLL_WITHIN: Final = 5.0
"""Seconds that somebody waits for how the workers are."""

T = TypeVar("T")


class Runtime:
    """Everything behind the sockets of one process."""

    of_this_process: ClassVar[Runtime | None] = None
    """The one that `asgi.py` has made, for the server that has to drain it."""

    def __init__(self, bus: Callable[[], Bus]) -> None:
        Runtime.of_this_process = self
        self._make_bus = bus
        self._started: asyncio.Future[None] | None = None
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="database")
        self.is_draining = False
        self.epoch = ""
        self.hub: Hub
        self.roll_call: RollCall
        self.presence: Presence
        self.door = Door()
        self.limits = limits.of_settings()

    async def start(self) -> None:
        """Start once; everybody else waits for it."""
        if self._started is None:
            self._started = asyncio.get_running_loop().create_future()
            try:
                await self._start()
            except BaseException as error:
                self._started.set_exception(error)
                self._started = None
                raise
            self._started.set_result(None)
        await self._started

    @property
    def is_running(self) -> bool:
        """Whether `start` has finished."""
        return self._started is not None and self._started.done()

    async def stop(self) -> None:
        """Store what waits, end the lease, let go of the bus."""
        if not self.is_running:
            return
        self._started = None
        self._tidying.cancel()
        self._pulse.cancel()
        await asyncio.get_running_loop().run_in_executor(None, deliverer.stop)
        await asyncio.get_running_loop().run_in_executor(None, writer.stop)
        await self.presence.stop()
        await self.hub.stop()
        publish.detach()
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def in_database(self, function: Callable[[], T], /) -> T:
        """Run a function in one of a few threads that keep their database connections."""
        within = contextvars.copy_context()  # what is logged there is about what is done here
        future = self._pool.submit(within.run, _with_connection, function)
        return await asyncio.wrap_future(future)

    def degraded(self) -> Collection[str]:
        """What works only partly."""
        full = ["disk"] if writer.is_full else []
        return [*self.hub.degraded, *full] if self.is_running else full

    @property
    def reads_waiting(self) -> int:
        """How many reads wait for a database thread."""
        return self._pool._work_queue.qsize()  # noqa: SLF001 - it says it nowhere else

    def roll(self) -> Roll:
        """How all workers are; to be asked in a thread. Raises `TimeoutError`."""
        if not self.is_running:
            return Roll([])
        asked = asyncio.run_coroutine_threadsafe(self.roll_call.ask(), self._loop)
        return asked.result(ROLL_WITHIN)

    async def drain(self, seconds: float = DRAIN_SECONDS) -> None:
        """Send all sockets away, spread over time: they come back to another worker."""
        self.is_draining = True
        if not self.is_running:
            return
        sockets: list[Listener] = [s for group in self.hub.people.values() for s in group]
        spread = min(seconds, 0.1 + len(sockets) / 500)
        goaway = events.GoAway(after_ms=int(spread * 1000), reason="restart")
        farewell = frame(events.encode(goaway))
        for socket in sockets:
            socket.write(farewell)
        ends_at = time.monotonic() + spread
        for at, socket in enumerate(sockets):
            socket.close(Goodbye.RESTART, "The server restarts.")
            share = spread * (1 - (at + 1) / len(sockets))
            ahead = ends_at - share - time.monotonic()
            if ahead > 0.01:
                await asyncio.sleep(ahead)

    async def _start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._id = str(uuid.uuid4())
        self.hub = Hub(DatabaseSource(), self._make_bus(), self.in_database)
        self.presence = Presence(
            self._id, self.in_database, self._presence_changed, address=settings.HOST
        )
        self.roll_call = RollCall(
            self.hub,
            own=self._portrait,
            others=lambda: self.presence.workers_elsewhere,
            online=lambda: len(self.presence.snapshot()),
        )
        self.hub.on_presence = self._came_or_went
        self.epoch = await self.in_database(instance.epoch)
        publish.attach(self.hub, asyncio.get_running_loop())
        writer.start()
        await self.hub.start()
        await self.presence.start()
        deliverer.start()
        self._tidying = asyncio.create_task(self._tidy(), name="housekeeping")
        self._pulse = asyncio.create_task(self._feel_the_pulse(), name="pulse")

    def _portrait(self) -> Coroutine[Any, Any, Report]:
        return self_portrait.draw(
            self._id, self.hub, draining=self.is_draining, reads=self.reads_waiting
        )

    async def _feel_the_pulse(self) -> None:
        """How much later than wanted the loop comes round: so long everybody waits."""
        while True:
            wanted_at = time.monotonic() + PULSE
            await asyncio.sleep(PULSE)
            tally.loop_delay.add(max(0.0, time.monotonic() - wanted_at))

    async def _tidy(self) -> None:
        """Remove what is over, a portion at a time, with pauses for the others."""
        while True:
            try:
                await self.in_database(tokens.store_uses)
                await self.in_database(devices.store_visits)
                more = await self.in_database(housekeeping.tidy)
            except DatabaseError as error:
                logger.debug("nothing was tidied: %s", error)
                more = False
            except Exception:  # it has to outlive whatever it was
                logger.exception("nothing was tidied")
                more = False
            await asyncio.sleep(0.05 if more else TIDY_SECONDS)

    def _came_or_went(self, user_id: int, is_here: bool) -> None:
        if is_here:
            self.presence.came(user_id)
        else:
            self.presence.went(user_id)

    def _presence_changed(self, states: dict[int, State]) -> None:
        self.hub.tell_presence(states)


def _with_connection(function: Callable[[], T]) -> T:
    try:
        return function()
    finally:
        let_go()
