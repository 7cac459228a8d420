"""The shapes of links that bring people in."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from loopchat.api.shapes import Before, Limit
from loopchat.core.fields import Id, Short
from loopchat.invitations import links


class LinkPage(msgspec.Struct):
    """Links to a room, or all; those that are older than the one with this id."""

    room: Id | None = None
    before: Before | None = None
    limit: Limit = 50


class NewInvitation(msgspec.Struct):
    """A link for members or guests, perhaps into a room; without `hours` it does not end.

    The page of one that is `signed` says who invites. One with an `email` is sent there by this
    server, for one person.
    """

    room: Id | None = None
    kind: Literal["member", "guest"] = "member"
    hours: Annotated[int, msgspec.Meta(ge=1, le=8760)] | None = None
    max_uses: Annotated[int, msgspec.Meta(ge=1, le=10_000)] | None = None
    label: Annotated[str, msgspec.Meta(max_length=64)] = ""
    email: Annotated[str, msgspec.Meta(max_length=254)] = ""
    signed: bool = False


class Secret(msgspec.Struct):
    """What stands behind `/join/` in the address of a link."""

    secret: Short


class Invitation(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A link that brings people in. Its `url` is shown once, when it is made."""

    id: int
    kind: Literal["member", "guest"]
    label: str
    by: str
    uses: int
    created_ts: int
    state: links.State
    signed: bool
    room: int | None = None
    expires_ts: int | None = None
    max_uses: int | None = None
    email: str | None = None
    url: str | None = None


class Arrived(msgspec.Struct, frozen=True):
    """The room that a link leads to, if any."""

    room: int | None
