"""The raw writer: uvicorn's WebSocket protocol, which lends its transport to the hub.

A frame that the hub has built is written to the transport as it is, in the order of the calls;
what uvicorn itself writes (pings, close frames) goes to the same transport. On a server that lends
nothing, `fallback.Pump` gives the same behaviour through ASGI.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState
from websockets.frames import Frame
from websockets.http11 import Request

EXTENSION: Final = "loopchat.socket"
"""The key in `scope["extensions"]` under which a `LentSocket` is found."""

QUEUE_MAX: Final = 1024 * 1024
"""Bytes that wait for a slow reader before its socket is closed."""

LINGER: Final = 5.0
"""Seconds between goodbye and hanging up on a reader that does not answer it."""


class LentSocket:
    """The writing half of one WebSocket."""

    __slots__ = ("_protocol", "on_full")

    def __init__(self, protocol: LendingProtocol) -> None:
        self._protocol = protocol
        self.on_full: Callable[[], None] | None = None

    def write(self, frame: bytes) -> None:
        """Write a frame, unless the socket is closing: uvloop raises then, and would end a loop."""
        protocol = self._protocol
        if protocol.close_sent or protocol.disconnected or protocol.transport.is_closing():
            return
        protocol.transport.write(frame)

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

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=QUEUE_MAX)

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)  # has built the scope; the application's task starts later
        if self.response.status_code == 101:
            self.lent = LentSocket(self)
            extensions = cast(dict[str, Any], self.scope["extensions"])
            extensions[EXTENSION] = self.lent

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.lent is not None and self.lent.on_full is not None:
            self.lent.on_full()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.lent is not None:
            self.lent.on_full = None

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

    def say_goodbye(self, code: int, reason: str) -> None:
        """Send the close frame after all that was written, and stop listening to the client."""
        if self.close_sent or self.disconnected or self.transport.is_closing():
            return
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
