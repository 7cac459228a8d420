"""The four first applications, each as a conversation recorded from its documents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.lab import UNLIMITED
from tests.gateway.conftest import database
from tests.gateway.world import World
from tests.seeds import script
from tests.seeds.player import Player
from tests.services import Server

__all__ = ["database"]

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
RECORDINGS = sorted(path.stem for path in HERE.glob("*.txt"))


@pytest.fixture(scope="module")
def world(database: dict[str, str]) -> Iterator[World]:
    """A server where a name is enough; on PostgreSQL it has three workers and Redis."""
    workers = 3 if database else 1
    env = {**UNLIMITED, "LOOPCHAT_PASSWORDLESS": "on"}
    with Server(workers=workers, env=env, **database) as server, World(server) as found:  # type: ignore[arg-type]
        yield found


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", RECORDINGS)
async def test_it_goes_as_it_was_recorded(world: World, name: str) -> None:
    owner = next(iter(world.by_uid.values()))
    player = Player(world.server.url, {"owner": owner.cookie})
    await player.play(script.read(HERE / f"{name}.txt"))
    assert world.tracebacks == []


def test_there_is_one_for_each() -> None:
    assert RECORDINGS == ["architecture", "loopchat", "platform", "spike"]
