"""A real server for each module of protocol tests, and sockets that close by themselves."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.backends import POSTGRES
from tests.faults.backstage import Person
from tests.faults.lab import UNLIMITED
from tests.faults.wire import Credentials, Socket
from tests.gateway.world import Enter, World, barrier
from tests.services import Postgres, Redis, Server


@pytest.fixture(scope="module")
def database(request: pytest.FixtureRequest, backend: str) -> dict[str, str]:
    """The settings of the run's database and bus."""
    if backend != POSTGRES:
        return {}
    postgres: Postgres = request.getfixturevalue("_postgres")
    redis: Redis = request.getfixturevalue("_redis")
    return {"database_url": postgres.ready_database(), "redis_url": redis.url}


@pytest.fixture(scope="module")
def world(database: dict[str, str]) -> Iterator[World]:
    """A server without rate limits; on PostgreSQL it has three workers."""
    workers = 3 if database else 1
    with (
        Server(workers=workers, env=UNLIMITED, **database) as server,  # type: ignore[arg-type]
        World(server) as found,
    ):
        yield found


@pytest.fixture
async def enter(world: World) -> AsyncIterator[Enter]:
    """Open a socket for somebody and say hello; all are closed at the end of the test."""
    async with contextlib.AsyncExitStack() as stack:

        async def open_socket(
            who: Person | Credentials, cursors: dict[int, int] | None = None, **options: object
        ) -> Socket:
            credentials = who.bearer if isinstance(who, Person) else who
            hello = options.pop("hello", True)
            url = world.server.socket_url
            socket = await Socket.open(url, credentials, **options)  # type: ignore[arg-type]
            stack.push_async_callback(socket.close)
            if hello:
                await socket.until("welcome")
                await socket.hello(cursors)
            return socket

        yield open_socket


@pytest.fixture
async def unharmed(world: World, enter: Enter) -> AsyncIterator[None]:
    """Somebody else's socket lives through every test, and the log stays clean."""
    socket = await enter(*world.people(1))
    before = len(world.tracebacks)
    yield
    await barrier(socket)
    assert len(world.tracebacks) == before, world.server.log[-4000:]
