"""The shapes of bots and of their addresses."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from loopchat.api.token_shapes import TokenInfo
from loopchat.core.fields import Id, Short

Line = Annotated[str, msgspec.Meta(max_length=1000)]
Label = Annotated[str, msgspec.Meta(max_length=64)]


class NewBot(msgspec.Struct):
    """A bot; without a `username` one is made from the name."""

    name: Short = ""
    username: Short = ""
    about: Line = ""


class BotChange(msgspec.Struct):
    """What is to be different; what is left out stays. A bot that is not `active` rests."""

    name: Line | None = None
    about: Line | None = None
    active: bool | None = None


class NewBotToken(msgspec.Struct):
    """What a bot's token may do."""

    label: Label = ""
    scope: Literal["read", "write"] = "write"
    rooms: Annotated[list[Id], msgspec.Meta(min_length=1, max_length=100)] | None = None
    expires_in_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] | None = None


class NewIncomingHook(msgspec.Struct):
    """An address to post at: as this bot of mine, or as a new one of this name."""

    bot: Id | None = None
    name: Short = ""
    label: Label = ""


class BotInfo(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A bot as those see it who answer for it."""

    uid: int
    username: str
    name: str | None = None
    about: str = ""
    avatar: str | None = None
    owner: str | None = None
    active: bool
    created_ts: int
    token: TokenInfo | None = None


class IncomingHookInfo(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An address at which others post as a bot, without its secret."""

    id: int
    bot: int
    username: str
    name: str | None = None
    avatar: str | None = None
    room: int
    room_name: str
    label: str = ""
    created_ts: int
    last_used_ts: int | None = None


class MadeIncomingHook(IncomingHookInfo, frozen=True, omit_defaults=True, kw_only=True):
    """The same with its address, which is shown this once."""

    url: str
