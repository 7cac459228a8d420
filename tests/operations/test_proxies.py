"""A server behind the proxies of `deploy/`: sockets, addresses, https, restarts; and mistakes."""

from __future__ import annotations

import asyncio
import http.client
import json
from pathlib import Path

import pytest
from django.core.signing import TimestampSigner
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake
from websockets.typing import Subprotocol

from loopchat.web.health import DOCTOR
from tests.faults.wire import WITHIN, Lost, Refusal, Socket
from tests.gateway.world import World, new_cid, send
from tests.operations.proxies import SECRET_KEY, Caddy, Nginx, Proxy
from tests.operations.test_doctor import examined
from tests.services import LOOPBACK, Server, StartServer, free_port

SOMEBODY = "127.0.0.2"
"""Another address of this machine than the proxy's."""


def behind(
    proxy: Proxy, start_server: StartServer, *, trusted: str = LOOPBACK
) -> tuple[Server, dict[str, str]]:
    """A server of its own at the proxy's upstream, and what it was told."""
    settings = {
        "LOOPCHAT_ORIGINS": proxy.origin,
        "LOOPCHAT_TRUSTED_PROXIES": trusted,
        "LOOPCHAT_SECRET_KEY": SECRET_KEY,
        "SSL_CERT_FILE": str(proxy.shown),
    }
    server = start_server(backend="sqlite", env=settings, port=proxy.upstream)
    return server, settings


def asked(proxy: Proxy, path: str, **headers: str) -> tuple[int, bytes]:
    """Somebody from another address asks for a page."""
    line = http.client.HTTPSConnection(
        "localhost", proxy.port, timeout=20, context=proxy.trust(), source_address=(SOMEBODY, 0)
    )
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        line.request("GET", path, headers=named)
        answer = line.getresponse()
        return answer.status, answer.read()
    finally:
        line.close()


@pytest.mark.parametrize("kind", [Nginx, Caddy])
async def test_a_server_behind_it_knows_who_comes_and_how(
    kind: type[Proxy], tmp_path: Path, start_server: StartServer
) -> None:
    with kind(tmp_path / "proxy", free_port()) as proxy:
        server, settings = behind(proxy, start_server)
        code, text = await asyncio.to_thread(examined, server, **settings)
        assert (code, text.count("FAULT")) == (0, 0), text
        for line in ("sockets: wss://localhost", "client address: ", "https: https://localhost"):
            assert f"ok     {line}" in text

        signed = TimestampSigner(key=SECRET_KEY, salt=DOCTOR).sign("healthz")
        lie = {"X_Forwarded_For": "203.0.113.9", "X_Forwarded_Proto": "http"}
        _, body = await asyncio.to_thread(
            asked, proxy, "/healthz", **lie, **{DOCTOR.replace("-", "_"): signed}
        )
        seen = json.loads(body)
        assert (seen["client"], seen["https"], seen["by_proxy"]) == (SOMEBODY, True, True)
        assert await asyncio.to_thread(asked, proxy, "/healthz") == (200, b'{"status": "ok"}')
        assert (await asyncio.to_thread(asked, proxy, "/metrics"))[0] == 404
        await _a_socket_outlives_a_restart(proxy, server)


async def _a_socket_outlives_a_restart(proxy: Proxy, server: Server) -> None:
    """The goodbye of the server passes through, and the proxy finds the new one by itself."""
    with World(server) as world:
        [ann] = world.people(1)
        room = world.room(ann)
    async with await _opened(proxy, ann.token) as socket:
        await socket.until("welcome")
        await socket.hello({})
        before = await send(socket, room, "before")
        await asyncio.to_thread(server.stop)
        await socket.until("goaway")
        with pytest.raises(Exception, match="1012"):
            await socket.until("never")
    assert (await asyncio.to_thread(asked, proxy, "/healthz"))[0] == 502
    await asyncio.to_thread(server.start)
    async with await _opened(proxy, ann.token) as socket:
        await socket.until("welcome")
        await socket.hello({room: before["seq"]})
        assert (await send(socket, room, "after"))["seq"] == before["seq"] + 1


async def _opened(proxy: Proxy, token: str) -> Socket:
    """A socket through the proxy."""
    connection = await connect(
        f"wss://localhost:{proxy.port}/ws/",
        ssl=proxy.trust(),
        subprotocols=[Subprotocol("loopchat.v1")],
        additional_headers={"Authorization": f"Bearer {token}"},
        compression=None,
        open_timeout=WITHIN,
        proxy=None,
    )
    return Socket(connection)


@pytest.mark.slow
async def test_servers_are_restarted_one_after_the_other_behind_nginx(
    tmp_path: Path, start_server: StartServer, postgres_url: str, redis_url: str
) -> None:
    """Somebody goes on writing: everything is stored, once, whichever process takes it."""
    ports = (free_port(), free_port())
    with Nginx(tmp_path / "proxy", ports[0], more=ports[1:]) as proxy:
        env = {
            "LOOPCHAT_ORIGINS": proxy.origin,
            "LOOPCHAT_TRUSTED_PROXIES": LOOPBACK,
            "LOOPCHAT_SECRET_KEY": SECRET_KEY,
            "LOOPCHAT_RATE_SEND": "off",
        }
        shared = {"database_url": postgres_url, "redis_url": redis_url, "env": env}
        servers = [start_server(backend="postgres", workers=1, port=p, **shared) for p in ports]
        with World(servers[0]) as world:
            [ann] = world.people(1)
            room = world.room(ann)
            pen = Pen(proxy, ann.token, room)
            writing = asyncio.create_task(pen.go_on())
            for server in servers:
                await asyncio.to_thread(server.stop)
                await pen.until_more(5)
                await asyncio.to_thread(server.start)
            pen.is_done = True
            await asyncio.wait_for(writing, 30)
            assert pen.lost >= 1, "nobody was sent away"
            stored = [
                e["message"] for e in world.backstage.log(room) if e["type"] == "chat_message"
            ]
    assert stored == pen.texts


class Pen:
    """Writes one text after the other, each until it is stored, whatever happens to the socket."""

    def __init__(self, proxy: Proxy, token: str, room: int) -> None:
        self._proxy, self._token, self._room = proxy, token, room
        self._news = asyncio.Event()
        self.texts: list[str] = []
        self.lost = 0
        self.is_done = False

    async def go_on(self) -> None:
        cid = new_cid()
        while not self.is_done:
            try:
                async with await _opened(self._proxy, self._token) as socket:
                    await socket.until("welcome")
                    await socket.hello({})
                    while not self.is_done:
                        text = f"text {len(self.texts)}"
                        await send(socket, self._room, text, cid=cid)
                        self.texts.append(text)
                        self._news.set()
                        cid = new_cid()
            except (Lost, Refusal, TimeoutError, InvalidHandshake, OSError):
                self.lost += 1

    async def until_more(self, number: int) -> None:
        """Until so many more are stored than now."""
        wanted = len(self.texts) + number
        async with asyncio.timeout(30):
            while len(self.texts) < wanted:
                self._news.clear()
                await self._news.wait()


MISTAKES = {
    "FAULT  sockets: |-> The proxy does not pass on Upgrade and Connection.": (
        "proxy_set_header Upgrade",
        "proxy_set_header Connection",
    ),
    "does not say who asks|-> The proxy has to set X-Forwarded-For": (
        "proxy_set_header X-Forwarded-For",
    ),
    "FAULT  https: |-> The proxy has to set X-Forwarded-Proto": (
        "proxy_set_header X-Forwarded-Proto",
    ),
}


def test_the_doctor_finds_what_nginx_was_not_told(
    tmp_path: Path, start_server: StartServer
) -> None:
    upstream, public = free_port(), free_port()
    server = None
    for number, (said, without) in enumerate(MISTAKES.items()):
        proxy = Nginx(tmp_path / str(number), upstream, without)
        proxy.port = public
        if server is None:
            server, settings = behind(proxy, start_server)
        with proxy:
            code, text = examined(server, **{**settings, "SSL_CERT_FILE": str(proxy.shown)})
        assert code == 1, text
        for part in said.split("|"):
            assert part in text, text


def test_the_doctor_finds_a_proxy_that_the_server_does_not_trust(
    tmp_path: Path, start_server: StartServer
) -> None:
    with Nginx(tmp_path / "proxy", free_port()) as proxy:
        server, settings = behind(proxy, start_server, trusted="203.0.113.1")
        code, text = examined(server, **settings)
    assert code == 1
    assert "FAULT  client address: the proxy at 127.0.0.1 is not trusted" in text
    assert "LOOPCHAT_TRUSTED_PROXIES=127.0.0.1" in text
