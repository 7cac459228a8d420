"""Plays a recorded conversation against a running server, with a browser for each person."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from http.cookiejar import CookieJar
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.seeds.script import Answer, Scene, Step

WITHIN: Final = 30.0
_NAME: Final = re.compile(r"\$(\w+)")


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_redirect: Any, **_more: Any) -> None:
        return None


class Browser:
    """One person's cookies."""

    def __init__(self, url: str, cookie: str | None = None) -> None:
        self._url = url
        self._jar = CookieJar()
        self._given = cookie
        self._opener = build_opener(HTTPCookieProcessor(self._jar), _NoRedirects())

    @property
    def cookie(self) -> str:
        """As a header says it."""
        return self._given or "; ".join(f"{one.name}={one.value}" for one in self._jar)

    def ask(self, method: str, path: str, value: Any, *, is_json: bool) -> tuple[int, Any, str]:
        """The status, the headers and the text of an answer. A form has the token of its page."""
        headers = {"Accept": "application/json" if is_json else "text/html,*/*"}
        if self._given:
            headers["Cookie"] = self._given
        token = next((one.value for one in self._jar if one.name.endswith("_csrf")), None)
        if method != "GET" and token:
            headers["X-CSRFToken"] = token
        data = None
        if is_json:
            headers["Content-Type"] = "application/json"
            data = json.dumps(value).encode()
        elif method != "GET":
            data = urlencode(value or {}, doseq=True).encode()
        request = Request(f"{self._url}{path}", data, headers, method=method)
        try:
            with self._opener.open(request, timeout=WITHIN) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except HTTPError as other:
            return other.code, other.headers, other.read().decode()


class Page:
    """An open socket and all that it was sent."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.told: list[Any] = []
        self.taken = 0
        self.never: list[Step] = []
        """What must not have come when the next frame is heard."""

    async def send(self, value: Any) -> None:
        await self._socket.send(json.dumps(value))

    async def more(self) -> bool:
        """Wait for one more frame; False at the end."""
        try:
            self.told.append(json.loads(await self._socket.recv()))
        except ConnectionClosed:
            return False
        return True

    @property
    def code(self) -> int | None:
        return self._socket.close_code

    async def close(self) -> None:
        await self._socket.close()


class Player:
    """The browsers and sockets of a recording, and what its names stand for."""

    def __init__(self, url: str, cookies: dict[str, str]) -> None:
        self._url = url
        self._browsers = {who: Browser(url, cookie) for who, cookie in cookies.items()}
        self._pages: dict[tuple[str, str], Page] = {}
        self.known: dict[str, Any] = {}

    async def play(self, scenes: list[Scene]) -> None:
        """All of it; what is not as it was recorded is an assertion that says where."""
        try:
            for step in [step for scene in scenes for step in scene.steps]:
                try:
                    await asyncio.wait_for(self._take(step), WITHIN)
                except TimeoutError:
                    page = self._pages.get((step.who, step.what))
                    raise AssertionError((step.line, page and page.told)) from None
        finally:
            for page in self._pages.values():
                with contextlib.suppress(ConnectionClosed):
                    await page.close()

    async def _take(self, step: Step) -> None:
        if step.kind == "opens":
            await self._open(step)
        elif step.kind == ">":
            await self._page(step).send(self._filled(step.value))
        elif step.kind == "<":
            await self._hear(step)
        elif step.kind == "never":
            self._page(step).never.append(step)
        elif step.kind == "closed":
            page = self._page(step)
            while await page.more():
                pass
            assert page.code == step.value, (step.line, page.code, page.told)
        elif step.kind == "leaves":
            await self._pages.pop((step.who, step.what)).close()
        else:
            await self._ask(step)

    async def _ask(self, step: Step) -> None:
        browser = self._browsers.setdefault(step.who, Browser(self._url))
        path = _NAME.sub(lambda found: str(self.known[found[1]]), step.what)
        value = self._filled(step.value)
        found = await asyncio.to_thread(browser.ask, step.kind, path, value, is_json=step.is_json)
        if step.answer is not None:
            self._compare(step, step.answer, *found)

    def _compare(self, step: Step, wanted: Answer, status: int, headers: Any, text: str) -> None:
        assert status == wanted.status, (step.line, status, headers.get("Location"), text[:2000])
        if wanted.place is not None:
            self._compare_place(step, wanted.place, headers["Location"])
        if wanted.value is not None:
            found = json.loads(text)
            assert self._matches(wanted.value, found, learn=True), (step.line, found)
        for one in wanted.texts:
            assert one in text, (step.line, one, text[:4000])

    def _compare_place(self, step: Step, wanted: str, place: str) -> None:
        """Names in it that stand for nothing yet stand for what is found there."""
        known = _NAME.sub(lambda one: str(self.known.get(one[1], one[0])), wanted)
        pattern = re.sub(r"\\\$(\w+)", r"(?P<\1>[^/]+)", re.escape(known))
        found = re.fullmatch(pattern, place)
        assert found is not None, (step.line, place)
        for name, text in found.groupdict().items():
            self.known[name] = int(text) if text.isdecimal() else text

    async def _open(self, step: Step) -> None:
        path = _NAME.sub(lambda found: str(self.known[found[1]]), step.value)
        socket = await connect(
            f"{self._url.replace('http', 'ws', 1)}{path}",
            additional_headers={"Cookie": self._browsers[step.who].cookie},
            origin=self._url,  # type: ignore[arg-type]
            proxy=None,
        )
        self._pages[(step.who, step.what)] = Page(socket)

    async def _hear(self, step: Step) -> None:
        page = self._page(step)
        while True:
            while page.taken < len(page.told):
                found = page.told[page.taken]
                page.taken += 1
                if self._matches(step.value, found, learn=True):
                    self._look_for_nevers(page)
                    return
            assert await page.more(), (step.line, page.told, page.code)

    def _look_for_nevers(self, page: Page) -> None:
        for step in page.never:
            came = [one for one in page.told if self._matches(step.value, one)]
            assert not came, (step.line, page.told)
        page.never.clear()

    def _page(self, step: Step) -> Page:
        return self._pages[(step.who, step.what)]

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._filled(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self._filled(one) for one in value]
        return self.known[value[1:]] if _is_name(value) else value

    def _matches(self, wanted: Any, found: Any, *, learn: bool = False) -> bool:
        """Whether it looks like that; only what does is learned from."""
        names: dict[str, Any] = {}
        if not self._looks(wanted, found, names):
            return False
        if learn:
            self.known |= names
        return True

    def _looks(self, wanted: Any, found: Any, names: dict[str, Any]) -> bool:
        if wanted == "*":
            return True
        if _is_name(wanted):
            known = self.known.get(wanted[1:], names.setdefault(wanted[1:], found))
            return bool(known == found)
        if isinstance(wanted, dict):
            return isinstance(found, dict) and all(
                name in found and self._looks(one, found[name], names)
                for name, one in wanted.items()
            )
        if isinstance(wanted, list):
            return (
                isinstance(found, list)
                and len(wanted) == len(found)
                and all(self._looks(*pair, names) for pair in zip(wanted, found, strict=True))
            )
        return bool(wanted == found) and isinstance(found, bool) == isinstance(wanted, bool)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and _NAME.fullmatch(value) is not None
