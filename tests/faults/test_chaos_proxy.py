"""The bad network does what it is told, and nothing when it is told nothing."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from tests.faults.chaos_proxy import ChaosProxy
from tests.services import LOOPBACK, free_port

WITHIN = 10
Side = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Side]]


@pytest.fixture
async def echo() -> AsyncIterator[int]:
    """A port that says again what it is told."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(1000):
                writer.write(piece)
        except ConnectionResetError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, LOOPBACK, 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.fixture
def proxy(echo: int) -> Iterator[ChaosProxy]:
    """Before the echo, and before somebody who is not there."""
    with ChaosProxy(free_port(), echo) as found:
        yield found


@pytest.fixture
async def connect(proxy: ChaosProxy) -> AsyncIterator[Connect]:
    """Opens connections through the network, which are closed at the end."""
    sides: list[Side] = []

    async def open_one() -> Side:
        sides.append(await asyncio.open_connection(LOOPBACK, proxy.port))
        return sides[-1]

    yield open_one
    for _, writer in sides:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def said(side: Side, text: bytes) -> bytes:
    """What comes back."""
    side[1].write(text)
    async with asyncio.timeout(WITHIN):
        return await side[0].readexactly(len(text))


async def test_a_good_network_passes_everything_on(connect: Connect) -> None:
    for _ in range(3):  # whoever is not there is passed over
        assert await said(await connect(), b"x" * 100_000) == b"x" * 100_000


async def test_a_stall_ends_nothing(proxy: ChaosProxy, connect: Connect) -> None:
    side = await connect()
    await said(side, b"before")
    proxy.stall()
    side[1].write(b"meanwhile")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(side[0].read(1), 0.2)
    proxy.flow()
    async with asyncio.timeout(WITHIN):
        assert await side[0].readexactly(9) == b"meanwhile"


@pytest.mark.parametrize("how", ["reset", "cut_after", "cut_when"])
async def test_a_cut_is_a_reset(proxy: ChaosProxy, connect: Connect, how: str) -> None:
    side = await connect()
    await said(side, b"12345")
    if how == "reset":
        proxy.reset()
    elif how == "cut_after":
        proxy.cut_after = 8
        side[1].write(b"67890")
    else:
        proxy.cut_when = lambda piece: b"COMMIT" in piece
        side[1].write(b"COMMIT")
    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(side[0].readexactly(100), WITHIN)
    proxy.heal()
    assert await said(await connect(), b"again") == b"again"


async def test_what_a_deaf_network_has_lost_stays_lost(proxy: ChaosProxy, connect: Connect) -> None:
    side = await connect()
    await said(side, b"before")
    proxy.is_deaf = True
    side[1].write(b"lost")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(side[0].read(1), 0.2)
    proxy.heal()
    with pytest.raises(ConnectionResetError):
        await said(side, b"after")
    assert await said(await connect(), b"again") == b"again"
