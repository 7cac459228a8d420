"""The operations a history is made of: what a client did or saw, and when."""

from __future__ import annotations

from typing import NamedTuple

Name = str | int
"""A room, person, socket, login or event id: whatever the recorder calls it."""

SYSTEM = "_sys"
"""The author of everything in a log that is not a message."""


class Value(NamedTuple):
    """What stands at one place of a room's log."""

    id: Name
    u: Name
    cid: Name
    h: str


class Item(NamedTuple):
    """One entry of a page or of a final log."""

    seq: int
    value: Value


class Key(NamedTuple):
    """What a client wanted stored once: the same key is sent again until it is answered."""

    room: Name
    u: Name
    cid: Name


class Invoke(NamedTuple):
    """A client is about to write a message to its socket."""

    t: float
    conn: Name
    u: Name
    room: Name
    cid: Name
    h: str


class Ok(NamedTuple):
    """The server acknowledged a message."""

    t: float
    u: Name
    room: Name
    cid: Name
    seq: int
    id: Name
    dup: bool


class Fail(NamedTuple):
    """The server refused a message; only a definite refusal says anything."""

    t: float
    u: Name
    room: Name
    cid: Name
    code: str
    definite: bool


class Info(NamedTuple):
    """Nobody knows what became of a message: no answer, a lost socket, an indefinite error."""

    t: float
    u: Name
    room: Name
    cid: Name


class Conn(NamedTuple):
    """A socket was opened."""

    t: float
    conn: Name
    u: Name
    sess: Name
    worker: Name


class Close(NamedTuple):
    """A socket is gone."""

    t: float
    conn: Name
    code: int | None


class Sub(NamedTuple):
    """From here on the socket owes the room's events: the next one is `base` + 1."""

    t: float
    conn: Name
    room: Name
    base: int


class Resync(NamedTuple):
    """The server declared a hole; the new base is `to`."""

    t: float
    conn: Name
    room: Name
    to: int
    reason: str


class Recv(NamedTuple):
    """A persisted event left a socket, before the client looked for duplicates."""

    t: float
    conn: Name
    room: Name
    seq: int
    id: Name
    u: Name
    cid: Name
    h: str
    src: str


class Applied(NamedTuple):
    """What the client library finally shows of a room."""

    t: float
    client: Name
    room: Name
    ids: tuple[Name, ...]


class Page(NamedTuple):
    """A page of history, answered at `t`; it was asked for at `asked`."""

    t: float
    u: Name
    room: Name
    lo: int
    hi: int
    items: tuple[Item, ...]
    head: int
    asked: float


class Member(NamedTuple):
    """A membership event of the log, and the earliest time at which it can have happened."""

    t: float
    room: Name
    u: Name
    kind: str
    seq: int
    id: Name


class Revoke(NamedTuple):
    """The call that ended a login returned."""

    t: float
    sess: Name


class Eph(NamedTuple):
    """Something unstored about a person reached a socket: typing, presence, a count."""

    t: float
    conn: Name
    room: Name | None
    kind: str
    u: Name | None


class Cursor(NamedTuple):
    """A person's read cursor as one of their sockets heard it, perhaps with the unread count."""

    t: float
    u: Name
    room: Name
    seq: int
    conn: Name | None
    unread: int | None


class Nemesis(NamedTuple):
    """A fault began or ended; `start` and `stop` are times when one line says both."""

    t: float
    what: str
    phase: str | None
    start: float | None
    stop: float | None


class Quiesce(NamedTuple):
    """All faults are healed, some seconds have passed, the clients are still connected."""

    t: float


class Final(NamedTuple):
    """A whole log after the run, by way of one worker or straight from the database."""

    t: float
    room: Name
    src: Name
    items: tuple[Item, ...]


class Policy(NamedTuple):
    """What a room shows to whom: `joined` hides what was before, `open` needs no membership."""

    t: float
    room: Name
    history: str
    open: bool


Send = Invoke | Ok | Fail | Info
Op = (
    Invoke
    | Ok
    | Fail
    | Info
    | Conn
    | Close
    | Sub
    | Resync
    | Recv
    | Applied
    | Page
    | Member
    | Revoke
    | Eph
    | Cursor
    | Nemesis
    | Quiesce
    | Final
    | Policy
)


def key_of(op: Send) -> Key:
    """Which message a send operation is about."""
    return Key(op.room, op.u, op.cid)


def value_of(op: Recv) -> Value:
    """What a received event says stands at its place."""
    return Value(op.id, op.u, op.cid, op.h)
