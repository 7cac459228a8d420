"""The client for programs in a run: it writes down what it does and is told, and nothing else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, Final

import msgspec
from websockets.asyncio.client import ClientConnection

from loopchat.client import Client
from loopchat.client.log import NOT_IN_THE_LOG
from loopchat.client.outbox import Entry
from loopchat.realtime import events
from tests.faults.backstage import Person
from tests.faults.recorder import Recorder

SOON = 0.02
"""Seconds of the first pause between two attempts."""


class Program(Client):
    """Somebody's program at one server."""

    def __init__(self, name: str, person: Person, url: str, recorder: Recorder) -> None:
        super().__init__(url, person.token, first_pause=SOON)
        self.name = name
        self.uid = person.uid
        self.connections = 0
        self.codes: list[int | None] = []
        self._url = url
        self._recorder = recorder
        self._conn = ""
        self._is_replaying = True
        self._shown: dict[int, dict[int, object]] = {}
        self._news = asyncio.Event()
        self._unread: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Come in, and keep what is told from the first event on."""
        happening = self.events()
        await self.__aenter__()
        self._reader = asyncio.create_task(self._read_all(happening))

    async def end(self) -> None:
        """Go, and let nothing be waited for."""
        await self.__aexit__(None, None, None)
        if self._reader is not None:
            await self._reader

    def cut(self) -> None:
        """Lose the connection without a goodbye."""
        if self._socket is not None:
            self._socket.transport.abort()

    def stop_reading(self) -> None:
        """Leave in the network what the server sends, until the connection is lost."""
        self._unread = self._socket
        if self._unread is not None:
            self._unread.transport.pause_reading()

    def read_again(self) -> None:
        """Read what there is of the connection that was not read."""
        if self._unread is not None:
            self._unread.transport.resume_reading()

    async def until(self, room: int, seq: int, within: float = 60) -> None:
        """Wait until this place of a room's log was told to who reads the events."""
        async with asyncio.timeout(within):
            while max(self._shown.get(room, ()), default=0) < seq:
                self._news.clear()
                await self._news.wait()

    def show(self) -> None:
        """Write down what a program has of each room when it keeps every event."""
        for room, known in self._shown.items():
            ids = [known[seq] for seq in sorted(known)]
            self._recorder.write("applied", client=self.name, room=room, ids=ids)

    async def _read_all(self, happening: Any) -> None:
        async for event in happening:
            told = msgspec.to_builtins(event)
            if isinstance(event, events.Resync):
                self._shown[event.room] = {}
            elif "seq" in told and told["type"] not in NOT_IN_THE_LOG:
                _, item, *_ = self._recorder.item(told)
                self._shown.setdefault(told["room"], {})[told["seq"]] = item
            self._news.set()

    # --- what the connection says and is told ----------------------------------------------------

    async def _one_connection(self) -> None:
        self.connections += 1
        self._conn, self._is_replaying = f"{self.name}/{self.connections}", True
        self._recorder.write("conn", conn=self._conn, u=self.uid, sess=self.name, worker=self._url)
        await super()._one_connection()

    def _lost(self, end: Exception | None, code: int | None = None, reason: str = "") -> None:
        for entry in self._sending.values():
            self._recorder.outcome("info", self.uid, entry.room, entry.cid)
        code = code or getattr(getattr(end, "rcvd", None), "code", None)
        self.codes.append(code)
        self._recorder.write("close", conn=self._conn, code=code)
        super()._lost(end, code, reason)

    async def _say(self, socket: ClientConnection, command: dict[str, Any]) -> None:
        if command["type"] == "chat_message":
            self._recorder.invoke(
                self._conn, self.uid, command["room"], command["cid"], command["message"]
            )
        await super()._say(socket, command)

    async def _take(self, socket: ClientConnection, line: str) -> None:
        told = json.loads(line)
        self._note(told)
        await super()._take(socket, line)

    def _note(self, told: dict[str, Any]) -> None:
        note = _NOTES.get(told["type"])
        if note is not None:
            note(self, told)
        elif "seq" in told and told["type"] not in NOT_IN_THE_LOG:
            self._recorder.event(self._conn, told, "replay" if self._is_replaying else "live")

    def _welcome(self, _told: dict[str, Any]) -> None:
        for room, seq in self._log.cursors.items():
            self._owed(room, seq)

    def _ready(self, told: dict[str, Any]) -> None:
        for room in told["rooms"]:
            if room["room"] not in self._log.cursors:
                self._owed(room["room"], room["head"])
        self._is_replaying = bool(told.get("more"))

    def _resync(self, told: dict[str, Any]) -> None:
        place = {"conn": self._conn, "room": told["room"]}
        self._recorder.write("resync", **place, to=told["head"], reason=told["reason"])

    def _room_added(self, told: dict[str, Any]) -> None:
        self._owed(told["room"], told["head"])

    def _owed(self, room: int, base: int) -> None:
        self._recorder.write("sub", conn=self._conn, room=room, **{"from": base})

    async def _sent(self, entry: Entry, told: dict[str, Any]) -> None:
        place = (self.uid, entry.room, entry.cid)
        if told["type"] == "ok":
            known = {"seq": told["seq"], "id": told["id"], "dup": told.get("dup", False)}
            self._recorder.outcome("ok", *place, **known)
        elif told["definite"]:
            self._recorder.outcome("fail", *place, code=told["code"], definite=True)
        else:
            self._recorder.outcome("info", *place)
        await super()._sent(entry, told)


_NOTES: Final[dict[str, Callable[[Program, dict[str, Any]], None]]] = {
    "welcome": Program._welcome,
    "ready": Program._ready,
    "resync": Program._resync,
    "room_added": Program._room_added,
}
