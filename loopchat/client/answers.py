"""What the server answers, as structs: one object, a page of a list, a part of a log."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Generic, TypeVar

import msgspec

from loopchat.client.errors import Lost
from loopchat.client.log import event_of, struct_of
from loopchat.realtime.events import ChatMessage

S = TypeVar("S", bound=msgspec.Struct)


class Page(msgspec.Struct, Generic[S], frozen=True):
    """Some of a list; `next` says where the rest begins."""

    results: list[S]
    next: str | None = None


class History(msgspec.Struct, frozen=True):
    """A part of a room's log, the oldest first, covered from `start` to `end` without a hole.

    What this version does not know is not among the `items`.
    """

    items: list[msgspec.Struct]
    start: int
    end: int
    head: int
    complete: bool
    quoted: list[ChatMessage]

    @property
    def messages(self) -> list[ChatMessage]:
        """The messages among the items."""
        return [item for item in self.items if isinstance(item, ChatMessage)]


class Listing(Generic[S]):
    """A list on the server, fetched as it is read: `async for one in listing`."""

    def __init__(self, fetch: Callable[[str | None], Awaitable[Page[S]]]) -> None:
        self._fetch = fetch

    async def page(self, after: str | None = None) -> Page[S]:
        """The first page, or the one that `next` of another names."""
        return await self._fetch(after)

    async def pages(self) -> AsyncIterator[Page[S]]:
        """One page after the other, each after a place, so that nothing is shifted meanwhile."""
        page = await self.page()
        yield page
        while page.next is not None:
            page = await self.page(page.next)
            yield page

    async def __aiter__(self) -> AsyncIterator[S]:
        async for page in self.pages():
            for one in page.results:
                yield one


def read(kind: type[S], told: Any) -> S:
    """An answer as that struct. Raises `Lost` for one that is something else."""
    try:
        return struct_of(kind, told)
    except (msgspec.ValidationError, AttributeError) as error:
        raise Lost(f"that is no answer of Loopchat: {error}") from None


def read_page(kind: type[S], told: Any) -> Page[S]:
    """A page of such structs."""
    try:
        return Page([read(kind, one) for one in told["results"]], told["next"])
    except (KeyError, TypeError):
        raise Lost("that is no list of Loopchat") from None


def read_history(told: dict[str, Any]) -> History:
    """A part of a log, by REST or by socket. Raises `Lost` for something else."""
    try:
        events = [event_of(one) for one in told["items"]]
        return History(
            [one for one in events if one is not None],
            told["from"],
            told["to"],
            told["head"],
            told["complete"],
            [read(ChatMessage, one) for one in told.get("quoted") or ()],
        )
    except (KeyError, TypeError, AttributeError):
        raise Lost("that is no part of a log of Loopchat") from None
