"""Fixtures that every folder of tests may use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.backends import POSTGRES
from tests.services import Postgres, Redis, Server, StartServer, chromium

WORKERS_WITH_POSTGRES = 3


@pytest.fixture(autouse=True)
def _no_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests make rooms for the same ids again and again."""
    from loopchat.accounts import rates
    from loopchat.core.limits import Buckets

    for name in ("brings", "founds", "in_rooms"):
        monkeypatch.setattr(rates, name, Buckets(None))


@pytest.fixture(scope="session")
def backend(request: pytest.FixtureRequest) -> str:
    """What the run is about: "sqlite" or "postgres" (see `--backend`)."""
    return str(request.config.getoption("backend"))


@pytest.fixture(scope="session")
def _redis() -> Iterator[Redis]:
    with Redis() as server:
        yield server


@pytest.fixture
def redis_url(_redis: Redis) -> str:
    """An empty Redis; do not stop it (that is what `redis_server` is for)."""
    _redis.clear()
    return _redis.url


@pytest.fixture
def redis_server() -> Iterator[Redis]:
    """A Redis for this test alone, which may stop, kill and start it."""
    with Redis() as server:
        yield server


@pytest.fixture(scope="session")
def _postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


@pytest.fixture
def postgres_url(_postgres: Postgres) -> str:
    """A new PostgreSQL database without rows."""
    return _postgres.ready_database()


@pytest.fixture
def postgres_server() -> Iterator[Postgres]:
    """A durable PostgreSQL for this test alone, which may stop, kill and start it."""
    with Postgres(durable=True) as server:
        yield server


@pytest.fixture
def start_server(request: pytest.FixtureRequest, backend: str) -> Iterator[StartServer]:
    """Start `loopchat serve` as often as the test likes; all are stopped at its end.

    `backend` is the run's own unless named. With PostgreSQL there are three workers and Redis
    unless told otherwise, with SQLite one worker and no Redis.
    """
    with ExitStack() as running:
        yield partial(_start_server, request, running, backend)


def _start_server(
    request: pytest.FixtureRequest,
    running: ExitStack,
    run_backend: str,
    *,
    workers: int | None = None,
    backend: str | None = None,
    is_new: bool = False,
    **options: Any,
) -> Server:
    """With `is_new` the database is empty, as on the first start of all."""
    if (backend or run_backend) == POSTGRES:
        workers = workers or WORKERS_WITH_POSTGRES
        if is_new:
            options["database_url"] = request.getfixturevalue("_postgres").new_database()
        options.setdefault("database_url", request.getfixturevalue("postgres_url"))
        if options.get("redis_url") is None and workers > 1:
            options["redis_url"] = request.getfixturevalue("redis_url")
    return running.enter_context(Server(workers=workers or 1, is_new=is_new, **options))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
    backend: str,
) -> None:
    """SQLite's test database is a file: threads that share one in memory lock each other out."""
    if backend != POSTGRES:
        file = Path(os.environ["LOOPCHAT_DATA_DIR"]) / "test.sqlite3"
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(file)


@pytest.fixture(scope="session")
def django_db_keepdb(backend: str) -> bool:
    """The cluster goes as a whole: a thread that is not done with a database cannot hold it up."""
    return backend == POSTGRES


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium; its sandbox refuses to work for root."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    arguments.append(f"--disable-features={','.join(_NOT_NEEDED)}")
    return {**browser_type_launch_args, "executable_path": chromium(), "args": arguments}


_NOT_NEEDED = (
    # Pages of the address bar, which nobody sees: half a second of each window's start.
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    # Only the last list counts: what Playwright switches off stays off.
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
)
