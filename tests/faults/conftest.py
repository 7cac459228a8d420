"""Servers to break: one on SQLite, or three on PostgreSQL and Redis, as the run says."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.backends import POSTGRES
from tests.faults.lab import UNLIMITED, Lab, new_seed
from tests.faults.place import Place
from tests.gateway.world import World
from tests.services import Redis, Server, StartServer

THREE = 3

NewLab = Callable[[Sequence[Server]], Lab]

HERE = Path(__file__).parent

_AS_THE_RUN = {"servers", "listeners", "each_backend"}
"""Servers that are what the run is about."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each test here runs once, but for those about whatever database the run is about.

    A test that starts its own PostgreSQL belongs to the run on PostgreSQL, any other one to the
    run on SQLite; `_belongs_to` is asked about the run that it is not for.
    """
    on_postgres = config.getoption("backend") == POSTGRES
    elsewhere = [
        item
        for item in items
        if HERE in item.path.parents and _belongs_to(item, on_postgres=not on_postgres)
    ]
    config.hook.pytest_deselected(items=elsewhere)
    items[:] = [item for item in items if item not in elsewhere]


def _belongs_to(item: pytest.Item, *, on_postgres: bool) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return not fixtures & _AS_THE_RUN and ("postgres_url" in fixtures) is on_postgres


@pytest.fixture
def each_backend(backend: str) -> str:
    """For a test that runs once on each, with servers that it starts by itself."""
    return backend


@pytest.fixture
def three_servers(
    start_server: StartServer, postgres_url: str, redis_server: Redis
) -> list[Server]:
    """Three processes of one worker each, on ports of their own, behind one database and bus."""
    return [
        start_server(
            backend=POSTGRES,
            workers=1,
            database_url=postgres_url,
            redis_url=redis_server.url,
            env=UNLIMITED,
        )
        for _ in range(THREE)
    ]


@pytest.fixture
def servers(
    request: pytest.FixtureRequest, start_server: StartServer, backend: str
) -> list[Server]:
    """What the run is about: one server on SQLite, or three on PostgreSQL."""
    if backend == POSTGRES:
        three: list[Server] = request.getfixturevalue("three_servers")
        return three
    return [start_server(env=UNLIMITED)]


@pytest.fixture
def new_lab(tmp_path: Path) -> NewLab:
    """Make the lab of one run, with a new seed."""
    return lambda servers: Lab(servers, tmp_path, new_seed())


@pytest.fixture
def world(servers: Sequence[Server]) -> Iterator[World]:
    """People and rooms on these servers."""
    with World(servers[0]) as found:
        yield found


@pytest.fixture
async def place(servers: Sequence[Server], world: World) -> AsyncIterator[Place]:
    """The same, with sockets that are closed at the end of the test."""
    async with AsyncExitStack() as stack:
        yield Place(servers, world, stack)
