"""Writing through ASGI `send`, for servers that do not lend their transport (Daphne, Hypercorn).

The same order, the same bound: what waits is a queue of bytes, and one task sends it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final

from loopchat.gateway.lending import QUEUE_MAX, nothing
from loopchat.realtime.frames import payload_of

Send = Callable[[dict[str, Any]], Awaitable[None]]


_OWN_CODES: Final = {1003: 4504, 1009: 4504, 1012: 4004, 1013: 4005}
"""What a client does just the same after: some servers let an application say no other codes."""


class Pump:
    """Looks like `lending.LentSocket`."""

    __slots__ = ("_closing", "_queue", "_send", "_task", "on_end", "on_full", "waiting")

    def __init__(self, send: Send) -> None:
        self._send = send
        self._queue: deque[tuple[dict[str, Any], int]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self.on_end: Callable[[], None] = nothing
        self.on_full: Callable[[], None] = nothing
        self.waiting = 0

    def write(self, frame: bytes) -> None:
        """Queue a frame; a full queue is a slow reader."""
        if self._closing:
            return
        payload = payload_of(frame)
        self.waiting += len(payload)
        self._put({"type": "websocket.send", "text": payload.decode()}, len(payload))
        if self.waiting > QUEUE_MAX:
            self.on_full()

    def close(self, code: int, reason: str) -> None:
        """Queue the goodbye; nothing is written after it."""
        if not self._closing:
            self._closing = True
            self.on_end()
            self._put({"type": "websocket.close", "code": code, "reason": reason})

    def _put(self, message: dict[str, Any], size: int = 0) -> None:
        self._queue.append((message, size))
        if self._task is None:
            self._start()

    async def _run(self) -> None:
        # The server raises once the client is gone; the disconnect message says the rest.
        try:
            while self._queue:
                message, size = self._queue.popleft()
                await self._say(message)
                self.waiting -= size
        except Exception:  # noqa: BLE001
            self._closing = True
            self._queue.clear()
            self.waiting = 0

    async def _say(self, message: dict[str, Any]) -> None:
        try:
            await self._send(message)
        except Exception:
            code = _OWN_CODES.get(message.get("code", 0))
            if code is None:
                raise
            await self._send({**message, "code": code})

    def _start(self) -> None:
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """What was put between the end of the task and this call found it still there."""
        self._task = None
        if self._queue:
            self._start()
