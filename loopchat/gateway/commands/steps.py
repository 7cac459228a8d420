"""What a command asks the connection to do, and the row of the table that leads there.

A command's function says what has to happen (a step) and runs nothing itself: the connection
carries the step out and sends exactly one answer for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from loopchat.chat.cursors import Move, Position
from loopchat.chat.ledger import Done
from loopchat.chat.log import Operation

if TYPE_CHECKING:
    from loopchat.gateway.connection import Connection

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Write:
    """Something for the log. `answer` are the fields that its `ok` adds."""

    operation: Operation
    room: int
    answer: Callable[[Done], Fields]


@dataclass(frozen=True, slots=True)
class Prepare:
    """Something for the log that takes time to draft: in a thread, without losing its place."""

    draft: Callable[[], Operation]
    room: int
    answer: Callable[[Done], Fields]


@dataclass(frozen=True, slots=True)
class MoveCursor:
    """A cursor move, answered after its commit."""

    room: int
    move: Move
    answer: Callable[[Position], Fields]


@dataclass(frozen=True, slots=True)
class Read:
    """A look into the database. It sees this socket's earlier writes to `room`."""

    look: Callable[[], Fields]
    room: int | None = None


@dataclass(frozen=True, slots=True)
class Do:
    """Something else that changes the database, in a thread, in the order of this socket.

    With a `room` it keeps its place among what is written there.
    """

    act: Callable[[], Fields]
    room: int | None = None


@dataclass(frozen=True, slots=True)
class Now:
    """Done already. A reply of another `kind` than `ok` is sent with or without a `ref`."""

    answer: Fields = field(default_factory=dict)
    kind: str = "ok"


Writing = Write | Prepare | MoveCursor
Step = Writing | Do | Read | Now


@dataclass(frozen=True, slots=True)
class Command:
    """A row of the table."""

    shape: type[Any]
    run: Callable[[Connection, Any], Step]
    is_send: bool = False
    """Whether it counts against the rate of messages too."""
    for_guests: bool = False
    """Whether guests may do it, in their room."""
    looks: bool = False
    """Whether it changes nothing: a token that may only read is enough."""
    is_about_rooms: bool = True
    """Whether a token for some rooms has to ask in one of them."""
