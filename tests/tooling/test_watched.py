"""A server that holds up its event loop is noticed; one that waits for others is not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import ROOT
from tests.watched import BLOCKED, BUSY

PROGRAM = """
import asyncio, time
from tests import watched

async def main():
    watched.Watch(asyncio.get_running_loop())
    await asyncio.sleep(0.2)
    {}
    await asyncio.sleep(0.2)

asyncio.run(main())
"""


def printed(work: str) -> str:
    """What the watch says of a loop that does this."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PROGRAM.format(work)]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True
    ).stderr


def test_work_in_the_loop_is_noticed_and_its_place_named() -> None:
    said = printed(f"sum(range(10**6)) and [sum(range(10**6)) for _ in range({int(BUSY * 200)})]")
    assert BLOCKED in said
    assert "in main" in said


@pytest.mark.parametrize("work", ["time.sleep(1)", "await asyncio.sleep(1)"])
def test_a_moment_without_work_is_not(work: str) -> None:
    assert not printed(work)


def test_the_watch_is_beside_every_server(tmp_path: Path) -> None:
    from tests.services import Server

    assert "tests.watched" in Server(data_dir=tmp_path).command()
