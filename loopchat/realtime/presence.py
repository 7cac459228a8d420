"""Who is here: known from this worker's sockets at once, and from the rows of the others.

Everything is answered from memory. Once a second what has changed is written, and what has
changed elsewhere is read. A worker that dies stops renewing its lease, and 45 s later its people
are gone; there is no counter that could be left wrong.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice

from loopchat.core.clock import now_ms
from loopchat.core.rarely import Rarely
from loopchat.realtime import presence_rows as rows
from loopchat.realtime.background import InDatabase
from loopchat.realtime.presence_rosters import NUMBERS, Elsewhere, Here, State

__all__ = ["Presence", "State"]

RENEW_SECONDS = 15.0
READ_SECONDS = 5.0
TICK_SECONDS = 1.0
GATHER_SECONDS = 0.1  # what comes within this time is written together, and told then
PORTION = 500  # people in one transaction: messages are not to wait behind a storm of reconnects

_log = logging.getLogger(__name__)


class Presence:
    """Used on the loop; `changed` is called there with the new states, and only when they are new.

    `clock` counts seconds and need not be that of any other worker.
    """

    def __init__(
        self,
        worker_id: str,
        in_database: InDatabase,
        changed: Callable[[dict[int, State]], None],
        *,
        address: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._worker = worker_id
        self._in_database = in_database
        self._changed = changed
        self._address = address
        self._clock = clock
        self._here = Here(clock)
        self._elsewhere = Elsewhere()
        self._told: dict[int, State] = {}
        self._unwritten: dict[int, None] = {}
        self._left: dict[int, int] = {}
        self._change = self._purge_next = 0
        self._registered = False
        self._renew_at = self._read_at = 0.0
        self._rarely = Rarely()
        self._task: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    async def start(self) -> None:
        """Begin the lease, read who is elsewhere, and tick from now on."""
        await self.tick()
        self._task = asyncio.create_task(self._run(), name="presence")

    async def stop(self) -> None:
        """End the lease; people have the grace to come back on another worker."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        with contextlib.suppress(Exception):  # else the lease ends by itself, a little later
            await self._in_database(partial(rows.retire, self._worker, now_ms()))

    def came(self, user_id: int) -> None:
        """This person has one more socket here."""
        if self._here.came(user_id):
            self._note([user_id])

    def went(self, user_id: int) -> None:
        """This person has one socket less here; after the grace they are gone."""
        self._here.went(user_id)

    def set_away(self, user_id: int, away: bool) -> None:
        """Whether all of this person's sockets here say that nobody is looking."""
        if self._here.set_away(user_id, away):
            self._note([user_id])

    def online(self, user_ids: Iterable[int]) -> dict[int, State]:
        """The states of those who are online or away; the others are offline."""
        return {user: self._told[user] for user in user_ids if user in self._told}

    def spread(self, user_id: int) -> int:
        """On how many workers a person is who is on this one."""
        return 1 + self._elsewhere.workers_of(user_id)

    @property
    def workers_elsewhere(self) -> int:
        """How many other workers live, as far as was read."""
        return len(self._elsewhere.known)

    def snapshot(self) -> dict[int, State]:
        """Everybody who is online or away on any worker."""
        return dict(self._told)

    async def tick(self) -> None:
        """What happens once a second: let go, write, renew, read. A failure waits for the next."""
        try:
            gone = self._here.end_grace()
            self._left.update(gone)
            self._note(gone)
            await self._register_once()
            await self._write()
            await self._renew()
            await self._read()
        except Exception as error:  # noqa: BLE001 - presence must outlive whatever it was
            _log.debug("A tick of presence has failed", exc_info=True)
            if self._rarely():
                _log.warning("Presence cannot be shared at the moment: %s", error)
            self._tell(list(self._unwritten))  # those who are here need not wait for it

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), TICK_SECONDS)
                await asyncio.sleep(GATHER_SECONDS)
            self._news.clear()
            await self.tick()

    def _note(self, users: Iterable[int]) -> None:
        """Told once it is written: whoever looks at the rows then sees what others have heard."""
        noted = dict.fromkeys(users)
        self._unwritten.update(noted)
        if noted:
            self._news.set()

    def _tell(self, users: Iterable[int]) -> None:
        news: dict[int, State] = {}
        for user in users:
            state = max(
                self._here.state_of(user), self._elsewhere.state_of(user), key=NUMBERS.__getitem__
            )
            if state == self._told.get(user, "offline"):
                continue
            news[user] = state
            if state == "offline":
                del self._told[user]
            else:
                self._told[user] = state
        if news:
            self._changed(news)

    async def _register_once(self) -> None:
        """Also after the lease was lost: another worker has removed our rows then."""
        if self._registered:
            return
        self._change += 1
        await self._in_database(partial(rows.register, self._worker, self._address, self._change))
        self._registered = True
        self._renew_at = self._clock() + RENEW_SECONDS
        self._unwritten.update(dict.fromkeys(self._here))

    async def _write(self) -> None:
        while self._unwritten and self._registered:
            users = list(islice(self._unwritten, PORTION))
            states = {user: NUMBERS[self._here.state_of(user)] for user in users}
            left = {user: self._left[user] for user in users if user in self._left}
            self._change += 1
            write = partial(rows.write, self._worker, self._change, states, left)
            self._registered = await self._in_database(write)
            if self._registered:
                self._written(states, left)

    def _written(self, states: dict[int, int], left: dict[int, int]) -> None:
        """Forget what was stored, but not what has changed again meanwhile."""
        self._read_at = 0.0
        for user, number in states.items():
            if NUMBERS[self._here.state_of(user)] == number:
                self._unwritten.pop(user, None)
        for user, seen_ts in left.items():
            if self._left.get(user) == seen_ts:
                del self._left[user]
        self._tell(states)

    async def _renew(self) -> None:
        if not self._registered or self._clock() < self._renew_at:
            return
        renew = partial(rows.renew, self._worker, self._purge_next)
        self._registered = await self._in_database(renew)
        self._renew_at = self._clock() + RENEW_SECONDS
        self._purge_next = self._change

    async def _read(self) -> None:
        """Every second while there are other workers or anything changes, else now and then."""
        if not self._elsewhere and self._clock() < self._read_at:
            return
        known = dict(self._elsewhere.known)
        news = await self._in_database(partial(rows.read, self._worker, known))
        self._read_at = self._clock() + READ_SECONDS
        self._tell(self._elsewhere.take(news))
