"""Prepares the ground before Django reads its settings: which database, and nobody's own files.

`--backend sqlite` (the default) is what a newcomer runs: a file and the in-process bus.
`--backend postgres` starts PostgreSQL and Redis once for the whole run; the processes of
pytest-xdist inherit their addresses and make databases of their own.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.services import NotStarted, Postgres, Redis, scratch

SQLITE, POSTGRES = "sqlite", "postgres"
_POSTGRES_URL = "LOOPCHAT_DATABASE_URL"
_REDIS_URL = "LOOPCHAT_REDIS_URL"
_MARKED_FOLDERS = ("browser", "faults")
_LEFT_OUT_WHEN_QUICK = ("slow", "browser", "faults")
_running = ExitStack()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of `bin/test` that are ours."""
    group = parser.getgroup("loopchat")
    group.addoption(
        "--backend",
        choices=(SQLITE, POSTGRES),
        default=SQLITE,
        help="database and bus under test: SQLite + in-process, or PostgreSQL + Redis",
    )
    group.addoption(
        "--quick",
        action="store_true",
        help=f"leave out tests marked {', '.join(_LEFT_OUT_WHEN_QUICK)}",
    )


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Runs around, so before, pytest-django's own hook, which imports the settings."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that services are stopped too
    if "PYTEST_XDIST_WORKER" not in os.environ:
        _forget_own_settings()
        if early_config.known_args_namespace.backend == POSTGRES:
            _start_services()
    _use_folder(scratch("tests"))
    return (yield)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark by folder, so that nobody forgets, and leave out what `--quick` says."""
    for item in items:
        for folder in set(_MARKED_FOLDERS).intersection(item.path.parts):
            item.add_marker(folder)
    if config.getoption("quick"):
        slow = [item for item in items if any(map(item.get_closest_marker, _LEFT_OUT_WHEN_QUICK))]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]


def pytest_unconfigure() -> None:
    """Stop what this process started."""
    _running.close()


def _forget_own_settings() -> None:
    """A developer's LOOPCHAT_* variables must not decide what is tested."""
    for name in [name for name in os.environ if name.startswith("LOOPCHAT_")]:
        del os.environ[name]


def _start_services() -> None:
    try:
        os.environ[_POSTGRES_URL] = _running.enter_context(Postgres()).new_database()
        os.environ[_REDIS_URL] = _running.enter_context(Redis()).url
    except NotStarted as reason:
        _running.close()
        raise pytest.UsageError(str(reason)) from reason


def _use_folder(folder: Path) -> None:
    """Each process of the run has a data folder, and an empty environment file, of its own."""
    _running.callback(shutil.rmtree, folder, ignore_errors=True)
    settings = folder / "settings.env"
    settings.touch()
    os.environ["LOOPCHAT_DATA_DIR"] = str(folder)
    os.environ["LOOPCHAT_ENV_FILE"] = str(settings)
