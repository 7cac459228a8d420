"""A bug is reported to Sentry with its place, and with nothing that anybody has said."""

from __future__ import annotations

import gzip
import json
import queue
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from threading import Thread
from typing import Any

import psycopg
import pytest

from tests.backends import POSTGRES
from tests.faults.wire import Refusal, Socket
from tests.gateway.world import World, send
from tests.services import LOOPBACK, StartServer

Told = queue.SimpleQueue[bytes]


@pytest.fixture
def sentry() -> Iterator[tuple[str, Told]]:
    """An address that takes reports, and what was told there."""
    told: Told = queue.SimpleQueue()

    class Ear(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.put(_unpacked(body, self.headers.get("Content-Encoding", "")))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer((LOOPBACK, 0), Ear) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://key@{LOOPBACK}:{server.server_port}/7", told
        server.shutdown()


async def test_an_error_is_reported_without_what_was_said(
    sentry: tuple[str, Told], start_server: StartServer, backend: str, postgres_url: str
) -> None:
    dsn, told = sentry
    options: dict[str, Any] = {"database_url": postgres_url} if backend == POSTGRES else {}
    server = start_server(workers=1, env={"LOOPCHAT_SENTRY_DSN": dsn}, **options)
    with World(server) as world:
        [ann] = world.people(1)
        room = world.room(ann, name="kanarie-room")
        async with await Socket.open(server.socket_url, ann.bearer) as socket:
            await socket.until("welcome")
            await socket.hello({})
            await send(socket, room, "kanarie-before")
            _break(server.data_dir / "loopchat.sqlite3", postgres_url, backend)
            with pytest.raises(Refusal, match="unavailable"):
                await send(socket, room, "kanarie-text")
    body = told.get(timeout=30)
    _, kind, event = (json.loads(line) for line in body.decode().splitlines()[:3])
    assert kind["type"] == "event"
    assert event["logentry"] == {"message": "the database could not do something: %s"}
    assert event["release"].startswith("loopchat@")
    assert b"kanarie" not in body
    assert ann.name.encode() not in body
    assert ann.token.encode() not in body


def _unpacked(body: bytes, coding: str) -> bytes:
    """The library packs with brotli where that is installed."""
    if coding == "br":
        return bytes(import_module("brotli").decompress(body))
    return gzip.decompress(body) if coding == "gzip" else body


def _break(file: Any, url: str, backend: str) -> None:
    """Take a table away under a running server."""
    statement = "ALTER TABLE chat_message RENAME TO chat_elsewhere"
    if backend == POSTGRES:
        with psycopg.connect(url, autocommit=True) as database:
            database.execute(statement)
    else:
        with closing(sqlite3.connect(file, timeout=20)) as database:
            database.execute(statement)
