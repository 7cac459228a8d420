"""The raw writer: uvicorn's WebSocket protocol, which lends its transport to the hub.

A frame that the hub has built is written to the transport as it is, in the order of the calls;
what uvicorn itself writes (pings, close frames) goes to the same transport. On a server that lends
nothing, `fallback.Pump` gives the same behaviour through ASGI.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final, cast

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState
from websockets.frames import Frame
from websockets.http11 import Request

EXTENSION: Final = "loopchat.socket"
"""The key in `scope["extensions"]` under which a `LentSocket` is found."""

FRAME_IN_MAX: Final = 64 * 1024
"""Bytes of a client's frame."""

HEARTBEAT_MS: Final = 25_000
"""Milliseconds between pings: proxies cut what is silent for a minute."""

QUEUE_MAX: Final = 1024 * 1024
"""Bytes that wait for a slow reader before its socket is closed."""

LINGER: Final = 5.0
"""Seconds between goodbye and hanging up on a reader that does not answer it."""


def nothing() -> None:
    """Nobody wants to know."""


class LentSocket:
    """The writing half of one WebSocket, until it begins to close."""

    __slots__ = ("_protocol", "on_end", "on_full", "write")

    def __init__(self, protocol: LendingProtocol) -> None:
        self._protocol = protocol
        self.write: Callable[[bytes], None] = protocol.transport.write
        """The transport's own: a fan-out costs one call per socket. Not to be used after `on_end`:
        uvloop raises on a transport that is closed."""
        self.on_end: Callable[[], None] = nothing
        self.on_full: Callable[[], None] = nothing

    @property
    def waiting(self) -> int:
        """Bytes that wait for the reader."""
        return self._protocol.transport.get_write_buffer_size()

    def close(self, code: int, reason: str) -> None:
        """Say goodbye in order, hang up when the other end does not answer in time."""
        self._protocol.say_goodbye(code, reason)


class LendingProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol with its transport lent in the scope."""

    lent: LentSocket | None = None
    """What the hub writes with; None before the handshake and from the beginning of the end on."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=QUEUE_MAX)

    def data_received(self, data: bytes) -> None:
        """Headers that the parser refuses bring no event: write the refusal that it has ready."""
        if self.handshake_initiated and not self.handshake_complete:
            self.transport.close()  # frames before the answer: no client of the protocol
            return
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_complete:
            self._turn_away()

    def handle_connect(self, event: Request) -> None:
        if len(event.headers.get_all("Origin")) > 1:
            self._forbid()
            return
        super().handle_connect(event)  # has built the scope; the application's task starts later
        if self.response.status_code == 101:
            self.lent = LentSocket(self)
            extensions = cast(dict[str, Any], self.scope["extensions"])
            extensions[EXTENSION] = self.lent

    def _forbid(self) -> None:
        """Two origins: one of them lies. The parser would call it a bad request."""
        self.conn.send_response(self.conn.reject(HTTPStatus.FORBIDDEN, "Send one Origin.\n"))
        self._turn_away()

    def _turn_away(self) -> None:
        self.handshake_initiated = self.handshake_complete = self.close_sent = True
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.close()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.lent is not None:
            self.lent.on_full()

    # Each of these is a beginning of the end, after which nothing may be written any more.

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_lending()
        super().connection_lost(exc)

    def handle_close(self, event: Frame) -> None:
        self._end_lending()
        super().handle_close(event)

    def handle_parser_exception(self) -> None:
        self._end_lending()
        super().handle_parser_exception()

    def keepalive_timeout(self) -> None:
        self._end_lending()
        super().keepalive_timeout()

    def shutdown(self) -> None:
        self._end_lending()
        super().shutdown()

    def _end_lending(self) -> None:
        lent, self.lent = self.lent, None
        if lent is not None:
            lent.on_end()

    def send_receive_event_to_app(self) -> None:
        """Bad UTF-8 is the client's fault: close 1007 without an exception in the log."""
        if self.curr_msg_data_type == "text" and not self.close_sent:
            try:
                for part in self.frames if len(self.frames) == 1 else [b"".join(self.frames)]:
                    part.decode() if not part.isascii() else None
            except UnicodeDecodeError:
                self.frames = []
                self.conn.send_close(1007)
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    def handle_cont(self, event: Frame) -> None:
        if self.close_sent:
            return
        super().handle_cont(event)

    async def send(self, message: ASGISendEvent) -> None:
        """As always; who went away before the handshake was answered cannot be let in any more."""
        if not self.handshake_complete and self.transport.is_closing():
            raise ClientDisconnected
        await super().send(message)

    def say_goodbye(self, code: int, reason: str) -> None:
        """Send the close frame after all that was written, and stop listening to the client."""
        if self.close_sent or self.disconnected or self.transport.is_closing():
            return
        self._end_lending()
        try:
            self.conn.send_close(code, reason)
        except InvalidState:
            return
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(LINGER, self.transport.abort)
