"""The shapes of what is sent to the API, and of answers that the socket has no object for."""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec

from loopchat.core.fields import Cid, Id, Seq, Short
from loopchat.realtime import events

T = TypeVar("T")

Drawn = events.ChatMessage | events.Membership | events.RoomChanged | events.Pinned
Logged = Drawn | events.Edited | events.Deleted | events.Reaction

Limit = Annotated[int, msgspec.Meta(ge=1, le=100)]
Before = Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
Text = Annotated[str, msgspec.Meta(max_length=100_000)]
Pixels = Annotated[int, msgspec.Meta(ge=0, le=99_999)]
Names = Annotated[list[Short], msgspec.Meta(max_length=100)]


class Listed(msgspec.Struct, Generic[T], frozen=True):
    """A page of a list; `next` is the address of the page behind it."""

    results: list[T]
    next: str | None = None


# --- What stands behind the question mark ---------------------------------------------------------


class Page(msgspec.Struct):
    """A part of a list."""

    before: Before | None = None
    after: Seq | None = None
    limit: Limit = 50


class LogPage(msgspec.Struct):
    """A part of a room's log."""

    before: Before | None = None
    after: Seq | None = None
    limit: Limit = 50
    log: bool = False


class Around(msgspec.Struct):
    """A place in a room, by seq or by time (ms)."""

    seq: Seq | None = None
    ts: Seq | None = None
    limit: Annotated[int, msgspec.Meta(ge=2, le=100)] = 50


class RoomPage(msgspec.Struct):
    """A part of my rooms: those that changed before `before`, as `next` says it."""

    before: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,16}-[0-9]{1,16}\Z")] | None = None
    limit: Limit = 50


class People(msgspec.Struct):
    """People by the beginning of their name, after this one in the order of names."""

    q: Short = ""
    after: Short = ""
    limit: Limit = 50


class MemberSearch(msgspec.Struct):
    """Members by a part of their name, after those of the page before, as `next` says it."""

    q: Short = ""
    after: Short = ""
    limit: Limit = 100


class ByName(msgspec.Struct):
    """People after this one in the order of names."""

    after: Short = ""
    limit: Limit = 50


class Offers(msgspec.Struct):
    """Rooms by a part of their name, after a place in their order, as `next` says it."""

    q: Short = ""
    before: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,16}-[0-9]{1,16}\Z")] | None = None
    limit: Limit = 50


class Uids(msgspec.Struct):
    """People by their ids, with commas between them."""

    uids: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,16}(,[0-9]{1,16}){0,99}\Z")]


class Crop(msgspec.Struct):
    """The square of a picture that is kept, in its pixels; all of it when it is left out."""

    x: Pixels | None = None
    y: Pixels | None = None
    size: Pixels | None = None


class Older(msgspec.Struct):
    """What is older than this, as `next` says it."""

    before: Seq | None = None
    limit: Limit = 50


# --- What is sent ---------------------------------------------------------------------------------


class NewRoom(msgspec.Struct):
    """A room or a group."""

    name: Short = ""
    kind: Literal["public", "private", "group"] = "private"
    topic: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    history: Literal["shared", "joined"] = "shared"
    people: Names = []


class RoomChange(msgspec.Struct):
    """What is to be different; what is left out stays."""

    name: Short | None = None
    topic: Annotated[str, msgspec.Meta(max_length=1000)] | None = None
    archived: bool | None = None


class NewMessage(msgspec.Struct):
    """A message. The same `cid` again stores nothing and answers with the first one."""

    message: Text
    cid: Cid | None = None
    reply_to: Id | None = None


class MessageText(msgspec.Struct):
    """Another text."""

    message: Text


class Emoji(msgspec.Struct):
    """An emoji, put on or taken away."""

    emoji: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    on: bool = True


class At(msgspec.Struct):
    """A place in a room's log."""

    seq: Seq


class Draft(msgspec.Struct):
    """What is being written; an empty text is none."""

    message: Text
    reply_to: Id | None = None


class Notify(msgspec.Struct):
    """What a room may call attention to, and until when to nothing (ms)."""

    level: Literal["all", "mentions", "nothing"]
    muted_until: Seq | None = None


class Invited(msgspec.Struct):
    """People by name."""

    people: Annotated[list[Short], msgspec.Meta(min_length=1, max_length=100)]


class Somebody(msgspec.Struct):
    """A person by name."""

    username: Short


class Role(msgspec.Struct):
    """What somebody is in a room."""

    role: Literal["owner", "moderator", "member"]


class RoomName(msgspec.Struct):
    """What a room is called."""

    name: Short


class Preferences(msgspec.Struct):
    """What to change; what is left out stays."""

    receipts: bool | None = None
    client: dict[str, Any] | None = None


# --- Answers that the socket has no object for ----------------------------------------------------


class Me(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Who asks, and what their sign-in allows."""

    uid: int
    username: str
    name: str
    preferences: events.PreferencesState
    scope: Literal["read", "write"]
    rooms: list[int] | None = None
    owner: bool = False
    bot: bool = False
    guest: bool = False


class Placed(msgspec.Struct, frozen=True):
    """Where in the log it is; null when nothing changed."""

    seq: int | None


class ReadState(msgspec.Struct, frozen=True):
    """Where one's own read cursor is."""

    read: int
    unread: int
    unread_from: int | None


class HistoryPage(msgspec.Struct, frozen=True):
    """A part of a room's log, the oldest first, covered from `from` to `to` without a hole."""

    items: list[Logged]
    start: int = msgspec.field(name="from")
    end: int = msgspec.field(name="to")
    head: int
    complete: bool
    quoted: list[events.ChatMessage] | None = None
    at: int | None = None


class Reader(msgspec.Struct, frozen=True):
    """Who has read a message, and when as far as it is known."""

    uid: int
    ts: int | None = None


class Readers(msgspec.Struct, frozen=True):
    """Who has read a message, and to whom it was delivered."""

    read_by: list[Reader]
    delivered_to: list[int]


class Revision(msgspec.Struct, frozen=True):
    """A text that a message has had."""

    message: str
    ts: int
    rich: Any = None


class SavedMessage(msgspec.Struct, frozen=True):
    """A message that one keeps, and since when."""

    ts: int
    room: int
    message: events.ChatMessage


class Device(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A browser in which one is signed in; `here` is the one that asks."""

    id: int
    title: str
    address: str
    last_active_ts: int
    here: bool = False


class DraftSaved(msgspec.Struct, frozen=True):
    """When it was kept."""

    ts: int


class RoomsRead(msgspec.Struct, frozen=True):
    """In how many rooms something was unread."""

    rooms: int
