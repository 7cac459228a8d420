"""One `loopchat.v1` socket, written from the protocol's page alone.

A server frame holds one or more JSON objects, one a line. Objects with a `ref` of ours answer a
command; all others are events and are kept in the order in which they left the socket.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Origin, Subprotocol

PROTOCOL: Final = "loopchat.v1"
WITHIN: Final = 30.0
"""Seconds in which a healthy server answers anything."""

Frame = dict[str, Any]
"""One JSON object as it came off the socket."""


class Refusal(Exception):
    """The server's `error` to a command."""

    def __init__(self, frame: Frame) -> None:
        super().__init__(f"{frame.get('code')}: {frame.get('message')}")
        self.frame = frame
        self.code: str = frame["code"]
        self.definite: bool = frame["definite"]
        self.retry_after: float = frame.get("retry_after_ms", 0) / 1000


class Lost(Exception):
    """The socket ended before the answer came."""

    def __init__(self, code: int | None, reason: str = "") -> None:
        super().__init__(f"closed with {code} {reason}")
        self.code = code


class Rejected(Exception):
    """The server did not take the upgrade."""

    def __init__(self, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(f"upgrade answered with {status}")
        self.status = status
        self.headers = headers


@dataclass(frozen=True, slots=True)
class Credentials:
    """How a socket says whose it is: a bearer token, or a cookie from an allowed page."""

    token: str | None = None
    cookie: str | None = None
    origin: str | None = None

    def headers(self) -> list[tuple[str, str]]:
        """The request headers that carry them."""
        headers = []
        if self.token is not None:
            headers.append(("Authorization", f"Bearer {self.token}"))
        if self.cookie is not None:
            headers.append(("Cookie", self.cookie))
        if self.origin is not None:
            headers.append(("Origin", self.origin))
        return headers


class Socket:
    """A socket that asks, listens and remembers everything it was sent."""

    def __init__(
        self, connection: ClientConnection, heard: Callable[[Frame], None] | None = None
    ) -> None:
        self.seen: list[Frame] = []
        """Every object that was not the answer to a command, in order of arrival."""
        self._connection = connection
        self._heard = heard
        self._refs = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Frame]] = {}
        self._hearing: dict[int, Callable[[Frame], None]] = {}
        self._position = 0
        self._news = asyncio.Event()
        self._reader = asyncio.create_task(self._read(), name="socket reader")

    @classmethod
    async def open(
        cls,
        url: str,
        credentials: Credentials,
        *,
        heard: Callable[[Frame], None] | None = None,
        headers: Sequence[tuple[str, str]] = (),
        protocols: Sequence[str] | None = (PROTOCOL,),
        path: str = "/ws/",
        host: str | None = None,
    ) -> Self:
        """Open a socket at a worker's address, `ws://host:port`; `host` is another name for it."""
        address = urlsplit(url)
        try:
            connection = await connect(
                f"ws://{host or address.hostname}:{address.port}{path}",
                host=address.hostname,
                port=address.port,
                subprotocols=[Subprotocol(name) for name in protocols] if protocols else None,
                additional_headers=[*credentials.headers(), *headers],
                origin=_no_origin,
                compression=None,
                max_size=None,
                max_queue=None,
                ping_interval=None,
                open_timeout=WITHIN,
                close_timeout=1,
                proxy=None,
            )
        except InvalidStatus as refused:
            answer = refused.response
            lower = {name.lower(): value for name, value in answer.headers.raw_items()}
            raise Rejected(answer.status_code, lower) from refused
        except InvalidHandshake as broken:
            raise Lost(None, "in the handshake") from broken
        return cls(connection, heard)

    async def hello(
        self, cursors: Mapping[int, int] | None = None, epoch: str | None = None
    ) -> list[Frame]:
        """Present the cursors; returns the parts of `ready`, after everything that was missed."""
        ref = next(self._refs)
        frame: Frame = {"type": "hello", "ref": ref, "cursors": {}}
        frame["cursors"] = {str(room): seq for room, seq in (cursors or {}).items()}
        if epoch is not None:
            frame["epoch"] = epoch
        await self.say(frame)
        parts = [await self.until("ready", ref=ref)]
        while parts[-1].get("more"):
            parts.append(await self.until("ready", ref=ref))
        return parts

    async def ask(self, kind: str, /, **fields: object) -> Frame:
        """One command; returns its `ok` or raises the `Refusal`, or `Lost` with the socket."""
        return await self.asked(kind, lambda answer: None, **fields)

    async def asked(self, kind: str, heard: Callable[[Frame], None], /, **fields: object) -> Frame:
        """The same; `heard` is called with the `ok` in its place among all that leaves the socket.

        Whoever awaits the answer goes on only when more may have been heard.
        """
        ref, answer = self.expect()
        self._hearing[ref] = heard
        try:
            await self.say({"type": kind, "ref": ref, **fields})
            return await asyncio.wait_for(answer, WITHIN)
        finally:
            self._waiting.pop(ref, None)
            self._hearing.pop(ref, None)
            if answer.done() and not answer.cancelled():
                answer.exception()  # it may have failed while the frame could not be written

    def expect(self) -> tuple[int, asyncio.Future[Frame]]:
        """A new `ref` and the future of its answer, for who writes the frame by hand."""
        ref = next(self._refs)
        answer: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        if self._reader.done():
            answer.set_exception(Lost(self.code))
        else:
            self._waiting[ref] = answer
        return ref, answer

    async def say(self, frame: Frame | str | bytes, *, text: bool | None = None) -> None:
        """Write one frame: an object, or raw text, or bytes (as text when `text`)."""
        raw = json.dumps(frame, ensure_ascii=False) if isinstance(frame, dict) else frame
        try:
            await self._connection.send(raw, text=text)
        except ConnectionClosed as closed:
            raise _lost(closed) from closed

    async def until(self, kind: str, /, *, within: float = WITHIN, **fields: object) -> Frame:
        """The next object of this type with these fields; what comes before it is passed over."""
        return await self._next(lambda frame: _fits(frame, kind, fields), within)

    async def any_of(self, *kinds: str, within: float = WITHIN) -> Frame:
        """The next object of one of these types."""
        return await self._next(lambda frame: frame["type"] in kinds, within)

    async def _next(self, wanted: Callable[[Frame], bool], within: float) -> Frame:
        async with asyncio.timeout(within):
            while True:
                while self._position < len(self.seen):
                    frame = self.seen[self._position]
                    self._position += 1
                    if wanted(frame):
                        return frame
                if self._reader.done():
                    raise Lost(self.code)
                self._news.clear()
                await self._news.wait()

    def of(self, kind: str, /, **fields: object) -> list[Frame]:
        """Everything of this type that was sent so far."""
        return [frame for frame in self.seen if _fits(frame, kind, fields)]

    async def gone(self, within: float = WITHIN) -> int | None:
        """Wait for the server to close; the close code (None: no goodbye at all)."""
        await asyncio.wait_for(asyncio.shield(self._reader), within)
        return self.code

    @property
    def closed(self) -> bool:
        """Whether the socket has ended, by whichever side."""
        return self._reader.done()

    @property
    def code(self) -> int | None:
        """The close code once it has."""
        code = self._connection.close_code
        return None if code is None else int(code)

    @property
    def subprotocol(self) -> str | None:
        """What the server chose."""
        return self._connection.subprotocol

    async def close(self) -> None:
        """Say goodbye."""
        await self._connection.close()
        await self._reader

    def pause(self) -> None:
        """Read nothing any more, as a client does that hangs."""
        self._connection.transport.pause_reading()

    def resume(self) -> None:
        """Read on."""
        self._connection.transport.resume_reading()

    def abort(self) -> None:
        """Be gone without a goodbye, as a lost network would."""
        self._connection.transport.abort()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _read(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for message in self._connection:
                for line in str(message).split("\n"):
                    self._take(json.loads(line))
        self._end()

    def _take(self, frame: Frame) -> None:
        answer = self._waiting.pop(frame.get("ref", 0), None)
        if answer is None:
            self.seen.append(frame)
            if self._heard is not None:
                self._heard(frame)
        elif not answer.done():
            if frame["type"] != "error" and (heard := self._hearing.get(frame["ref"])):
                heard(frame)
            _settle(answer, frame)
        self._news.set()

    def _end(self) -> None:
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(Lost(self.code))
        self._waiting.clear()
        self._news.set()


_no_origin: Origin | None = None
"""Origins are given as headers, so that a test can send none, or two."""


def _settle(answer: asyncio.Future[Frame], frame: Frame) -> None:
    if frame["type"] == "error":
        answer.set_exception(Refusal(frame))
    else:
        answer.set_result(frame)


def _fits(frame: Frame, kind: str, fields: Mapping[str, object]) -> bool:
    return frame.get("type") == kind and all(
        frame.get(name) == value for name, value in fields.items()
    )


def _lost(closed: ConnectionClosed) -> Lost:
    frame = closed.rcvd or closed.sent
    return Lost(frame.code if frame else None, frame.reason if frame else "")
