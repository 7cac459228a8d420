"""What breaks things: each fault is broken inside its block and healed at the end of it.

A fault says that it has happened only when it has: a process is gone, a connection was cut.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Final

import psutil
import redis

from tests.backends import POSTGRES, SQLITE
from tests.faults.chaos_proxy import ChaosProxy
from tests.faults.lab import Lab
from tests.faults.site import Site
from tests.services import NotStarted, Program, Server

SHORTEST: Final = 0.5
LONGEST: Final = 6.0
"""Seconds for which something is broken."""

SWEPT: Final = 3.0
"""Seconds without a bus in which sweeps have to have repaired something."""

PAUSE: Final = (0.5, 2.0)
"""Seconds between two faults, after people have been answered again."""

ANSWERED: Final = 8
"""Messages that have to be acknowledged after each fault, and how many seconds that may take."""
AGAIN_WITHIN: Final = 60.0

TOGETHER: Final = 0.25
"""How often a network is bad while something else is broken."""

Break = Callable[[Site, Lab, float], AbstractAsyncContextManager[None]]


class Unharmed(Exception):
    """A fault that was to happen did not: the run proves nothing about it."""


def _any_server(site: Site, lab: Lab) -> Server:
    return lab.chance.choice(site.servers)


# --- servers -------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def server_killed(site: Site, lab: Lab, seconds: float) -> AsyncIterator[None]:
    """SIGKILL; it comes back on the same data."""
    server = _any_server(site, lab)
    server.kill()
    await asyncio.sleep(seconds / 4)
    yield
    await asyncio.to_thread(server.start)


@contextlib.asynccontextmanager
async def server_restarted(site: Site, lab: Lab, seconds: float) -> AsyncIterator[None]:
    """SIGTERM: it sends everybody away first."""
    server = _any_server(site, lab)
    await asyncio.to_thread(server.stop)
    yield
    await asyncio.to_thread(server.start)


@contextlib.asynccontextmanager
async def servers_restarted_in_turn(site: Site, lab: Lab, seconds: float) -> AsyncIterator[None]:
    """A new version, as it is brought out."""
    for server in site.servers:
        await asyncio.to_thread(server.stop)
        await asyncio.to_thread(server.start)
    yield


@contextlib.asynccontextmanager
async def server_asleep(site: Site, lab: Lab, seconds: float) -> AsyncIterator[None]:
    """SIGSTOP: it wakes with old cursors."""
    with stopped(_any_server(site, lab)):
        await asyncio.sleep(seconds)
        yield


# --- the network ---------------------------------------------------------------------------------


Roads = Callable[[Site], list[ChaosProxy]]


def on_a_road(which: Roads, bad: Callable[[ChaosProxy], None], *, cuts: bool = False) -> Break:
    """One road of these is bad for a while; with `cuts` something has to be cut there."""

    @contextlib.asynccontextmanager
    async def road(site: Site, lab: Lab, seconds: float) -> AsyncIterator[None]:
        proxy = lab.chance.choice(which(site))
        before = proxy.cuts
        bad(proxy)
        await asyncio.sleep(seconds)
        yield
        proxy.heal()
        if cuts and proxy.cuts == before:
            raise Unharmed("nothing was on that road")

    return road


def _cut_after(proxy: ChaosProxy) -> None:
    """Whoever comes is cut off in the middle of something, again and again."""
    proxy.cut_after = 3_000
    proxy.reset()


def _cut_in_commit(proxy: ChaosProxy) -> None:
    """Nobody learns what became of a transaction: the answer to COMMIT is cut off."""
    proxy.cut_when = lambda piece: b"COMMIT" in piece


def _slow(proxy: ChaosProxy) -> None:
    proxy.delay = 0.1


def _deaf(proxy: ChaosProxy) -> None:
    proxy.is_deaf = True


@contextlib.asynccontextmanager
async def readers_stopped(site: Site, lab: Lab, seconds: float) -> AsyncIterator[None]:
    """Half of the clients read nothing."""
    some = lab.chance.sample(lab.clients, len(lab.clients) // 2)
    for client in some:
        client.pause()
    await asyncio.sleep(seconds)
    yield
    for client in some:
        client.resume()


# --- Redis ---------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def redis_killed(site: Site, lab: Lab, seconds: float) -> AsyncIterator[None]:
    """It comes back empty."""
    assert site.redis is not None
    site.redis.kill()
    await asyncio.sleep(max(seconds, SWEPT))
    yield
    await asyncio.to_thread(site.redis.start)


@contextlib.asynccontextmanager
async def redis_asleep(site: Site, lab: Lab, seconds: float) -> AsyncIterator[None]:
    """It takes connections and answers nothing."""
    assert site.redis is not None
    with stopped(site.redis):
        await asyncio.sleep(max(seconds, SWEPT))
        yield


@contextlib.asynccontextmanager
async def redis_emptied(site: Site, lab: Lab, seconds: float) -> AsyncIterator[None]:
    """All keys and all subscribers are gone, several times."""
    assert site.redis is not None
    cut = 0
    with redis.Redis.from_url(site.redis.url) as client:
        for _ in range(5):
            client.flushall()
            cut += client.client_kill_filter(_type="pubsub")
            await asyncio.sleep(seconds / 5)
    if not cut:
        raise Unharmed("nobody had subscribed")
    yield


# --- the database --------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def postgres_killed(site: Site, lab: Lab, seconds: float) -> AsyncIterator[None]:
    """SIGKILL: it recovers from its log."""
    assert site.postgres is not None
    children = psutil.Process(site.postgres.pid).children(recursive=True)
    site.postgres.kill()
    await asyncio.to_thread(psutil.wait_procs, children, 10)
    await asyncio.sleep(seconds / 2)
    yield
    await _start_again(site.postgres)


@contextlib.asynccontextmanager
async def postgres_restarted(site: Site, lab: Lab, seconds: float) -> AsyncIterator[None]:
    """Its fast shutdown: all connections end, transactions are rolled back."""
    assert site.postgres is not None
    await asyncio.to_thread(site.postgres.stop)
    yield
    await _start_again(site.postgres)


@contextlib.asynccontextmanager
async def postgres_asleep(site: Site, lab: Lab, seconds: float) -> AsyncIterator[None]:
    """SIGSTOP for all of it."""
    assert site.postgres is not None
    with stopped(site.postgres):
        await asyncio.sleep(seconds)
        yield


@contextlib.asynccontextmanager
async def file_locked(site: Site, lab: Lab, seconds: float) -> AsyncIterator[None]:
    """Another program holds the write lock of the file, and lets go without having written."""
    other = sqlite3.connect(site.file, timeout=20, isolation_level=None, check_same_thread=False)
    try:
        await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
        await asyncio.sleep(seconds)
        yield
        other.execute("ROLLBACK")
    finally:
        other.close()


@contextlib.asynccontextmanager
async def file_read(site: Site, lab: Lab, seconds: float) -> AsyncIterator[None]:
    """Another program reads for long: the write-ahead log cannot be taken in meanwhile."""
    other = sqlite3.connect(f"file:{site.file}?mode=ro", uri=True, isolation_level=None)
    try:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM chat_message").fetchone()
        await asyncio.sleep(seconds)
        yield
    finally:
        other.close()


# --- the menu ------------------------------------------------------------------------------------

_ROADS: Final[dict[str, Break]] = {
    "clients reset": on_a_road(lambda site: site.roads, ChaosProxy.reset, cuts=True),
    "clients stalled": on_a_road(lambda site: site.roads, ChaosProxy.stall),
    "clients deaf": on_a_road(lambda site: site.roads, _deaf),
    "clients slow": on_a_road(lambda site: site.roads, _slow),
    "clients cut": on_a_road(lambda site: site.roads, _cut_after, cuts=True),
    "readers stopped": readers_stopped,
}
_EVERYWHERE: Final[dict[str, Break]] = {
    "server killed": server_killed,
    "server restarted": server_restarted,
    "servers restarted in turn": servers_restarted_in_turn,
    "server asleep": server_asleep,
    **_ROADS,
}
_SERVICES: Final[dict[str, Break]] = {
    "redis killed": redis_killed,
    "redis asleep": redis_asleep,
    "redis emptied": redis_emptied,
    "redis stalled for one": on_a_road(lambda site: site.to_redis, ChaosProxy.stall),
    "redis reset for one": on_a_road(lambda site: site.to_redis, ChaosProxy.reset, cuts=True),
    "postgres killed": postgres_killed,
    "postgres restarted": postgres_restarted,
    "postgres asleep": postgres_asleep,
    "postgres stalled for one": on_a_road(lambda site: site.to_database, ChaosProxy.stall),
    "postgres reset for one": on_a_road(lambda site: site.to_database, ChaosProxy.reset, cuts=True),
    "cut in commit": on_a_road(lambda site: site.to_database, _cut_in_commit, cuts=True),
}
_FILE: Final[dict[str, Break]] = {"file locked": file_locked, "file read": file_read}

MENU: Final[dict[str, dict[str, Break]]] = {
    SQLITE: {**_EVERYWHERE, **_FILE},
    POSTGRES: {**_EVERYWHERE, **_SERVICES},
}


def order_of(menu: dict[str, Break], chance: random.Random) -> Iterator[str]:
    """All faults in a random order, again and again."""
    while True:
        names = sorted(menu)
        chance.shuffle(names)
        yield from names


async def rage(site: Site, lab: Lab, backend: str, faults: int, seconds: float = 0) -> list[str]:
    """Break one thing after the other, at least so many and for so long; what was broken.

    After each fault everybody has to be served again, without anything being restarted.
    """
    menu, chance = MENU[backend], lab.chance
    ends_at = asyncio.get_running_loop().time() + seconds
    done: list[str] = []
    for name in order_of(menu, chance):
        if len(done) >= faults and asyncio.get_running_loop().time() >= ends_at:
            break
        together = [name]
        if name not in _ROADS and chance.random() < TOGETHER:
            together.insert(0, chance.choice(sorted(_ROADS)))
        with contextlib.suppress(Unharmed):
            async with contextlib.AsyncExitStack() as broken:
                for each in together:
                    await broken.enter_async_context(lab.fault(each))
                    seconds = chance.uniform(SHORTEST, LONGEST)
                    await broken.enter_async_context(menu[each](site, lab, seconds))
            done += together
        await lab.recorder.until_acknowledged(ANSWERED, AGAIN_WITHIN)
        await asyncio.sleep(chance.uniform(*PAUSE))
    return done


@contextlib.contextmanager
def stopped(program: Program) -> Iterator[None]:
    """SIGSTOP for a program and all that it has started."""
    process = psutil.Process(program.pid)
    family = [process, *process.children(recursive=True)]
    for one in family:
        one.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for one in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGCONT)


async def _start_again(program: Program) -> None:
    """What a killed program has left behind may be in the way for a moment."""
    for attempt in range(5):
        try:
            await asyncio.to_thread(program.start)
        except NotStarted:
            if attempt == 4:
                raise
            await asyncio.sleep(1)
        else:
            return
