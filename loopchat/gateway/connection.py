"""One socket: handshake, command loop, replies, goodbye."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import DatabaseError

from loopchat.accounts.sessions import Login
from loopchat.chat import access, cursors, history, log, resume
from loopchat.chat.cursors import Move, Position
from loopchat.chat.ledger import Actor, Done
from loopchat.chat.writer import writer
from loopchat.core import strict
from loopchat.core.clock import now_ms
from loopchat.core.errors import Refused
from loopchat.core.text import MESSAGE_MAX
from loopchat.gateway import commands, shapes
from loopchat.gateway.door import SUBPROTOCOL, Turned, Visitor
from loopchat.gateway.fallback import Pump
from loopchat.gateway.lending import (
    EXTENSION,
    FRAME_IN_MAX,
    HEARTBEAT_MS,
    QUEUE_MAX,
    LentSocket,
)
from loopchat.gateway.limits import Limits
from loopchat.gateway.pending import ANSWER_WITHIN, Pending
from loopchat.gateway.runtime import Runtime
from loopchat.realtime import events
from loopchat.realtime.bus import person_topic
from loopchat.realtime.frames import FRAME_MAX, frame, payloads
from loopchat.realtime.listener import Goodbye
from loopchat.realtime.outbox import Aside, Committed
from loopchat.realtime.stream import Stream

logger = logging.getLogger(__name__)

HELLO_WITHIN: Final = 5.0
IN_FLIGHT_MAX: Final = 32
HELD_MAX: Final = 100
"""News about the person that wait while hello is being answered."""

BAD_FRAMES_MAX: Final = 10
CURSORS_MAX: Final = strict.ENTRIES_MAX
"""A little more than rooms, for those that were left meanwhile."""

LIMITS: Final = {
    "frame": FRAME_IN_MAX,
    "message": MESSAGE_MAX,
    "depth": strict.DEPTH_MAX,
    "in_flight": IN_FLIGHT_MAX,
    "out_queue": QUEUE_MAX,
    "rooms": access.ROOMS_PER_PERSON,
    "history": history.PAGE_MAX,
}
"""What `welcome` says of the limits: bytes, characters, numbers."""


class Connection(AsyncWebsocketConsumer):  # type: ignore[misc]
    """A person's socket, as Channels routes it and as the hub writes to it."""

    runtime: Runtime  # given by `as_asgi(runtime=…)`
    write: Callable[[bytes], None]
    """The transport's own while the socket is open: see `LentSocket.write`."""

    def __init__(self, runtime: Runtime) -> None:
        super().__init__()
        self.runtime = runtime
        self.limits: Limits = runtime.limits
        self.actor = Actor(0, "")
        self.user_id = 0
        self.login: Login
        self.version = 0
        self.rooms: set[int] = set()
        self.viewing: int | None = None
        self.is_ready = False
        self.is_closed = False
        self.is_away = False
        self.write = _into_the_void
        self._said_hello = False
        self._bad_frames = 0
        self._socket: LentSocket | Pump
        self._pending = Pending(self._give_up)
        self._replies: list[bytes] = []
        self._held: list[bytes] = []
        self._line: deque[tuple[int, commands.Writing]] = deque()
        self._hello_timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """The consumer's life, without a channel layer: the hub is what it listens to."""
        self.scope = scope
        self.base_send = send
        await receive()  # websocket.connect
        try:
            if await self._enter():
                await self._listen(receive)
        finally:  # also when coming in was cut short: the hub may know this socket already
            self._leave()

    # --- what the hub may do: nothing here waits or raises ------------------------------------

    def offer(self, data: bytes) -> None:
        """See `Listener`."""
        if not self.is_closed and self._socket.waiting < QUEUE_MAX // 2:
            self.write(data)

    def hold(self, data: bytes) -> None:
        """See `Listener`."""
        if len(self._held) < HELD_MAX:
            self._held.append(data)

    def say(self, *objects: bytes) -> None:
        """See `Listener`."""
        for payload in payloads(objects):
            self.write(frame(payload))

    def close(self, why: Goodbye, text: str = "") -> None:
        """See `Listener`."""
        if not self.is_closed:
            self._flush_replies()
            self._end()
            self._socket.close(int(why), text[:100])

    # --- what commands may do ------------------------------------------------------------------

    def stream(self, room_id: int) -> Stream | None:
        """The room of this id if it is this socket's; None while it is just becoming live."""
        if room_id not in self.rooms:
            raise Refused("not_found", "There is no such room.")
        return self.runtime.hub.streams.get(room_id)

    def view(self, room_id: int | None) -> None:
        """Show this room from now on."""
        self.runtime.hub.view(self, room_id)

    def tell(self, aside: Aside) -> None:
        """Tell a room something passing."""
        self.runtime.hub.take(Committed(asides=[aside]), ())

    def move(self, room_id: int, move: Move) -> None:
        """Move a cursor without waiting for it."""
        writer.move((room_id, self.user_id), move)

    def set_away(self, away: bool) -> None:
        """Say whether anybody is looking here; a person is away when nobody looks anywhere."""
        self.is_away = away
        self._tell_away()

    def _tell_away(self) -> None:
        sockets = self.runtime.hub.people.get(self.user_id)
        if sockets:
            everywhere = all(getattr(socket, "is_away", False) for socket in sockets)
            self.runtime.presence.set_away(self.user_id, everywhere)

    # --- coming in -------------------------------------------------------------------------------

    async def _enter(self) -> bool:
        """From the upgrade to `welcome`; whether there is a socket to listen to."""
        seen = self.runtime.door.look(self.scope)
        if isinstance(seen, Turned):
            await self._turn_away(seen)
            return False
        try:
            login = await self.runtime.in_database(seen.who)
        except DatabaseError:
            await self._turn_away(Turned(503, "The database is not available.", 5))
            return False
        await self._accept(seen)
        refusal = self._refusal(seen, login)
        if refusal is not None or login is None:
            self.close(*(refusal or (Goodbye.SIGNED_OUT, "Sign in first.")))
            return True
        await self._welcome(login)
        self.scope["headers"].clear()  # nobody reads them again, and sockets live long
        return True

    async def _turn_away(self, turned: Turned) -> None:
        """Answer the upgrade with a status, where the server can; elsewhere it becomes a 403."""
        if "websocket.http.response" not in self.scope.get("extensions", {}):
            await self.base_send({"type": "websocket.close"})
            return
        headers = [(b"content-type", b"text/plain; charset=utf-8")]
        if turned.retry_after_s is not None:
            headers.append((b"retry-after", str(turned.retry_after_s).encode()))
        await self.base_send(
            {
                "type": "websocket.http.response.start",
                "status": turned.status,
                "headers": headers,
            }
        )
        await self.base_send({"type": "websocket.http.response.body", "body": turned.text.encode()})

    async def _accept(self, visitor: Visitor) -> None:
        """A browser fails a socket whose subprotocol is not answered: then it reads no code."""
        offered = visitor.subprotocols
        chosen = SUBPROTOCOL if SUBPROTOCOL in offered else next(iter(offered), None)
        await self.base_send({"type": "websocket.accept", "subprotocol": chosen})
        lent = self.scope.get("extensions", {}).get(EXTENSION)
        self._socket = lent if lent is not None else Pump(self.base_send)
        self._socket.on_full = partial(
            self.close, Goodbye.TOO_SLOW, "This socket reads too slowly."
        )
        self._socket.on_end = self._end
        self.write = self._socket.write

    def _refusal(self, visitor: Visitor, login: Login | None) -> tuple[Goodbye, str] | None:
        if SUBPROTOCOL not in visitor.subprotocols:
            return Goodbye.VERSION, f"This server speaks {SUBPROTOCOL}."
        if login is None:
            return Goodbye.SIGNED_OUT, "Sign in first."
        most = settings.SOCKETS_PER_PERSON
        if most is not None and len(self.runtime.hub.people.get(login.user_id, ())) >= most:
            return Goodbye.TOO_MANY_SOCKETS, f"At most {most} sockets per person."
        return None

    async def _welcome(self, login: Login) -> None:
        self.login = login
        self.user_id = login.user_id
        self.actor = Actor(login.user_id, login.username)
        await self.runtime.hub.enter(self)
        me = events.Person(uid=login.user_id, username=login.username, state="online")
        welcome = events.Welcome(
            v=1,
            conn=secrets.token_hex(8),
            user=me,
            epoch=self.runtime.epoch,
            server_ts=now_ms(),
            heartbeat_ms=HEARTBEAT_MS,
            limits=LIMITS,
            features=[],
        )
        self.say(events.encode(welcome))
        loop = asyncio.get_running_loop()
        self._hello_timer = loop.call_later(HELLO_WITHIN, self._no_hello)

    def _end(self) -> None:
        """Nothing is written from here on, whoever began it."""
        self.is_closed = True
        self.write = _into_the_void

    def _no_hello(self) -> None:
        if not self._said_hello:
            self.close(Goodbye.NO_HELLO, "Say hello within five seconds.")

    def _leave(self) -> None:
        self._end()
        if self._hello_timer is not None:
            self._hello_timer.cancel()
        self._pending.clear()
        for task in self._tasks:
            task.cancel()
        if self.user_id:
            self.runtime.hub.leave(self)
            self._tell_away()  # perhaps this was the only one where somebody looked

    # --- the command loop ------------------------------------------------------------------------

    async def _listen(self, receive: Callable[[], Coroutine[Any, Any, dict[str, Any]]]) -> None:
        while True:
            message = await receive()
            if message["type"] != "websocket.receive":
                return
            if self.is_closed:
                continue
            text = message.get("text")
            if text is None:
                self.close(Goodbye.BINARY, "Frames are text.")
            elif _is_too_big(text):
                self.close(Goodbye.TOO_BIG, "A frame has at most 64 KiB.")
            else:
                await self._hear(text)
            if self._pending.count >= IN_FLIGHT_MAX:
                await self._pending.below(IN_FLIGHT_MAX)

    async def _hear(self, text: str) -> None:
        """One frame, one command. Nothing in here waits for a commit."""
        ref: int | None = None
        wait = self.limits.command.take(self.user_id)
        try:
            fields = strict.decode(text)
            ref = _ref(fields)
            _refuse_haste(wait)
            await self._obey(ref, fields)
        except Refused as no:
            self._refuse(ref, no)
            if no.code == "bad_frame":
                self._count_bad_frame()
        except Exception:  # a bug of ours: said in the log, and answered like everything else
            logger.exception("a command could not be carried out")
            self._refuse(ref, _FAILED)
        if wait:  # who goes on all the same is read as slowly as the rate allows
            await asyncio.sleep(min(wait, 1.0))

    async def _obey(self, ref: int | None, fields: dict[str, object]) -> None:
        kind = fields.get("type")
        if not isinstance(kind, str):
            raise Refused("bad_request", "A command has a type.", field="type")
        if kind == "hello":
            await self._hello(ref, shapes.shaped(fields, shapes.Hello))
            return
        command = commands.TABLE.get(kind)
        if command is None:
            raise Refused("unknown_type", "There is no such command.", field="type")
        if not self.is_ready:
            raise Refused("bad_request", "Say hello first.", field="type")
        if command.is_send:
            _refuse_haste(self.limits.send.take(self.user_id))
        step = command.run(self, shapes.shaped(fields, command.shape))
        self._carry_out(ref, step)

    def _carry_out(self, ref: int | None, step: commands.Step) -> None:
        match step:
            case commands.Now(answer=answer, kind=kind):
                if ref is not None or kind != "ok":
                    self._reply(ref, kind, answer)
            case commands.Write() | commands.MoveCursor() | commands.Prepare():
                token = self._pending.add(ref, step.room)
                if self._line or isinstance(step, commands.Prepare):
                    self._stand_in_line(token, step)
                else:
                    self._to_writer(token, step)
            case commands.Read(look=look, room=seen_room):
                token = self._pending.add(ref, None)
                self._spawn(self._look(token, look, seen_room))

    def _stand_in_line(self, token: int, step: commands.Writing) -> None:
        """What has to be drafted in a thread keeps its place before what came after it."""
        self._line.append((token, step))
        if len(self._line) == 1:
            self._spawn(self._serve_line())

    async def _serve_line(self) -> None:
        while self._line:
            token, step = self._line[0]
            try:
                if not self._pending.waits(token):
                    continue  # given up: the client has been told to repeat it
                if isinstance(step, commands.Prepare):
                    operation = await self.runtime.in_database(step.draft)
                    step = commands.Write(operation, step.room, step.answer)
                self._to_writer(token, step)
            except Refused as no:
                self._answer(token, no)
            except Exception:
                logger.exception("a message could not be drafted")
                self._answer(token, _UNAVAILABLE)
            finally:
                self._line.popleft()

    def _to_writer(self, token: int, step: commands.Write | commands.MoveCursor) -> None:
        if isinstance(step, commands.Write):
            self._submit(token, partial(writer.submit, step.operation), step.answer)
        else:
            submit = partial(writer.move, (step.room, self.user_id), step.move)
            self._submit(token, submit, step.answer)

    def _submit(
        self, token: int, submit: Callable[[Any], None], answer: Callable[[Any], dict[str, Any]]
    ) -> None:
        try:
            submit(partial(self._written, token, answer))
        except Refused as no:
            self._answer(token, no)

    def _written(
        self,
        token: int,
        answer: Callable[[Any], dict[str, Any]],
        outcome: Done | Position | Refused,
    ) -> None:
        """Called on the loop, after COMMIT."""
        self._answer(token, outcome if isinstance(outcome, Refused) else answer(outcome))

    async def _look(self, token: int, look: Callable[[], dict[str, Any]], room: int | None) -> None:
        if room is not None:
            await self._pending.written(room, before=token)
        outcome: dict[str, Any] | Refused
        try:
            async with asyncio.timeout(ANSWER_WITHIN):  # then nobody waits for it any more
                outcome = await self.runtime.in_database(look)
        except TimeoutError:
            return
        except Refused as no:
            outcome = no
        except DatabaseError as error:
            outcome = log.refusal(error)
        except Exception:
            self._answer(token, Refused("unavailable", "The server could not answer this."))
            raise
        self._answer(token, outcome)

    def _answer(self, token: int, outcome: dict[str, Any] | Refused) -> None:
        """Answer a pending command, unless it has been given up or the socket is gone."""
        found = self._pending.pop(token)
        if found is None or self.is_closed:
            return
        if isinstance(outcome, Refused):
            self._refuse(found.ref, outcome)
        elif found.ref is not None:
            self._reply(found.ref, "ok", outcome)

    def _give_up(self, ref: int | None, is_write: bool) -> None:
        """Five seconds have passed."""
        self._refuse(
            ref,
            Refused("timeout", "The server is too slow at the moment.", definite=not is_write),
        )

    def _reply(self, ref: int | None, kind: str, fields: dict[str, Any]) -> None:
        named = {} if ref is None else {"ref": ref}
        self._queue_reply(events.encode({"type": kind, **named, **fields}))

    def _refuse(self, ref: int | None, no: Refused) -> None:
        fields: dict[str, Any] = {
            "type": "error",
            "ref": ref,
            "code": no.code,
            "definite": no.definite,
            "message": no.text,
        }
        if no.field is not None:
            fields["field"] = no.field
        if no.retry_after_ms is not None:
            fields["retry_after_ms"] = no.retry_after_ms
        self._queue_reply(events.encode(fields))

    def _queue_reply(self, data: bytes) -> None:
        """Replies of one turn of the loop share a frame."""
        if not self._replies:
            asyncio.get_running_loop().call_soon(self._flush_replies)
        self._replies.append(data)

    def _flush_replies(self) -> None:
        if self._replies:
            replies, self._replies = self._replies, []
            self.say(*replies)

    def _count_bad_frame(self) -> None:
        self._bad_frames += 1
        if self._bad_frames >= BAD_FRAMES_MAX:
            self.close(Goodbye.BAD_FRAMES, "Ten frames were not understood.")

    # --- hello -------------------------------------------------------------------------------

    async def _hello(self, ref: int | None, hello: shapes.Hello) -> None:
        if self._said_hello:
            raise Refused("bad_request", "Hello was said already.", field="type")
        if len(hello.cursors) > CURSORS_MAX:
            raise Refused("too_large", f"At most {CURSORS_MAX} cursors.", field="cursors")
        wanted = shapes.room_cursors(hello.cursors)
        self._said_hello = True
        same_epoch = hello.epoch is None or hello.epoch == self.runtime.epoch
        try:
            found = await self.runtime.in_database(
                partial(resume.hello, self.user_id, wanted, same_epoch=same_epoch)
            )
        except Exception as error:  # it cannot say hello again, so it has to come again
            if not isinstance(error, DatabaseError):
                logger.exception("hello could not be answered")
            self.close(Goodbye.OVERLOAD, "The database is not available.")
            return
        self._flush_replies()
        self.say(*found.missed)
        self._say_ready(ref, found)
        reads = {cursors.own_height(room.room): room.read for room in found.rooms}
        self.runtime.hub.remember(person_topic(self.user_id), reads)
        self.version = found.version
        self.is_ready = True
        held, self._held = self._held, []
        self.say(*held)
        await self.runtime.hub.attach(self, {room.room: room.head for room in found.rooms})
        self.runtime.hub.refresh(self)

    def _say_ready(self, ref: int | None, found: resume.Hello) -> None:
        """`ready` in parts of at most 256 KiB; the people travel with the last one."""
        part: list[events.RoomSummary] = []
        size = 0
        for room in found.rooms:
            length = len(events.encode(room))
            if part and size + length > FRAME_MAX - 1024:
                self.say(events.encode(events.Ready(ref=ref, rooms=part, people=[], more=True)))
                part, size = [], 0
            part.append(room)
            size += length + 1
        people_size = sum(len(events.encode(person)) + 1 for person in found.people)
        if part and size + people_size > FRAME_MAX - 1024:
            self.say(events.encode(events.Ready(ref=ref, rooms=part, people=[], more=True)))
            part = []
        last = events.Ready(ref=ref, rooms=part, people=found.people, preferences=found.preferences)
        self.say(events.encode(last))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


_UNAVAILABLE: Final = Refused("unavailable", "The database is not available.", retry_after_ms=1000)


_FAILED: Final = Refused("unavailable", "The server could not do this.", definite=False)


def _refuse_haste(wait: float) -> None:
    if wait:
        raise Refused("rate_limited", "That is too fast.", retry_after_ms=int(wait * 1000) + 1)


def _into_the_void(data: bytes) -> None:
    """What is written to a socket that is closed."""


def _is_too_big(text: str) -> bool:
    """uvicorn refuses such frames while it reads them; other servers do not."""
    return len(text) > FRAME_IN_MAX // 4 and len(text.encode()) > FRAME_IN_MAX


def _ref(fields: dict[str, object]) -> int | None:
    ref = fields.get("ref")
    if ref is None:
        return None
    if not isinstance(ref, int) or isinstance(ref, bool):
        raise Refused("bad_request", "A ref is an integer.", field="ref")
    return ref
