"""What one method of an address takes, gives and needs: said once, for the code and the schema."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Concatenate, Final, NamedTuple, ParamSpec

from loopchat.api.asking import Asker

P = ParamSpec("P")

SAFE: Final = frozenset({"GET", "HEAD"})


class Given(NamedTuple):
    """An answer with another status, or with headers."""

    value: object
    status: int | None = None
    headers: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Operation:
    """A row of the API's table."""

    summary: str
    takes: Any = None
    """The shape of the body."""
    query: Any = None
    """The shape of what stands behind the question mark."""
    gives: Any = None
    """The shape of the answer; None: nothing."""
    status: int = 200
    also: dict[int, Any] = field(default_factory=dict)
    """Other statuses with the shapes of their answers."""
    media: tuple[str, ...] = ()
    """What kinds of file the body may be; none: it is JSON."""
    needs_sign_in: bool = True
    needs_session: bool = False
    """Whether a token is not enough, because it is about an account itself."""
    is_send: bool = False
    """Whether it counts against the rate of messages."""
    for_guests: bool = False
    """Whether guests may do it, in their room."""
    for_readers: bool = False
    """Whether a token that only reads may do it, although it changes something."""
    for_some_rooms: bool = False
    """Whether a token for some rooms may do it, although the address names none."""
    headers: dict[str, str] = field(default_factory=dict)
    """Request headers that it reads, with what they mean."""
    forms: bool = False
    """Whether the body may be a form, too."""


Handler = Callable[Concatenate[Any, Asker, P], object]


def operation(**options: Any) -> Callable[[Handler[P]], Handler[P]]:
    """Say what a method does; its docstring is the summary, its arguments follow from `options`.

    It is called with who asks, then the body and the query if it has them, then what the address
    names.
    """

    def declare(handler: Handler[P]) -> Handler[P]:
        summary = (handler.__doc__ or "").strip()
        handler.operation = Operation(summary, **options)  # type: ignore[attr-defined]
        return handler

    return declare


def of(view: object, method: str) -> Operation | None:
    """What a view's method does."""
    name = "get" if method.upper() == "HEAD" else method.lower()
    return getattr(getattr(view, name, None), "operation", None)
