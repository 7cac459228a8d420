"""uvicorn as this product runs it: limits, heartbeat, the raw writer, a drain before the end."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import sys
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Final

import uvicorn
from uvicorn.supervisors import multiprocess

from loopchat.gateway.lending import FRAME_IN_MAX, HEARTBEAT_MS

APPLICATION: Final = "loopchat.asgi:application"
PROTOCOL: Final = "loopchat.gateway.lending:LendingProtocol"

PONG_WITHIN: Final = 10
"""Seconds that a client has for the answer to a ping: half-open sockets end within 40 s."""

GRACE: Final = 15
"""Seconds that requests and sockets have to finish after the drain."""


GARBAGE_AFTER: Final = 10_000
"""New objects after which Python looks for circles among them, instead of 700: a socket that comes
in makes hundreds that stay, and looking at them again and again was a seventh of its cost."""

ENDING: Final = "Ending: what waits is stored, sockets are sent away. Ctrl+C again ends at once."

_GLANCE: Final = 0.1
"""Seconds between two looks whether somebody cannot wait for the drain."""


class DrainingServer(uvicorn.Server):
    """A server that sends its sockets away before uvicorn closes them all in one instant."""

    is_alone = True
    """Whether it is the one to say that it ends: among workers their parent says so."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as uvicorn does; what is loaded by then stays, and is not looked through again."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()
        gc.set_threshold(GARBAGE_AFTER)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain, then shut down as uvicorn does."""
        # A worker process imports this module before Django is set up, the runtime needs Django.
        from loopchat.gateway.runtime import Runtime

        if self.is_alone:
            _say(ENDING)
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        if (runtime := Runtime.of_this_process) is not None:
            await self._wait_for(runtime.drain())
        await super().shutdown(sockets)

    async def _wait_for(self, drain: Coroutine[None, None, None]) -> None:
        """Until it is done, or Ctrl+C was pressed once more."""
        task = asyncio.ensure_future(drain)
        while not task.done() and not self.force_exit:
            await asyncio.wait({task}, timeout=_GLANCE)
        task.cancel() or task.result()


class Worker(multiprocess.Process):
    """A worker process that drains, too."""

    @property
    def server(self) -> uvicorn.Server:
        """The server of this process, made in it."""
        if self._server is None:
            self._server = DrainingServer(config=self.config)
            self._server.is_alone = False
        return self._server


class Workers(multiprocess.Multiprocess):
    """The parent of the workers, which says when they end."""

    def terminate_all(self) -> None:
        """Ask all of them to drain."""
        _say(ENDING)
        super().terminate_all()


def run(*, host: str, port: int, workers: int) -> int:
    """Serve until a signal says otherwise; the exit code."""
    config = config_for(host=host, port=port, workers=workers)
    if workers > 1:
        multiprocess.Process = Worker  # type: ignore[misc]  # uvicorn names no other place for it
        Workers(config, sockets=[config.bind_socket()]).run()
        return 0
    server = DrainingServer(config)
    server.run()
    return 0 if server.started else 3


def _say(text: str) -> None:
    """A line for the person at the console, if there is one still."""
    with suppress(OSError, ValueError):
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def config_for(*, host: str, port: int, workers: int = 1) -> uvicorn.Config:
    """uvicorn's settings. Forwarded headers are read by our own rules, access is not logged."""
    options: dict[str, Any] = {
        "host": host,
        "port": port,
        "workers": workers,
        "ws": PROTOCOL,
        "ws_max_size": FRAME_IN_MAX,
        "ws_per_message_deflate": False,
        "ws_ping_interval": HEARTBEAT_MS / 1000,
        "ws_ping_timeout": PONG_WITHIN,
        "timeout_graceful_shutdown": GRACE,
        "lifespan": "on",
        "proxy_headers": False,
        "server_header": False,
        "access_log": False,
        "log_config": None,
        "backlog": 4096,
    }
    return uvicorn.Config(APPLICATION, **options)


_NOISE: Final = ("WebSocket %s", "connection open", "connection closed", "completing handshake")
"""What uvicorn says of each socket, and of each upgrade that our door has refused."""


def _is_worth_a_line(record: logging.LogRecord) -> bool:
    """What is cancelled because somebody would not wait for the drain is no fault."""
    if record.exc_info and record.exc_info[0] is asyncio.CancelledError:
        return False
    return not any(noise in str(record.msg) for noise in _NOISE)


logging.getLogger("uvicorn.error").addFilter(_is_worth_a_line)
