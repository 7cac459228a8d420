"""A socket that comes back whatever happens, with the outbox and the cursors that this needs."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self
from uuid import uuid4
from weakref import WeakSet

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from loopchat.client.answers import History, read_history
from loopchat.client.api import Api
from loopchat.client.errors import AGAIN, Gone, Lost, Refusal
from loopchat.client.happening import Happening
from loopchat.client.log import Log, event_of
from loopchat.client.outbox import Entry, Outbox, Sent
from loopchat.realtime.events import Person, RoomSummary

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 30.0
"""Seconds between two attempts, before a random part of it is taken."""

_DOUBLED_MAX: Final = 16
"""How often the pause is doubled: an outage of days makes numbers that are too large."""

_NOT_TO_COME_BACK: Final = range(4500, 5000)
_SILENCE: Final = 30.0
_FRAME_MAX: Final = 2**24


class Client:
    """Somebody's connection to a server, for as long as it is entered."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        first_pause: float = FIRST_PAUSE,
        on_wait: Callable[[str | None], None] | None = None,
    ) -> None:
        """`on_wait` is called once when nobody answers any more, with why, and waiting begins; and
        with None when the server is back."""
        self._address = f"{url.rstrip('/').replace('http', 'ws', 1)}/ws/"
        self._token = token
        self._first_pause = first_pause
        self._on_wait = on_wait
        self._is_waiting = False
        self._log = Log()
        self._outbox = Outbox()
        self._epoch: str | None = None
        self._told_epoch: str | None = None
        """That of this connection; it holds once everything that it voids was said."""
        self._socket: ClientConnection | None = None
        self._is_ready = asyncio.Event()
        self._refs = itertools.count(1)
        self._asked: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._sending: dict[int, Entry] = {}
        self._listeners: WeakSet[Happening] = WeakSet()
        self._failures = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._life: asyncio.Task[None]
        self._has_ended = False
        self.me: Person | None = None
        self.api = Api(url, token)
        """The same person's requests by REST; they need no socket."""

    async def __aenter__(self) -> Self:
        """Connect; returns when the rooms are known. Raises `Gone` when the server says no."""
        self._life = asyncio.create_task(self._live(), name="loopchat client")
        waiting = asyncio.create_task(self._is_ready.wait())
        await asyncio.wait({self._life, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._life.done():
            await self._life
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the socket. What was not stored yet is not waited for."""
        for task in (self._life, *self._tasks):
            task.cancel()
        await asyncio.gather(self._life, *self._tasks, return_exceptions=True)
        if self._socket is not None:
            await self._socket.close()

    # --- what there is --------------------------------------------------------------------------

    @property
    def rooms(self) -> dict[int, RoomSummary]:
        """My rooms by id, with the name, the people and the role that they have now."""
        return self._log.rooms

    def room(self, named: str | int) -> RoomSummary:
        """A room of mine: by id, by slug, by name, or `@name` for a conversation of two."""
        text = str(named)
        for room in self.rooms.values():
            peer = f"@{room.peer.username}" if room.peer is not None else None
            if text.casefold() in (str(room.room), room.slug, room.name.casefold(), peer):
                return room
        raise Refusal({"code": "not_found", "message": f"There is no room {text} of yours."})

    def events(self) -> Happening:
        """What happens from this call on, each event once; ends when the client does.

        A `Resync` among them says that events of a room were too many to be told: read them.
        """
        happening = Happening()
        if self._has_ended:
            happening.put(None)
        self._listeners.add(happening)
        return happening

    # --- what can be done -----------------------------------------------------------------------

    async def send(self, room: int, text: str, *, reply_to: int | None = None) -> Sent:
        """Send a message and wait until it is stored, over as many connections as that takes."""
        entry = Entry(room, text, reply_to)
        self._refuse_after_the_end()
        self._outbox.add(entry)
        await self._send_what_is_due()
        return await asyncio.shield(entry.done)

    async def ask(self, kind: str, **fields: object) -> dict[str, Any]:
        """One command of the protocol; its `ok`. Raises `Refusal`, and `Lost` with the connection:
        whoever asks knows whether it may be asked again."""
        await self._is_ready.wait()
        self._refuse_after_the_end()
        ref, socket = next(self._refs), self._socket
        if socket is None:
            raise Lost("not connected")
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._asked[ref] = answer
        try:
            await self._say(socket, {"type": kind, "ref": ref, **fields})
            return await answer
        finally:
            self._asked.pop(ref, None)

    async def command(self, room: int, text: str, *, cid: str | None = None) -> str:
        """Give a command to a bot, `/name rest`; the `cid` that its `Whisper` will bear.

        After `Lost` the same `cid` gives it once, however often it is asked for.
        """
        known = cid or str(uuid4())
        await self.ask("command", room=room, cid=known, text=text)
        return known

    async def read(self, room: int, seq: int) -> None:
        """Say that everything up to `seq` was seen."""
        await self.ask("mark_read", room=room, seq=seq)

    async def history(self, room: int, **fields: object) -> History:
        """A part of a room, as the protocol describes it: `before` or `after` a `seq`, `limit`."""
        return read_history(await self.ask("history", room=room, **fields))

    async def direct(self, username: str) -> RoomSummary:
        """The conversation with somebody."""
        found = await self.ask("open_direct", username=username)
        return msgspec.convert(found["room"], RoomSummary)

    async def join(self, room: int) -> None:
        """Enter a public room; again it changes nothing."""
        await self.ask("join", room=room)

    # --- the connection -------------------------------------------------------------------------

    async def _live(self) -> None:
        try:
            while True:
                try:
                    await self._one_connection()
                except (OSError, InvalidHandshake, ConnectionClosed, TimeoutError) as end:
                    self._lost(end)
                pause = min(LONGEST_PAUSE, self._first_pause * 2**self._failures)
                self._failures = min(self._failures + 1, _DOUBLED_MAX)
                await asyncio.sleep(random.uniform(0, pause))  # noqa: S311 - no secret
        except BaseException as end:
            self._ended(end if isinstance(end, Exception) else Lost("this client has ended"))
            raise

    async def _one_connection(self) -> None:
        headers = {"Authorization": f"Bearer {self._token}"}
        async with connect(
            self._address,
            subprotocols=[Subprotocol("loopchat.v1")],
            additional_headers=headers,
            max_size=_FRAME_MAX,
            ping_interval=_SILENCE,
            ping_timeout=10,
            compression=None,
        ) as socket:
            async for frame in socket:
                for line in str(frame).split("\n"):
                    await self._take(socket, line)
            await socket.wait_closed()
            self._lost(None, socket.close_code, socket.close_reason or "")

    def _lost(self, end: Exception | None, code: int | None = None, reason: str = "") -> None:
        self._socket = None
        self._is_ready.clear()
        if isinstance(end, ConnectionClosed) and end.rcvd is not None:
            code, reason = end.rcvd.code, end.rcvd.reason
        self._sending.clear()
        self._outbox.lost()
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(Lost(reason or "the connection was lost"))
        if code is not None and code in _NOT_TO_COME_BACK:
            raise Gone(code, reason)
        self._waits(reason or str(end or "") or "the connection was lost")

    def _waits(self, why: str | None) -> None:
        """Say so when that is another state than before; None: it is back."""
        was, self._is_waiting = self._is_waiting, why is not None
        if self._on_wait is not None and was != self._is_waiting:
            self._on_wait(why)

    def _ended(self, error: Exception) -> None:
        self._has_ended = True
        self._outbox.give_up(error)
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(Lost("this client has ended"))
        self._is_ready.set()  # who waits for a connection is told that there will be none
        for happening in list(self._listeners):
            happening.put(None)

    def _refuse_after_the_end(self) -> None:
        if self._has_ended:
            raise Lost("this client has ended")

    async def _say(self, socket: ClientConnection, command: dict[str, Any]) -> None:
        try:
            await socket.send(json.dumps(command, ensure_ascii=False))
        except ConnectionClosed as end:
            raise Lost(str(end)) from None

    # --- what comes -----------------------------------------------------------------------------

    async def _take(self, socket: ClientConnection, line: str) -> None:
        told: dict[str, Any] = json.loads(line)
        kind = told["type"]
        if kind in ("ok", "error", "pong"):
            self._answer(told)
        elif kind == "welcome":
            self.me = msgspec.convert(told["user"], Person)
            self._log.me = self.me.uid
            cursors = {str(room): seq for room, seq in self._log.cursors.items()}
            hello = {"type": "hello", "ref": 0, "cursors": cursors}
            await self._say(socket, {**hello, "epoch": self._epoch or told["epoch"]})
            self._told_epoch = told["epoch"]
        elif self._log.take(told):
            if kind == "ready":
                await self._become_ready(socket, told)
            elif (event := event_of(told)) is not None:
                for happening in list(self._listeners):
                    happening.put(event)

    async def _become_ready(self, socket: ClientConnection, told: dict[str, Any]) -> None:
        if told.get("more"):
            return
        self._socket = socket
        self._epoch = self._told_epoch
        self._failures = 0
        self._waits(None)
        self._is_ready.set()
        await self._send_what_is_due()

    def _answer(self, told: dict[str, Any]) -> None:
        ref = told.get("ref")
        if ref is None:
            return
        if (entry := self._sending.pop(ref, None)) is not None:
            self._spawn(self._sent(entry, told))
        elif (answer := self._asked.get(ref)) is not None and not answer.done():
            if told["type"] == "error":
                answer.set_exception(Refusal(told))
            else:
                answer.set_result(told)

    # --- the outbox -----------------------------------------------------------------------------

    async def _send_what_is_due(self) -> None:
        socket = self._socket
        if socket is None:
            return
        for entry in list(self._outbox.due()):
            ref = next(self._refs)
            self._sending[ref] = entry
            try:
                await self._say(socket, {"ref": ref, **entry.command()})
            except Lost:
                return  # the next connection sends it

    async def _sent(self, entry: Entry, told: dict[str, Any]) -> None:
        if told["type"] == "ok":
            place = Sent(told["seq"], told["id"], told["ts"], told.get("dup", False))
            self._outbox.stored(entry, place)
        elif told["code"] in AGAIN:
            await asyncio.sleep(told.get("retry_after_ms", 1000) / 1000)
            self._outbox.again(entry)
        else:
            self._outbox.refused(entry, Refusal(told))
        await self._send_what_is_due()

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
