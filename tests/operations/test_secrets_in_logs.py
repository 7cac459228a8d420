"""What people write, and what opens their accounts, is in no log and in no figure."""

from __future__ import annotations

import asyncio
import contextlib
import http.cookiejar
import json
import re
import secrets
import urllib.error
import urllib.parse
import urllib.request

from tests.faults.wire import Refusal, Socket
from tests.gateway.world import World, new_cid, send
from tests.services import Server, StartServer

CHATTY = {
    "LOOPCHAT_LOG_LEVEL": "debug",
    "LOOPCHAT_LOG_FORMAT": "json",
    "LOOPCHAT_ACCESS_LOG": "on",
    "LOOPCHAT_SLOW_MS": "0",
    "LOOPCHAT_RATE_SIGN_IN": "off",
}
"""Everything that can be logged is."""


class Marked:
    """Texts that nobody else would write, each of its own kind."""

    def __init__(self) -> None:
        self.made: dict[str, str] = {}

    def __call__(self, kind: str) -> str:
        return self.made.setdefault(kind, f"kanarie{kind}{secrets.token_hex(6)}")

    def found_in(self, text: str) -> list[str]:
        return [kind for kind, mark in self.made.items() if mark in text]


class Visitor:
    """A browser without scripts."""

    def __init__(self, server: Server) -> None:
        self._url = server.url
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
        )

    def ask(self, path: str, body: bytes | None = None, **headers: str) -> str:
        """The answer's text, whatever its status."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(f"{self._url}{path}", body, named)
        try:
            with self._opener.open(request, timeout=20) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as refused:
            return str(refused.read().decode())

    def fill(self, path: str, to: str = "", **fields: str) -> str:
        """Load a page with a form and send it, to another address if one is named."""
        found = re.search(r'csrfmiddlewaretoken" value="(\w+)"', self.ask(path))
        assert found is not None, path
        form = urllib.parse.urlencode({"csrfmiddlewaretoken": found[1], **fields})
        return self.ask(to or path, form.encode(), Referer=f"{self._url}{path}")


async def test_a_log_of_everything_has_nothing_of_anybody(start_server: StartServer) -> None:
    server, mark = start_server(env=CHATTY), Marked()
    with World(server) as world:
        ann, bob = world.people(2)
        room = world.room(ann, bob, name=mark("room"))
        await asyncio.to_thread(_with_pages, server, mark, ann.token, room)
        async with await Socket.open(server.socket_url, ann.bearer) as socket:
            await _with_a_socket(socket, room, mark)
        figures = await asyncio.to_thread(Visitor(server).ask, "/metrics")
    await asyncio.to_thread(server.stop)
    written = server.log
    told = [line for line in written.splitlines() if "kanarie" in line]
    assert mark.found_in(written) == [], "\n".join(told)
    assert mark.found_in(figures) == []
    for secret in (ann.token, ann.cookie.partition("=")[2], ann.name):
        assert secret not in written
    _shows_that_it_could_have(written, ann.uid)


def _shows_that_it_could_have(written: str, uid: int) -> None:
    """The log is full of what happened: requests, slow queries, by whom."""
    lines = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    assert any(line.get("route", "").startswith("/chat/user/<username>") for line in lines)
    assert any("sql" in line for line in lines)
    assert any(line.get("user") == uid for line in lines)
    requests = [line["request"] for line in lines if line["logger"] == "loopchat.access"]
    assert len(requests) == len(set(requests)) > 5
    assert "0af7651916cd43dd" in requests


def _with_pages(server: Server, mark: Marked, token: str, room: int) -> None:
    visitor = Visitor(server)
    name, password = f"n{mark('name')}"[:32], mark("password")
    mark.made["name"] = name
    visitor.fill("/users/signup/", username=name, password=password, password_again=password)
    change = "/chat/settings/profile/change/"
    visitor.fill("/chat/settings/profile/", change, name=mark("shown"), about=mark("about"))
    visitor.ask(f"/chat/user/{name}/", X_Request_Id="0af7651916cd43dd")
    visitor.ask(f"/chat/people/find/?q={mark('search')}")
    visitor.ask(f"/{mark('path')}/?{mark('query')}=1")
    visitor.ask("/chat/", Cookie=f"loopchat_session={mark('cookie')}")
    stranger = Visitor(server)
    stranger.fill("/users/login/", username=mark("who"), password=mark("guess"))
    stranger.ask(f"/setup/{mark('setup')}/")
    stranger.ask(f"/join/{mark('join')}/")
    stranger.ask("/api/v1/rooms/", Authorization=f"Bearer lct_{mark('token')}")
    post = json.dumps({"message": mark("rest"), "cid": new_cid()}).encode()
    bearer = {"Authorization": f"Bearer {token}", "Content_Type": "application/json"}
    assert mark("rest") in stranger.ask(f"/api/v1/rooms/{room}/messages/", post, **bearer)
    stranger.ask(f"/api/v1/rooms/{room}/messages/", mark("broken").encode(), **bearer)


async def _with_a_socket(socket: Socket, room: int, mark: Marked) -> None:
    await socket.until("welcome")
    await socket.hello({})
    stored = await send(socket, room, f"{mark('message')} @{mark('mention')}")
    await socket.ask("edit", room=room, id=stored["id"], message=mark("edit"))
    await socket.ask("draft", room=room, message=mark("draft"))
    await socket.say(f'{{"type": "{mark("type")}", "x": "{mark("field")}"}}')
    await socket.until("error")
    await socket.say(mark("frame"))
    await socket.until("error")
    with contextlib.suppress(Refusal):
        await socket.ask("react", room=room, id=stored["id"], emoji=mark("emoji"))
