"""`loopchat` with a bad network between its processes: bus messages are lost, doubled, reordered.

`python -m tests.faults.chaos_server serve …` is the product itself; only the Redis bus is replaced
by one that mistreats what it has received. It tells the hub nothing of it. Its clock may be wrong.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import os
import random
import sys
import time
from collections.abc import Callable
from typing import Final

from django.utils import timezone

from loopchat import cli
from loopchat.realtime import bus_redis
from loopchat.realtime.bus import Lost, Receive
from tests import watched
from tests.services import LOOPBACK, ROOT, Server

SHARE: Final = "FAULT_BUS_SHARE"
"""How many of the messages each kind of mistreatment happens to, 0 to 1."""

SEED: Final = "FAULT_BUS_SEED"

CLOCK: Final = "FAULT_CLOCK"
"""Seconds by which the clock of the process is wrong."""

LOST: Final = "a bus message was lost on purpose"

LATE: Final = 0.05
"""Seconds by which a message is held back at most, so that later ones overtake it."""

logger = logging.getLogger("loopchat.tests")


class ChaosBus(bus_redis.RedisBus):
    """Loses 30 %, delivers 30 % twice and lets 30 % be overtaken, independently."""

    async def start(self, receive: Receive, lost: Lost) -> None:
        """Begin, with a `receive` that gets some messages never, twice or late."""
        await super().start(mistreat(receive), lost)


def mistreat(receive: Receive) -> Receive:
    """Hand messages on as a bad network would."""
    share = float(os.environ.get(SHARE, "0.3"))
    chance = random.Random(os.environ.get(SEED))

    def unlucky() -> bool:
        return chance.random() < share

    def hear(topic: str, payload: bytes) -> None:
        if unlucky():
            logger.info(LOST)
            return
        for _ in range(2 if unlucky() else 1):
            _now_or_later(lambda: receive(topic, payload), LATE if unlucky() else 0, chance)

    return hear


def _now_or_later(call: Callable[[], None], late: float, chance: random.Random) -> None:
    if late:
        asyncio.get_running_loop().call_later(chance.uniform(0, late), call)
    else:
        call()


def set_clock(seconds: float) -> None:
    """Be so many seconds ahead of everybody else, or behind; steady clocks stay as they are."""
    now, now_ns, of_django = time.time, time.time_ns, timezone.now
    time.time = lambda: now() + seconds
    time.time_ns = lambda: now_ns() + int(seconds * 1e9)
    timezone.now = lambda: of_django() + dt.timedelta(seconds=seconds)


def main() -> int:
    """The product, with the bad network and the wrong clock."""
    watched.install()
    set_clock(float(os.environ.get(CLOCK, "0")))
    bus_redis.RedisBus = ChaosBus  # type: ignore[misc]
    return cli.main()


class ChaosServer(Server):
    """The product with a bad network between its processes."""

    module = "tests.faults.chaos_server"

    def command(self) -> list[str]:
        """The same options for the program that has the bad network."""
        options = ["serve", "--host", LOOPBACK, "--port", str(self.port)]
        return [sys.executable, "-P", "-m", self.module, *options]

    def environment(self) -> dict[str, str]:
        """It is found beside the product, and may read settings before the options."""
        address = {"LOOPCHAT_HOST": LOOPBACK, "LOOPCHAT_PORT": str(self.port)}
        return {**super().environment(), **address, "PYTHONPATH": str(ROOT)}


if __name__ == "__main__":
    sys.exit(main())
