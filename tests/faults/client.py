"""A chat client that keeps its promises and writes down what the server does with its own.

It comes back from every loss, at any worker; it keeps a message in its outbox until the server
answers and sends it again with the same `cid`; it draws by `seq`, never by time.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import uuid
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

from tests.faults.recorder import Recorder
from tests.faults.wire import Credentials, Frame, Lost, Refusal, Rejected, Socket

REPEATED: Final = {"rate_limited", "unavailable", "timeout"}
"""Refusals after which the same message is sent again."""

NOT_STORED: Final = {"message_read", "delivered"}
"""Events whose `seq` is a cursor, not a place in the log."""

EPHEMERAL: Final = {"user_typing", "presence", "online_count"}


@dataclass(slots=True)
class Timeline:
    """What this client holds of one room."""

    reached: int
    events: dict[int, object] = field(default_factory=dict)

    def apply(self, seq: int, event: object) -> None:
        """An event of the log; the same one twice changes nothing."""
        self.events.setdefault(seq, event)

    def void(self, base: int) -> None:
        """Forget everything and begin anew after `base`."""
        self.events.clear()
        self.reached = base


@dataclass(slots=True)
class Draft:
    """A message in the outbox."""

    room: int
    cid: str
    text: str
    stored: asyncio.Future[Frame]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a client waits before it comes back: full jitter, doubled each time."""

    first: float = 0.02
    most: float = 0.5

    def seconds(self, attempt: int, chance: random.Random) -> float:
        """Before the n-th attempt in a row."""
        return chance.uniform(0, min(self.most, self.first * 2**attempt))


class Client:
    """One device of one person."""

    def __init__(
        self,
        name: str,
        uid: int,
        credentials: Credentials,
        workers: Sequence[str],
        recorder: Recorder,
        *,
        seed: object = 0,
        login: str | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.name = name
        self.uid = uid
        self.timelines: dict[int, Timeline] = {}
        self.summaries: dict[int, Frame] = {}
        self._left: dict[int, Timeline] = {}
        self._heard: Counter[int] = Counter()
        """Where the own read cursor of each room stands, as far as this client knows."""
        self.closed_with: int | None = None
        """The close code after which this client does not come back."""
        self.about_to_send: Callable[[Draft], None] | None = None
        self._credentials = credentials
        self._workers = list(workers)
        self._recorder = recorder
        self._chance = random.Random(f"{seed}/{name}")
        self.worker = ""
        """The address of the worker that the socket is, or was last, connected to."""
        self._login = login or name
        self._patience = patience or Patience()
        self._socket: Socket | None = None
        self._conn = ""
        self._connections = 0
        self._epoch: str | None = None
        self._replaying = True
        self._live = asyncio.Event()
        self._news = asyncio.Event()
        self._next_worker: str | None = None
        self._outbox: dict[int, deque[Draft]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False

    async def __aenter__(self) -> Self:
        self._spawn(self._stay_connected())
        await self.live()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def live(self, within: float = 30) -> None:
        """Wait until the socket is open and everything missed has arrived.

        Raises `Lost` when the server said that coming back is of no use.
        """
        await asyncio.wait_for(self._live.wait(), within)
        if self.closed_with is not None:
            raise Lost(self.closed_with)

    def send(self, room: int, text: str, cid: str | None = None) -> asyncio.Future[Frame]:
        """Put a message into the outbox; the future is its `ok` or its final `Refusal`."""
        stored: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        waiting = self._outbox.setdefault(room, deque())
        waiting.append(Draft(room, cid or str(uuid.uuid4()), text, stored))
        if len(waiting) == 1:
            self._spawn(self._empty(waiting))
        return stored

    async def attempt(self, draft: Draft) -> Frame:
        """Send a message once, whoever's outbox it is in, and write down what came of it."""
        await self.live()
        socket, place = self._socket, (self.uid, draft.room, draft.cid)
        assert socket is not None
        self._recorder.invoke(self._conn, *place, draft.text)
        if self.about_to_send is not None:
            self.about_to_send(draft)
        try:
            answer = await socket.ask(
                "chat_message", room=draft.room, cid=draft.cid, message=draft.text
            )
        except Refusal as refusal:
            self._refused(place, refusal)
            raise
        except (Lost, TimeoutError):
            self._recorder.outcome("info", *place)
            raise
        told = {"seq": answer["seq"], "id": answer["id"], "dup": answer.get("dup", False)}
        self._recorder.outcome("ok", *place, **told)
        return answer

    async def ask(self, kind: str, **fields: object) -> Frame:
        """Any other command, sent again after a loss: they all may be."""
        return await self._asked(kind, lambda answer: None, **fields)

    async def _asked(self, kind: str, heard: Callable[[Frame], None], **fields: object) -> Frame:
        while True:
            await self.live()
            assert self._socket is not None
            with contextlib.suppress(Lost):
                return await self._socket.asked(kind, heard, **fields)

    async def read(self, room: int, *, before: int | None = None, limit: int = 100) -> Frame:
        """A page of the log, added to what is shown."""
        asked = self._recorder.now()
        fields = {} if before is None else {"before": before}
        answer = await self.ask("history", room=room, limit=limit, log=True, **fields)
        self._recorder.page(self.uid, answer, room, asked)
        timeline = self.timelines.setdefault(room, Timeline(answer["head"]))
        for item in answer["items"]:
            seq, event, *_ = self._recorder.item({"room": room, **item})
            timeline.apply(int(str(seq)), event)
        return answer

    async def whole_log(self, room: int) -> list[list[object]]:
        """Every event of a room, page by page, as items of a history."""
        items: list[list[object]] = []
        before: int | None = None
        while before is None or before > 1:
            fields = {} if before is None else {"before": before}
            answer = await self.ask("history", room=room, limit=100, log=True, **fields)
            page = [self._recorder.item({"room": room, **item}) for item in answer["items"]]
            items[:0] = page
            if not page or answer["complete"]:
                break
            before = answer["from"]
        return items

    async def mark_read(self, room: int, seq: int) -> Frame:
        """Move the read cursor; what the server says it is now goes into the record."""

        before = self._reached(room)

        def heard(answer: Frame) -> None:
            is_new = answer["read"] >= self._heard[room]  # else another device's move overtook it
            if is_new and self._reached(room) == before:  # later messages are not in its count
                self._cursor(room, answer["read"], answer["unread"])

        return await self._asked("mark_read", heard, room=room, seq=seq)

    async def join(self, room: int) -> Frame:
        """Enter a public room."""
        self._recorder.entering(room, self.uid)
        return await self.ask("join", room=room)

    async def move(self, worker: str | None = None) -> None:
        """Lose the socket without a goodbye and come back, there or anywhere."""
        self._next_worker = worker
        if self._socket is not None and not self._socket.closed:
            self._live.clear()
            self._socket.abort()
        await self.live()

    def pause(self) -> None:
        """Read nothing more from this socket, as a device does that hangs."""
        if self._socket is not None and not self._socket.closed:
            self._socket.pause()

    def resume(self) -> None:
        """Read on; a socket that came since then was never paused."""
        if self._socket is not None and not self._socket.closed:
            self._socket.resume()

    async def until_reached(self, room: int, seq: int, within: float = 30) -> None:
        """Wait until this event of a room has been received."""
        await self._until(lambda: self._reached(room) >= seq, within)

    async def until_in(self, room: int, within: float = 30) -> None:
        """Wait until this person is a member of a room, as far as this device knows."""
        await self._until(lambda: room in self.timelines, within)

    async def until_out_of(self, room: int, within: float = 30) -> None:
        """Wait until this person is no member of a room any more."""
        await self._until(lambda: room not in self.timelines, within)

    async def _until(self, true: Callable[[], bool], within: float) -> None:
        async with asyncio.timeout(within):
            while not true():
                self._news.clear()
                await self._news.wait()

    async def outbox_empty(self, within: float = 60) -> None:
        """Wait until every message has had its answer."""
        waiting = [draft.stored for drafts in self._outbox.values() for draft in drafts]
        if waiting:
            done, pending = await asyncio.wait(waiting, timeout=within)
            for stored in done:
                stored.exception()
            if pending:
                raise TimeoutError(f"{self.name} still waits for {len(pending)} answers")

    def show(self) -> None:
        """Write down what this client shows of each room."""
        for room, timeline in {**self._left, **self.timelines}.items():
            ids = [timeline.events[seq] for seq in sorted(timeline.events)]
            self._recorder.write("applied", client=self.name, room=room, ids=ids)

    async def stop(self) -> None:
        """Close the socket and end all waiting."""
        self._stopping = True
        if self._socket is not None:
            with contextlib.suppress(Lost):
                await self._socket.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # The socket

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _stay_connected(self) -> None:
        attempt = 0
        while not self._stopping and self.closed_with is None:
            try:
                code = await self._one_connection()
                attempt = 0
            except (OSError, TimeoutError, Rejected, Lost):
                attempt += 1
                code = None
            if code is not None and code >= 4500:
                self.closed_with = code
                self._live.set()  # for those who wait for it: they are told
                return
            await asyncio.sleep(self._patience.seconds(attempt, self._chance))

    async def _one_connection(self) -> int | None:
        """Connect, catch up and stay until the socket is lost."""
        worker = self.worker = self._next_worker or self._chance.choice(self._workers)
        self._next_worker = None
        self._connections += 1
        self._conn = f"{self.name}/{self._connections}"
        self._replaying = True
        socket = await Socket.open(worker, self._credentials, heard=self._hear)
        self._socket = socket
        self._recorder.write("conn", conn=self._conn, u=self.uid, sess=self._login, worker=worker)
        try:
            await self._hello(socket)
            self._live.set()
            return await socket.gone(within=3600)
        finally:
            self._live.clear()
            socket.abort()
            self._recorder.write("close", conn=self._conn, code=socket.code)

    async def _hello(self, socket: Socket) -> None:
        welcome = await socket.until("welcome")
        self._epoch = self._epoch or welcome["epoch"]
        cursors = {room: timeline.reached for room, timeline in self.timelines.items()}
        for room, cursor in cursors.items():
            self._owed(room, cursor)
        await socket.hello(cursors, self._epoch)

    # What the socket says

    def _hear(self, frame: Frame) -> None:
        """Each object as it leaves the socket, in order, before anything else is read."""
        kind = frame["type"]
        if handler := _HANDLERS.get(kind):
            handler(self, frame)
        elif kind in EPHEMERAL:
            self._recorder.write(
                "eph", conn=self._conn, room=frame.get("room"), kind=kind, u=frame.get("uid")
            )
        elif "seq" in frame and kind not in NOT_STORED:
            self._event(frame)
        self._news.set()

    def _event(self, frame: Frame) -> None:
        self._recorder.event(self._conn, frame, "replay" if self._replaying else "live")
        timeline = self.timelines.setdefault(frame["room"], Timeline(frame["seq"]))
        seq, event, *_ = self._recorder.item(frame)
        timeline.apply(int(str(seq)), event)
        timeline.reached = max(timeline.reached, frame["seq"])

    def _resync(self, frame: Frame) -> None:
        room, head = frame["room"], frame["head"]
        self._recorder.write("resync", conn=self._conn, room=room, to=head, reason=frame["reason"])
        self.timelines.setdefault(room, Timeline(head)).void(head)

    def _ready(self, frame: Frame) -> None:
        for summary in frame["rooms"]:
            self._summary(summary)
            self._cursor(summary["room"], summary["read"], summary["unread"])
        if not frame.get("more"):
            self._replaying = False

    def _room_added(self, frame: Frame) -> None:
        self._lay_aside(frame["room"])
        self._summary(frame)

    def _summary(self, summary: Frame) -> None:
        room, head = summary["room"], summary["head"]
        self.summaries[room] = summary
        if room not in self.timelines:
            self.timelines[room] = self._left.pop(room, Timeline(head))
            self.timelines[room].reached = head
            self._owed(room, head)

    def _room_removed(self, frame: Frame) -> None:
        self._lay_aside(frame["room"])
        self.summaries.pop(frame["room"], None)

    def _lay_aside(self, room: int) -> None:
        """Keep what was shown of a room in case the person returns to it."""
        if timeline := self.timelines.pop(room, None):
            self._left[room] = timeline

    def _read(self, frame: Frame) -> None:
        if frame["uid"] == self.uid and "unread" in frame:
            self._cursor(frame["room"], frame["seq"], frame["unread"])

    def _owed(self, room: int, base: int) -> None:
        self._recorder.write("sub", conn=self._conn, room=room, **{"from": base})

    def _cursor(self, room: int, seq: int, unread: int) -> None:
        self._heard[room] = seq
        self._recorder.write(
            "cursor", u=self.uid, room=room, seq=seq, conn=self._conn, unread=unread
        )

    def _reached(self, room: int) -> int:
        timeline = self.timelines.get(room)
        return timeline.reached if timeline else 0

    # The outbox

    async def _empty(self, waiting: deque[Draft]) -> None:
        """Send one message after the other, each until it is answered for good."""
        while waiting:
            draft = waiting[0]
            try:
                draft.stored.set_result(await self._insist(draft))
            except (Refusal, Lost) as end:
                draft.stored.set_exception(end)
            waiting.popleft()

    async def _insist(self, draft: Draft) -> Frame:
        while True:
            try:
                return await self.attempt(draft)
            except Refusal as refusal:
                if refusal.code not in REPEATED:
                    raise
                await asyncio.sleep(refusal.retry_after or self._patience.most)
            except TimeoutError:
                await self.move()
            except Lost:
                await self.live()

    def _refused(self, place: tuple[int, int, str], refusal: Refusal) -> None:
        if refusal.definite:
            self._recorder.outcome("fail", *place, code=refusal.code, definite=True)
        else:
            self._recorder.outcome("info", *place)


_HANDLERS: Final[dict[str, Callable[[Client, Frame], None]]] = {
    "resync": Client._resync,
    "ready": Client._ready,
    "room_added": Client._room_added,
    "room_removed": Client._room_removed,
    "message_read": Client._read,
}
