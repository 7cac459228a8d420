"""A client whose network has silently gone is let go, and everybody else is kept."""

from __future__ import annotations

import asyncio
import time

import pytest

from loopchat.gateway.lending import HEARTBEAT_MS
from loopchat.gateway.server import PONG_WITHIN
from tests.backends import SQLITE
from tests.faults.chaos_proxy import ChaosProxy
from tests.faults.lab import UNLIMITED
from tests.faults.wire import Socket
from tests.gateway.world import World, barrier
from tests.services import LOOPBACK, StartServer


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_who_does_not_answer_is_let_go(start_server: StartServer) -> None:
    server = start_server(backend=SQLITE, env=UNLIMITED)
    with World(server) as world, ChaosProxy(server.port) as proxy:
        ann, ben = world.people(2)
        world.room(ann, ben)
        watcher = await Socket.open(server.socket_url, ben.bearer)
        await watcher.hello()
        gone = await Socket.open(f"ws://{LOOPBACK}:{proxy.port}", ann.bearer)
        await gone.hello()
        begun = time.monotonic()
        proxy.stall()
        within = HEARTBEAT_MS / 1000 + PONG_WITHIN + 40
        await watcher.until("presence", uid=ann.uid, state="offline", within=within)
        assert time.monotonic() - begun > PONG_WITHIN / 2  # it was not let go for another reason
        await barrier(watcher)
        proxy.flow()
        await asyncio.wait_for(gone.gone(), 20)
        await watcher.close()
        assert world.tracebacks == []
