"""The classic sockets: one per room, and one for the lobby, in the words of older clients.

They have the accounts, rooms, rights and the log of `loopchat.v1`; each frame that comes becomes
one of its commands, each event that goes out is put into their words.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import DatabaseError

from loopchat.accounts.sessions import Login
from loopchat.chat import finding, log, reading
from loopchat.chat.cursors import Move
from loopchat.core.errors import Refused
from loopchat.core.fields import MAX_INT
from loopchat.gateway import classic_doors, entrance, greeting, shapes
from loopchat.gateway.classic_words import WINDOW, LobbyWords, RoomWords
from loopchat.gateway.connection import Connection, into_the_void
from loopchat.gateway.door import Visitor
from loopchat.realtime.frames import frame, payload_of
from loopchat.realtime.listener import Goodbye

Fields = dict[str, Any]


class Early:
    """Looks like a socket that is not open yet: keeps what is said for the real one."""

    waiting = 0

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.goodbye: tuple[int, str] | None = None

    def close(self, code: int, reason: str) -> None:
        """Say goodbye when it is open."""
        self.goodbye = (code, reason)


class Classic(Connection):
    """What the two kinds share. Its `write` takes frames of `loopchat.v1`."""

    words: LobbyWords | RoomWords
    _transport: Callable[[bytes], None]

    async def _welcome(self) -> None:
        """Come in without `hello`: as if it had been said."""
        try:
            await self._open()
        except Refused as no:
            self._refuse(no)
            self.close(Goodbye.NO_ROOM, no.text)
        except DatabaseError as error:
            self._refuse(log.refusal(error))
            self.close(Goodbye.OVERLOAD, "The database is not available.")

    async def _open(self) -> None:
        raise AssertionError

    async def _hello(self) -> None:
        """Everything that a client of `loopchat.v1` is told at first, put into these words."""
        self._said_hello = True
        found = await greeting.look_up(self, shapes.Hello(), {})
        await greeting.answer(self, None, found)

    def _refusal(
        self, seen: Visitor, login: Login | None, others: int
    ) -> tuple[Goodbye, str] | None:
        return entrance.refusal_of_person(login, others)

    def _refuse(self, no: Refused) -> None:
        self._answers.refuse(None, no)
        self._answers.flush()

    async def _enter(self) -> bool:
        """These clients hear everything from the moment on in which their socket is open: so it is
        opened when all is ready, and what there is to say before that waits."""
        if not await super()._enter():
            return False
        early, was_closed = self._early, self.is_closed
        await super()._accept(self._visitor)
        for data in early.frames:
            self._socket.write(data)
        if early.goodbye is not None:
            self._socket.close(*early.goodbye)
        self._transport = self._socket.write
        self.write = into_the_void if was_closed else self._put
        return True

    async def _accept(self, visitor: Visitor) -> None:
        self._visitor = visitor
        self._answers.language = visitor.language
        self._early = Early()
        self._socket = self._early  # type: ignore[assignment]
        self._transport = self._early.frames.append
        self.write = self._put

    def _put(self, data: bytes) -> None:
        """A frame of `loopchat.v1`, in these words; here each object has a frame of its own."""
        for line in payload_of(data).split(b"\n"):
            event = json.loads(line)
            for told in self.words.tell(event):
                if self.is_closed:
                    return
                self._transport(frame(json.dumps(told, ensure_ascii=False).encode()))
            self._heard(event)

    def _heard(self, event: Fields) -> None:
        """What follows from an event beside what is told of it."""

    async def _obey(self, ref: int | None, fields: Fields) -> None:
        """One frame of such a client; it gets no answer but what is refused."""
        if not self.is_ready:
            raise Refused("unavailable", "This socket is not open yet.", retry_after_ms=1000)
        command = await self._command(fields)
        try:
            await super()._obey(None, command)
        except Refused as no:
            if command["type"] != "typing" or no.code != "rate_limited":
                raise  # these clients say with each key that somebody types

    async def _command(self, fields: Fields) -> Fields:
        raise Refused("unknown_type", "There is no such command.", field="type")


class ClassicLobby(Classic):
    """No room: what happens in all rooms of the person, as notifications."""

    async def _open(self) -> None:
        self.words = LobbyWords(self.actor)
        await self._hello()


class ClassicRoom(Classic):
    """One room."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._room = 0
        self._known: RoomWords

    async def _open(self) -> None:
        dialect = b"dialect=event" in self.scope.get("query_string", b"").split(b"&")
        self.words = self._known = RoomWords(self.actor, is_event=dialect)
        named = self.scope["url_route"]["kwargs"]
        grant = self.login.grant
        find = partial(classic_doors.find, self.actor, grant, **named)
        self._room = await self.runtime.in_database(find)
        self.only = frozenset({self._room})
        await self._hello()
        if self._room not in self.rooms:
            raise Refused("not_found", "There is no such room.")
        await self._learn()
        self.view(self._room)
        if grant.writes:
            self.move(self._room, Move(self.actor, read=self._head()))

    def _heard(self, event: Fields) -> None:
        """Who is taken out of the room would wait for messages for ever: nothing else is told."""
        if event["type"] == "room_removed" and event["room"] == self._room:
            no = Refused("not_found", "You are not in this room any more.")
            self._refuse(no)
            self.close(Goodbye.NO_ROOM, no.text)

    async def _learn(self) -> None:
        """Which messages there are, and how far people are: these clients speak of single ids."""

        def look() -> tuple[list[tuple[int, int, int]], dict[int, int]]:
            rows = finding.newest(self.actor, self._room, most=WINDOW)
            places = reading.cursors_of(self.user_id, self._room)
            return rows, {at.uid: at.read for at in places}

        self._known.learn(*await self.runtime.in_database(look))

    async def _command(self, fields: Fields) -> Fields:
        kind = fields.get("type")
        if kind is None and ("body" in fields or "message" in fields):
            kind, fields = "chat_message", {"message": fields.get("body", fields.get("message"))}
        if kind == "chat_message":
            cid = fields.get("cid") or str(uuid.uuid4())
            return self._about_room(kind, cid=cid, message=fields.get("message"))
        if kind == "typing":
            return self._about_room(kind, is_typing=fields.get("is_typing"))
        if kind == "read_receipt":
            return self._about_room("mark_read", seq=await self._place(fields.get("message_id")))
        if kind == "mark_read":
            return self._about_room(kind, seq=self._head())
        return await super()._command(fields)

    def _head(self) -> int:
        """The last event that this socket has: what comes while a cursor moves is not read."""
        stream = self.stream(self._room)
        return 0 if stream is None else stream.cursor

    def _about_room(self, kind: str, **fields: object) -> Fields:
        return {"type": kind, "room": self._room, **fields}

    async def _place(self, message_id: object) -> int:
        """The seq of a message of this room."""
        is_id = isinstance(message_id, int) and not isinstance(message_id, bool)
        if not is_id or not 1 <= message_id <= MAX_INT:  # type: ignore[operator]
            raise Refused("bad_request", "A message_id is a number.", field="message_id")
        look = partial(finding.message, self.actor, message_id)  # type: ignore[arg-type]
        found = await self.runtime.in_database(look)
        if found.room != self._room:
            raise Refused("not_found", "There is no such message.", field="message_id")
        return found.seq
