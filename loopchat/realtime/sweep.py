"""The sweep compares with the database what the bus may have lost, about rooms and about people.

So a bus that is away costs a second or two and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Final

from loopchat.core.rarely import Rarely
from loopchat.core.tally import tally
from loopchat.realtime.background import InDatabase
from loopchat.realtime.listener import Listener, Source
from loopchat.realtime.rights import Rechecks
from loopchat.realtime.streams import Streams

logger = logging.getLogger(__name__)

BETWEEN_PROCESSES: Final = 1.0
IN_ONE_PROCESS: Final = 5.0
"""Seconds between two comparisons with the database."""

LOGIN_CHECK: Final = 5.0
"""Seconds between two looks at whether sign-ins are still valid."""


class Sweep:
    """Finds what nobody told this process."""

    def __init__(
        self,
        source: Source,
        in_database: InDatabase,
        people: Mapping[int, set[Listener]],
        streams: Streams,
        rechecks: Rechecks,
    ) -> None:
        self._source = source
        self._in_database = in_database
        self._people = people
        self._streams = streams
        self._rechecks = rechecks
        self._logins_checked_at = float("-inf")
        self._rarely = Rarely()

    async def run(self, pause: float, before: Callable[[], None]) -> None:
        """Sweep again and again, for as long as the process lives; `before` is called each time."""
        while True:
            await asyncio.sleep(pause)
            try:
                before()
                await self.once()
            except Exception as error:  # noqa: BLE001 - the next sweep finds the same
                tally.sweeps_failed += 1
                if self._rarely():
                    logger.error(  # noqa: TRY400 - one line, not a traceback a minute
                        "the sweep could not read the database: %s", error
                    )

    async def once(self) -> None:
        """Find what was lost: about rooms, about people, about sign-ins."""
        tally.sweeps += 1
        await self._sweep_rooms()
        await self._sweep_people()
        if time.monotonic() >= self._logins_checked_at + LOGIN_CHECK:
            await self.check_logins()

    async def check_logins(self) -> None:
        """Close the sockets whose sign-in has ended."""
        self._logins_checked_at = time.monotonic()
        everybody = [socket for sockets in self._people.values() for socket in sockets]
        await self._rechecks.close_ended(everybody)

    async def _sweep_rooms(self) -> None:
        await self._streams.let_go()
        await self._streams.catch_up(self._streams.live, wait=False)

    async def _sweep_people(self) -> None:
        versions: dict[int, int] = {}
        for user_id, sockets in self._people.items():
            ready = [socket.version for socket in sockets if socket.is_ready]
            if ready:
                versions[user_id] = min(ready)
        if versions:
            changed = await self._in_database(lambda: self._source.changed(versions))
            self._rechecks.soon(changed)
