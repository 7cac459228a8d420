"""The REST API for programs that do more than one thing at a time: awaited, with typed answers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final, Literal, TypeVar
from urllib.parse import quote
from uuid import uuid4

import msgspec

from loopchat.client.answers import History, Listing, Page, read, read_history, read_page
from loopchat.client.errors import Lost, Refusal, pause_after
from loopchat.client.rest import Rest
from loopchat.realtime.events import ChatMessage, Member, Person, PublicRoom, RoomSummary

REQUESTS: Final = 8
"""Requests at the same time; others wait."""

S = TypeVar("S", bound=msgspec.Struct)


class Api:
    """Somebody's way to a server, by their token.

    Whatever the server puts off is asked again when it said to: five times, and not after pauses of
    more than half a minute. Then, and for every other no, it raises `Refusal`; `Lost`, when no
    answer came. Each request takes a thread for as long as it lasts, of its own few.
    """

    def __init__(self, url: str, token: str) -> None:
        self._rest = Rest(url, token)
        # Not those of the loop: it looks up addresses in them, also to come back.
        self._threads = ThreadPoolExecutor(REQUESTS, thread_name_prefix="loopchat")

    # --- rooms ----------------------------------------------------------------------------------

    def rooms(self, *, limit: int = 50) -> Listing[RoomSummary]:
        """My rooms, those where something happened last first."""
        return self.listing(RoomSummary, "rooms", limit=limit)

    def public_rooms(self, q: str = "", *, limit: int = 50) -> Listing[PublicRoom]:
        """Rooms that I could join, by a part of their name."""
        return self.listing(PublicRoom, "rooms/public", q=q, limit=limit)

    async def room(self, room: int) -> RoomSummary:
        """A room of mine."""
        return await self.ask(RoomSummary, "GET", f"rooms/{room}")

    async def new_room(
        self,
        name: str = "",
        *,
        kind: Literal["public", "private", "group"] = "private",
        topic: str = "",
        people: Sequence[str] = (),
        key: str | None = None,
    ) -> RoomSummary:
        """Make a room with people in it; the same `key` again is the same room."""
        body = {"name": name, "kind": kind, "topic": topic, "people": list(people)}
        return await self.ask(RoomSummary, "POST", "rooms", body, key=key or str(uuid4()))

    async def direct(self, username: str) -> RoomSummary:
        """The conversation with somebody, made if there is none."""
        body = {"username": username}
        return await self.ask(RoomSummary, "POST", "directs", body, idempotent=True)

    async def join(self, room: int) -> RoomSummary:
        """Enter a public room; again it changes nothing."""
        return await self.ask(RoomSummary, "POST", f"rooms/{room}/join", idempotent=True)

    async def leave(self, room: int) -> None:
        """Go out of a room."""
        await self.call("POST", f"rooms/{room}/leave")

    # --- people ---------------------------------------------------------------------------------

    def members(self, room: int, q: str = "", *, limit: int = 100) -> Listing[Member]:
        """Who is in a room, owners first; with `q` those who have it in their name."""
        return self.listing(Member, f"rooms/{room}/members", q=q, limit=limit)

    async def invite(self, room: int, *usernames: str) -> None:
        """Bring people in; who is there already stays."""
        body = {"people": list(usernames)}
        await self.call("POST", f"rooms/{room}/members", body, idempotent=True)

    async def remove(self, room: int, username: str) -> None:
        """Take somebody out; they may come back."""
        await self.call("DELETE", f"rooms/{room}/members/{_name(username)}")

    def people(self, q: str = "", *, limit: int = 50) -> Listing[Person]:
        """Everybody in the order of names; with `q` those whose name begins with it."""
        return self.listing(Person, "users", q=q, limit=limit)

    async def person(self, username: str) -> Person:
        """Somebody by name."""
        return await self.ask(Person, "GET", f"users/{_name(username)}")

    async def show_picture(self, picture: bytes, media: str = "image/png") -> None:
        """Have this picture, a file of at most 5 MiB, beside my name."""
        await self.call("PUT", "avatar", picture, media=media)

    # --- messages -------------------------------------------------------------------------------

    def messages(
        self, room: int, *, before: int | None = None, after: int | None = None, limit: int = 50
    ) -> Listing[ChatMessage]:
        """A room's messages, the newest first; with `after` the oldest behind that `seq` first."""
        path = f"rooms/{room}/messages"
        return self.listing(ChatMessage, path, before=before, after=after, limit=limit)

    async def history(
        self,
        room: int,
        *,
        before: int | None = None,
        after: int | None = None,
        limit: int = 50,
        log: bool = False,
    ) -> History:
        """A part of what is drawn in a room, or with `log` of every event, the oldest first."""
        place: dict[str, Any] = {"before": before, "after": after}
        path = f"rooms/{room}/history"
        return read_history(await self.call("GET", path, **place, limit=limit, log=log))

    async def message(self, message: int) -> ChatMessage:
        """A message as it is now."""
        return await self.ask(ChatMessage, "GET", f"messages/{message}")

    async def post(
        self, room: int, text: str, *, reply_to: int | None = None, cid: str | None = None
    ) -> ChatMessage:
        """Store a message; the same `cid` again is the same message."""
        body = {"message": text, "cid": cid or str(uuid4())}
        if reply_to is not None:
            body["reply_to"] = reply_to  # type: ignore[assignment]
        return await self.ask(ChatMessage, "POST", f"rooms/{room}/messages", body, idempotent=True)

    async def edit(self, message: int, text: str) -> ChatMessage:
        """Give a message of mine another text."""
        return await self.ask(
            ChatMessage, "PATCH", f"messages/{message}", {"message": text}, idempotent=True
        )

    async def delete(self, message: int) -> None:
        """Empty a message for ever."""
        await self.call("DELETE", f"messages/{message}", idempotent=True)

    async def react(self, message: int, emoji: str, *, on: bool = True) -> None:
        """Put an emoji on a message, or take mine away."""
        body = {"emoji": emoji, "on": on}
        await self.call("POST", f"messages/{message}/reactions", body, idempotent=True)

    async def read(self, room: int, seq: int) -> None:
        """Say that everything up to `seq` was seen."""
        await self.call("POST", f"rooms/{room}/read", {"seq": seq}, idempotent=True)

    # --- whatever else there is -----------------------------------------------------------------

    def listing(self, kind: type[S], path: str, **query: Any) -> Listing[S]:
        """A list whose items are such structs."""

        async def fetch(after: str | None) -> Page[S]:
            asked = self.call("GET", after) if after else self.call("GET", path, **query)
            return read_page(kind, await asked)

        return Listing(fetch)

    async def ask(
        self,
        kind: type[S],
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = None,
        idempotent: bool = False,
    ) -> S:
        """What `call` answers, as such a struct."""
        return read(kind, await self.call(method, path, body, key=key, idempotent=idempotent))

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = None,
        media: str = "application/json",
        idempotent: bool = False,
        **query: object,
    ) -> Any:
        """The JSON of an answer; `path` is what stands behind `/api/v1/`.

        Bytes are a file of the type `media`. `idempotent`: asking twice does no more than asking
        once, as with a `key`, and always with GET and PUT. Else nothing is asked again of which
        nobody knows whether it took effect.
        """
        may_repeat = idempotent or key is not None or method in ("GET", "PUT")
        once = partial(self._rest.call, method, path, body, key=key, media=media, **query)
        tried = 0
        while True:
            try:
                return await asyncio.get_running_loop().run_in_executor(self._threads, once)
            except (Refusal, Lost) as error:
                tried += 1
                pause = pause_after(error, tried, idempotent=may_repeat)
                if pause is None:
                    raise
                await asyncio.sleep(pause)


def _name(username: str) -> str:
    """A name as a part of an address."""
    return quote(username, safe="")
