"""One socket: coming in, the command loop, what the hub may write, goodbye."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final

from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError

from loopchat.accounts.sessions import Login
from loopchat.chat.cursors import Move, own_height
from loopchat.chat.ledger import Actor
from loopchat.chat.writer import writer
from loopchat.core import strict, trace
from loopchat.core.errors import Refused
from loopchat.core.limits import refuse_fast
from loopchat.core.tally import one_more, tally
from loopchat.core.trace import Trace
from loopchat.gateway import commands, entrance, greeting, shapes
from loopchat.gateway.answers import Answers
from loopchat.gateway.commands import guests, tokens
from loopchat.gateway.door import Turned, Visitor
from loopchat.gateway.execution import Execution
from loopchat.gateway.fallback import Pump
from loopchat.gateway.incoming import is_too_big, ref_of
from loopchat.gateway.lending import EXTENSION, QUEUE_MAX, LentSocket
from loopchat.gateway.limits import Limits
from loopchat.gateway.runtime import Runtime
from loopchat.realtime.bus import person_topic
from loopchat.realtime.frames import frame, payloads
from loopchat.realtime.listener import Goodbye
from loopchat.realtime.outbox import Aside, Committed
from loopchat.realtime.stream import Stream
from loopchat.realtime.veil import CLEAR, Veil

logger = logging.getLogger(__name__)

HELLO_WITHIN: Final = 5.0
HELD_MAX: Final = 100
"""News about the person that wait while hello is being answered."""

BAD_FRAMES_MAX: Final = 10


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
        self.veil: Veil = CLEAR
        self.rooms: set[int] = set()
        self.only: frozenset[int] | None = None
        self.viewing: int | None = None
        self.is_ready = False
        self.is_closed = False
        self.is_away = False
        self.write = into_the_void
        self._said_hello = False
        self._bad_frames = 0
        self._socket: LentSocket | Pump
        self._answers = Answers(self.say)
        self._execution = Execution(runtime.in_database, self._answers)
        self._held: list[bytes] = []
        self._hello_timer: asyncio.TimerHandle | None = None
        self.trace = Trace(socket=secrets.token_hex(8))

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """The consumer's life, without a channel layer: the hub is what it listens to."""
        self.scope = scope
        self.base_send = send
        trace.begin(self.trace)
        await receive()  # websocket.connect
        try:
            if await self._enter():
                await self._listen(receive)
        finally:  # also when coming in was cut short: the hub may know this socket already
            self._leave()

    # --- what the hub may do: nothing here waits or raises ------------------------------------

    def offer(self, data: bytes) -> None:
        """See `Listener`."""
        if self.is_closed:
            return
        if self._socket.waiting < QUEUE_MAX // 2:
            self.write(data)
        else:
            tally.passing_dropped += 1

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
            one_more(tally.closed, int(why))
            self._answers.flush()
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

    def has_read(self, room_id: int, seq: int) -> None:
        """The person is told so far of their own cursor: what the bus says later may be older."""
        self.runtime.hub.remember(person_topic(self.user_id), own_height(room_id), seq)

    def set_away(self, away: bool) -> None:
        """Say whether anybody is looking here; a person is away when nobody looks anywhere."""
        self.is_away = away
        self._tell_away()

    def _tell_away(self) -> None:
        sockets = self.runtime.hub.people.get(self.user_id)
        if sockets:
            everywhere = all(getattr(socket, "is_away", False) for socket in sockets)
            self.runtime.presence.set_away(self.user_id, everywhere)

    # --- coming in and going -------------------------------------------------------------------

    async def _enter(self) -> bool:
        """From the upgrade to `welcome`; whether there is a socket to listen to."""
        seen = self.runtime.door.look(self.scope)
        if isinstance(seen, Turned):
            one_more(tally.turned_away, seen.status)
            await entrance.turn_away(self.scope, self.base_send, seen)
            return False
        try:
            login = await self.runtime.in_database(seen.who)
        except DatabaseError:
            one_more(tally.turned_away, 503)
            away = Turned(503, "The database is not available.", 5)
            await entrance.turn_away(self.scope, self.base_send, away)
            return False
        await self._accept(seen)
        sockets = self.runtime.hub.people.get(login.user_id, ()) if login is not None else ()
        refusal = self._refusal(seen, login, len(sockets))
        if refusal is not None or login is None:
            self.close(*(refusal or (Goodbye.SIGNED_OUT, "Sign in first.")))
            return True
        await self._become(login)
        self.scope["headers"].clear()  # nobody reads them again, and sockets live long
        await self._welcome()
        return True

    def _refusal(
        self, seen: Visitor, login: Login | None, others: int
    ) -> tuple[Goodbye, str] | None:
        return entrance.refusal(seen, login, others)

    async def _accept(self, visitor: Visitor) -> None:
        await entrance.accept(self.base_send, visitor)
        tally.opened += 1
        self._answers.language = visitor.language
        lent = self.scope.get("extensions", {}).get(EXTENSION)
        self._socket = lent if lent is not None else Pump(self.base_send)
        self._socket.on_full = partial(
            self.close, Goodbye.TOO_SLOW, "This socket reads too slowly."
        )
        self._socket.on_end = self._end
        self.write = self._socket.write

    async def _become(self, login: Login) -> None:
        self.login = login
        self.trace.user = login.user_id
        self.user_id = login.user_id
        self.actor = Actor(login.user_id, login.username, login.is_guest)
        self.only = login.grant.rooms
        await self.runtime.hub.enter(self)

    async def _welcome(self) -> None:
        self.say(entrance.welcome(self.login, self.runtime.epoch, self.trace.socket))
        loop = asyncio.get_running_loop()
        self._hello_timer = loop.call_later(HELLO_WITHIN, self._no_hello)

    def _no_hello(self) -> None:
        if not self._said_hello:
            self.close(Goodbye.NO_HELLO, "Say hello within five seconds.")

    def _end(self) -> None:
        """Nothing is written from here on, whoever began it."""
        self.is_closed = True
        self.write = into_the_void

    def _leave(self) -> None:
        self._end()
        if self._hello_timer is not None:
            self._hello_timer.cancel()
        self._execution.stop()
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
            elif is_too_big(text):
                self.close(Goodbye.TOO_BIG, "A frame has at most 64 KiB.")
            else:
                await self._hear(text)
            await self._execution.until_few()

    async def _hear(self, text: str) -> None:
        """One frame, one command. Nothing in here waits for a commit."""
        tally.commands += 1
        ref: int | None = None
        wait = self.limits.command.take(self.user_id, self._spread())
        try:
            fields = strict.decode(text)
            ref = ref_of(fields)
            if fields.get("type") != "hello":  # which comes once, and connects have a rate
                refuse_fast(wait)
            await self._obey(ref, fields)
        except Refused as no:
            self._answers.refuse(ref, no)
            if no.code == "bad_frame":
                self._count_bad_frame()
        except Exception:  # a bug of ours: said in the log, and answered like everything else
            logger.exception("a command could not be carried out")
            self._answers.refuse(ref, _FAILED)
        if wait:  # who goes on all the same is read as slowly as the rate allows
            await asyncio.sleep(min(wait, 1.0))

    async def _obey(self, ref: int | None, fields: dict[str, object]) -> None:
        kind = fields.get("type")
        if not isinstance(kind, str):
            raise Refused("bad_request", "A command has a type.", field="type")
        if kind == "hello":
            await self._greet(ref, shapes.shaped(fields, shapes.Hello))
            return
        command = commands.TABLE.get(kind)
        if command is None:
            raise Refused("unknown_type", "There is no such command.", field="type")
        if not self.is_ready:
            raise Refused("bad_request", "Say hello first.", field="type")
        tokens.admit(command, fields, self.login.grant)
        if self.actor.is_guest:
            guests.admit(command, fields, self.rooms)
        if command.is_send:
            refuse_fast(self.limits.send.take(self.user_id, self._spread()))
        asked = shapes.shaped(fields, command.shape)
        if command.is_send and fields["room"] in self.rooms:  # who is not in it takes nothing of it
            refuse_fast(self.limits.room.take(fields["room"]))
        self._execution.begin(ref, command.run(self, asked))

    def _spread(self) -> int:
        """What a command costs: see `Limits`."""
        return self.runtime.presence.spread(self.user_id)

    def _count_bad_frame(self) -> None:
        self._bad_frames += 1
        if self._bad_frames >= BAD_FRAMES_MAX:
            self.close(Goodbye.BAD_FRAMES, "Ten frames were not understood.")

    # --- hello -------------------------------------------------------------------------------

    async def _greet(self, ref: int | None, hello: shapes.Hello) -> None:
        if self._said_hello:
            raise Refused("bad_request", "Hello was said already.", field="type")
        wanted = greeting.cursors_of(hello)
        self._said_hello = True
        try:
            found = await greeting.look_up(self, hello, wanted)
        except Exception as error:  # it cannot say hello again, so it has to come again
            if not isinstance(error, DatabaseError):
                logger.exception("hello could not be answered")
            self.close(Goodbye.OVERLOAD, "The database is not available.")
            return
        self._answers.flush()
        await greeting.answer(self, ref, found)

    def become_ready(self, version: int, veil: Veil) -> None:
        """`ready` was said, with the rights of this version: what was held meanwhile follows."""
        self.version, self.veil = version, veil
        self.is_ready = True
        held, self._held = self._held, []
        self.say(*held)


_FAILED: Final = Refused("unavailable", "The server could not do this.", definite=False)


def into_the_void(data: bytes) -> None:
    """What is written to a socket that is closed."""
