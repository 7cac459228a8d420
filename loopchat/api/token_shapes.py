"""The shapes of tokens."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from loopchat.core.fields import Id, Short


class NewToken(msgspec.Struct):
    """Who asks for a token, and what it may do. With a session the name is left out."""

    username: Short | None = None
    password: Annotated[str, msgspec.Meta(max_length=4096)] | None = None
    label: Annotated[str, msgspec.Meta(max_length=64)] = ""
    scope: Literal["read", "write"] = "write"
    rooms: Annotated[list[Id], msgspec.Meta(min_length=1, max_length=100)] | None = None
    expires_in_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] | None = None


class TokenInfo(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A token without its secret."""

    id: int
    label: str
    scope: Literal["read", "write"]
    created_ts: int
    rooms: list[int] | None = None
    last_used_ts: int | None = None
    expires_ts: int | None = None


class MadeToken(TokenInfo, frozen=True, omit_defaults=True, kw_only=True):
    """A token with its secret, which is shown this once."""

    token: str
