"""The shapes of webhooks and slash commands."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from loopchat.core.fields import Cid, Id

Url = Annotated[str, msgspec.Meta(min_length=1, max_length=2048)]


class CommandOf(msgspec.Struct, omit_defaults=True):
    """A slash command that a webhook answers."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=33)]
    hint: Annotated[str, msgspec.Meta(max_length=64)] = ""
    help: Annotated[str, msgspec.Meta(max_length=200)] = ""


Commands = Annotated[list[CommandOf], msgspec.Meta(max_length=20)]
Rooms = Annotated[list[Id], msgspec.Meta(max_length=50)]


class NewWebhook(msgspec.Struct):
    """An address of a bot's program, and what it is told of."""

    url: Url
    on_mention: bool = True
    on_direct: bool = True
    rooms: Rooms = []
    commands: Commands = []


class WebhookChange(msgspec.Struct):
    """What is to be different; what is left out stays."""

    url: Url | None = None
    on_mention: bool | None = None
    on_direct: bool | None = None
    rooms: Rooms | None = None
    commands: Commands | None = None
    active: bool | None = None


class Webhook(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A webhook without its secret."""

    id: int
    url: str
    on_mention: bool
    on_direct: bool
    rooms: list[int]
    commands: list[CommandOf]
    state: Literal["active", "off", "paused"]
    created_ts: int
    failing_since_ts: int | None = None
    last_ok_ts: int | None = None


class MadeWebhook(Webhook, frozen=True, omit_defaults=True, kw_only=True):
    """A webhook with its secret, which is shown this once."""

    secret: str


class WebhookSecret(msgspec.Struct, frozen=True):
    """A secret, which is shown this once."""

    secret: str


class DeliveryLine(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A line of a webhook's log."""

    id: int
    delivery: str
    trigger: str
    room: int | None = None
    status: Literal["waiting", "done", "failed", "dropped"]
    attempts: int
    created_ts: int
    message: int | None = None
    command: str | None = None
    tried_ts: int | None = None
    due_ts: int | None = None
    took_ms: int | None = None
    http_status: int | None = None
    error: str | None = None
    excerpt: str | None = None


class GivenCommand(msgspec.Struct):
    """A command, `/name rest` or `/name@bot rest`. The same `cid` again gives it once."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=100_000)]
    cid: Cid | None = None
