"""A database that hangs, is cut off in COMMIT, or has few connections: nobody is lied to."""

from __future__ import annotations

import asyncio
import contextlib
import urllib.error
from collections.abc import Iterator

import psutil
import psycopg
import pytest

from tests.backends import POSTGRES, SQLITE
from tests.faults import nemesis
from tests.faults.backstage import Person
from tests.faults.chaos_proxy import ChaosProxy
from tests.faults.conftest import NewLab
from tests.faults.history.vacuity import Demand
from tests.faults.lab import UNLIMITED, Lab
from tests.faults.site import through
from tests.faults.test_bus import settle
from tests.faults.wire import Refusal, Socket
from tests.faults.workload import Workload
from tests.gateway.world import World, barrier, new_cid, send
from tests.services import Postgres, Redis, Server, StartServer, direct

FEW = 4
"""Connections of the process: the least that is allowed."""

MANY = 200
CUTS = 5


@pytest.fixture
def cut_off(postgres_url: str, postgres_server: Postgres) -> Iterator[tuple[str, ChaosProxy]]:
    """A database of its own behind a bad network."""
    assert postgres_url
    with ChaosProxy(postgres_server.port) as proxy:
        yield through(postgres_server.new_database(), proxy.port), proxy


@pytest.mark.timeout(180)
async def test_nobody_knows_what_became_of_a_commit_that_is_cut_off(
    start_server: StartServer, cut_off: tuple[str, ChaosProxy], new_lab: NewLab
) -> None:
    url, proxy = cut_off
    server = start_server(backend=POSTGRES, workers=1, database_url=url, env=UNLIMITED)
    async with new_lab([server]) as lab:
        await settle(lab)
        async with Workload(lab, pause=0.03).going_on(lab.clients):
            for _ in range(CUTS):
                await lab.recorder.until_acknowledged(20)
                await cut_in_commit(lab, proxy)
            await lab.recorder.until_acknowledged(20)
        await lab.clients[0].move()
        await lab.come_to_rest()
        verdict = await lab.verdict(Demand(ok=20 * CUTS, info=1))
        assert verdict.valid is True, verdict.as_dict()
        assert any(line.get("dup") for line in lab.recorder.lines)
        assert lab.tracebacks() == []


async def cut_in_commit(lab: Lab, proxy: ChaosProxy) -> None:
    """Let the next COMMIT through, and nothing of what follows it."""
    before = proxy.cuts
    async with lab.fault("cut in commit"):
        proxy.cut_when = lambda piece: b"COMMIT" in piece and proxy.cuts == before
        async with asyncio.timeout(30):
            while proxy.cuts == before:  # noqa: ASYNC110
                await asyncio.sleep(0.01)  # a thread cannot tell us when
        proxy.heal()


@pytest.mark.timeout(180)
async def test_a_database_that_hangs_holds_up_nothing_else(
    start_server: StartServer,
    postgres_url: str,
    postgres_server: Postgres,
    redis_server: Redis,
) -> None:
    assert postgres_url
    server = start_server(
        backend=POSTGRES,
        workers=1,
        database_url=postgres_server.new_database(),
        redis_url=redis_server.url,
        env=UNLIMITED,
    )
    with World(server) as world:
        (ann,) = world.people(1)
        room = world.room(ann)
        async with await Socket.open(server.socket_url, ann.bearer) as socket:
            await socket.hello()
            await send(socket, room, "It is there.")  # so its rooms are live: they were read
            with nemesis.stopped(postgres_server):
                cid = new_cid()
                with pytest.raises(Refusal) as refused:
                    await send(socket, room, "Is it there?", cid=cid)
                assert refused.value.code in {"timeout", "unavailable"}
                assert not refused.value.definite
                with pytest.raises(Refusal):
                    await socket.ask("history", room=room, limit=10)
                await barrier(socket)
                assert await asyncio.to_thread(status, server, "/healthz") == 200
                assert await asyncio.to_thread(status, server, "/readyz") == 503
            async with asyncio.timeout(30):
                while await asyncio.to_thread(status, server, "/readyz") != 200:
                    pass
            again = await send(socket, room, "Is it there?", cid=cid)
            assert again["seq"] == 3
        assert world.tracebacks == []


def status(server: Server, path: str) -> int:
    """What a page is answered with, in the time that a person would wait."""
    try:
        with direct.open(server.url + path, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.timeout(180)
async def test_few_connections_are_enough_for_many(
    start_server: StartServer, postgres_url: str, postgres_server: Postgres
) -> None:
    assert postgres_url
    server = start_server(
        backend=POSTGRES,
        workers=1,
        database_url=postgres_server.new_database(),
        env={**UNLIMITED, "LOOPCHAT_DATABASE_CONNECTIONS": str(FEW)},
    )
    with World(server) as world:
        people = world.people(10)
        room = world.room(people[0], *people[1:])
        sockets = [await Socket.open(server.socket_url, person.bearer) for person in people]
        for socket in sockets:
            await socket.hello()
        asked = [sockets[at % 10].ask("history", room=room, limit=50) for at in range(MANY)]
        pages = [asyncio.to_thread(status, server, "/users/login/") for _ in range(20)]
        answers = await asyncio.gather(*asked, *pages)
        assert [answer for answer in answers[MANY:] if answer != 200] == []
        for socket in sockets:
            await send(socket, room, "still here")
            await socket.close()
        assert used(postgres_server) <= FEW + 1  # and the one that backstage has
        assert world.tracebacks == []


def used(postgres: Postgres) -> int:
    """Connections that programs have."""
    with psycopg.connect(postgres.url_of("postgres")) as connection:
        counted = connection.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND datname <> 'postgres'"
        ).fetchone()
    assert counted is not None
    return int(counted[0])


@pytest.mark.timeout(180)
async def test_thousands_come_and_go_and_nothing_of_them_stays(start_server: StartServer) -> None:
    server = start_server(backend=SQLITE, env=UNLIMITED)
    with World(server) as world:
        ann, ben = world.people(2)
        world.room(ann, ben)
        process = psutil.Process(server.pid)
        await come_and_go(server, ann, 100)
        before = (process.num_fds(), process.num_threads())
        await come_and_go(server, ann, 1_000)
        async with asyncio.timeout(20):
            while (process.num_fds(), process.num_threads()) > before:  # noqa: ASYNC110
                await asyncio.sleep(0.05)  # a process cannot tell us when
        assert world.tracebacks == []


async def come_and_go(server: Server, who: Person, times: int) -> None:
    """Connect, perhaps say hello, and be gone, with and without a goodbye."""

    async def once(number: int) -> None:
        socket = await Socket.open(server.socket_url, who.bearer)
        if number % 3:
            await socket.hello()
        if number % 2:
            await socket.close()
        else:
            socket.abort()
            with contextlib.suppress(TimeoutError):
                await socket.gone()

    for start in range(0, times, 20):
        await asyncio.gather(*(once(number) for number in range(start, start + 20)))
