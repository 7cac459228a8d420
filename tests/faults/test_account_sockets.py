"""F07, F11: what is done about an account on a page takes effect on open sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

import pytest

from tests.faults.wire import Credentials, Socket
from tests.gateway.world import still_served
from tests.services import Server, StartServer
from tests.web.visitor import Visitor

PASSWORD = "correct horse battery"
NEW = "another fine secret"
WITHIN = 30.0
"""Seconds: the sweep's time and some more, should a doorbell be missed."""

Open = Callable[[Visitor], Awaitable[Socket]]


@pytest.fixture
def server(start_server: StartServer) -> Server:
    """A server with an owner and with Ann."""
    started = start_server(env={"LOOPCHAT_RATE_SIGN_IN": "off"})
    started.manage("adduser", "owner", "--owner", "--password-stdin", stdin=PASSWORD)
    started.manage("adduser", "ann", "--password-stdin", stdin=PASSWORD)
    return started


@pytest.fixture
async def opened(server: Server) -> AsyncIterator[Open]:
    """Open a socket with a browser's cookie."""
    async with AsyncExitStack() as stack:

        async def open_socket(visitor: Visitor) -> Socket:
            who = Credentials(cookie=visitor.cookie, origin=server.url)
            socket = await Socket.open(server.socket_url, who)
            stack.push_async_callback(socket.close)
            await socket.until("welcome")
            await socket.hello()
            return socket

        yield open_socket


def signed_in(server: Server) -> Visitor:
    """A browser of Ann's."""
    visitor = Visitor(server)
    visitor.post("/users/login/", "/users/login/", username="ann", password=PASSWORD)
    assert visitor.name == "ann"
    return visitor


async def test_ending_the_others_closes_theirs_and_keeps_mine(server: Server, opened: Open) -> None:
    here, there = signed_in(server), signed_in(server)
    mine, theirs = await opened(here), await opened(there)

    here.post("/users/devices/", "/users/devices/end-others/")

    assert await theirs.gone(WITHIN) == 4501
    await still_served(mine)
    assert (here.name, there.name) == ("ann", None)


async def test_another_password_does_too(server: Server, opened: Open) -> None:
    here, there = signed_in(server), signed_in(server)
    mine, theirs = await opened(here), await opened(there)

    fields = {"old_password": PASSWORD, "new_password": NEW}
    here.post("/users/password/", "/users/password/", **fields)

    assert await theirs.gone(WITHIN) == 4501
    await still_served(mine)


async def test_a_password_by_a_link_closes_all(server: Server, opened: Open) -> None:
    here = signed_in(server)
    mine = await opened(here)
    link = urlsplit(server.manage("manage", "resetlink", "ann").strip()).path
    helped = Visitor(server)

    page = urlsplit(helped.get(link).url).path
    helped.post(page, page, password1=NEW)

    assert await mine.gone(WITHIN) == 4501
    assert here.name is None
