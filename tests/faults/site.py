"""What one long run is about: servers, what they stand on, and a bad network between all of them.

    clients ── road ── server ── road ── PostgreSQL
                          └───── road ── Redis

Each server has roads of its own, so that one can be cut off while the others are not.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from tests.backends import POSTGRES
from tests.faults import chaos_server
from tests.faults.chaos_proxy import ChaosProxy
from tests.faults.lab import UNLIMITED
from tests.faults.pooler import PgBouncer
from tests.services import LOOPBACK, Postgres, Program, Redis, Server

WORKERS: Final = 3

BUS_LOSS: Final = (0.0, 0.1, 0.3)
"""Shares of bus messages that are lost, doubled and overtaken: the seed chooses."""

CLOCKS: Final = (0, 600, -600)
"""Seconds by which servers' clocks are wrong."""


@dataclass
class Site:
    """All of it, running."""

    servers: list[Server] = field(default_factory=list)
    roads: list[ChaosProxy] = field(default_factory=list)
    """From the clients to each server."""
    to_database: list[ChaosProxy] = field(default_factory=list)
    """From each server to PostgreSQL."""
    to_redis: list[ChaosProxy] = field(default_factory=list)
    postgres: Postgres | None = None
    redis: Redis | None = None

    @property
    def addresses(self) -> list[str]:
        """Where clients find a server."""
        return [f"ws://{LOOPBACK}:{road.port}" for road in self.roads]

    @property
    def file(self) -> Path:
        """The database, where it is a file."""
        return self.servers[0].folder / "loopchat.sqlite3"

    def heal(self) -> None:
        """A good network everywhere."""
        for road in (*self.roads, *self.to_database, *self.to_redis):
            road.heal()


@contextlib.contextmanager
def standing(backend: str, seed: int, *, pooled: bool = False) -> Iterator[Site]:
    """One server on SQLite, or three on PostgreSQL and Redis; ended and removed afterwards.

    `pooled`: PgBouncer stands before PostgreSQL, in transaction mode.
    """
    chance = random.Random(f"{seed}/site")
    with contextlib.ExitStack() as stack:
        site = Site()
        if backend == POSTGRES:
            _stand_on_services(site, stack, chance, seed, pooled)
        else:
            site.servers.append(stack.enter_context(_server(chance, seed)))
        for server in site.servers:
            site.roads.append(stack.enter_context(ChaosProxy(server.port, seed=seed)))
        yield site


def _stand_on_services(
    site: Site, stack: contextlib.ExitStack, chance: random.Random, seed: int, pooled: bool
) -> None:
    site.postgres = stack.enter_context(Postgres(durable=True))
    site.redis = stack.enter_context(Redis())
    database = site.postgres.new_database()
    behind: Program = site.postgres
    if pooled:
        behind = stack.enter_context(PgBouncer(site.postgres))
    for number in range(WORKERS):
        rows = stack.enter_context(ChaosProxy(behind.port, seed=seed))
        bus = stack.enter_context(ChaosProxy(site.redis.port, seed=seed))
        site.to_database.append(rows)
        site.to_redis.append(bus)
        urls = {
            "database_url": through(database, rows.port),
            "redis_url": through(site.redis.url, bus.port),
        }
        site.servers.append(stack.enter_context(_server(chance, f"{seed}/{number}", **urls)))


def _server(chance: random.Random, seed: object, **urls: str) -> chaos_server.ChaosServer:
    env = {
        **UNLIMITED,
        chaos_server.SHARE: str(chance.choice(BUS_LOSS)),
        chaos_server.SEED: str(seed),
        chaos_server.CLOCK: str(chance.choice(CLOCKS)),
    }
    return chaos_server.ChaosServer(env=env, **urls)  # type: ignore[arg-type]


def through(url: str, port: int) -> str:
    """The same service by another port."""
    parts = urlsplit(url)
    user = f"{parts.username}@" if parts.username else ""
    return parts._replace(netloc=f"{user}{parts.hostname}:{port}").geturl()
