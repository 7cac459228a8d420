"""Bots, their tokens, and the addresses at which others post as one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from loopchat.accounts import links
from loopchat.accounts.grants import Grant
from loopchat.accounts.models import Profile, Token
from loopchat.accounts.profiles import Change
from loopchat.api import bot_shapes, shapes, token_shapes, tokens
from loopchat.api.asking import Asker
from loopchat.api.endpoint import Endpoint
from loopchat.api.operations import operation
from loopchat.api.paging import listed, paged
from loopchat.bots import ending, finding, founding, incoming, keys
from loopchat.bots.models import Bot, IncomingHook
from loopchat.chat import appearance
from loopchat.core.clock import ts_of


class Bots(Endpoint):
    """The bots that I answer for."""

    @operation(query=shapes.ByName, gives=shapes.Listed[bot_shapes.BotInfo])
    def get(self, asker: Asker, query: shapes.ByName) -> object:
        """My bots, in order of their names; for those who run the server all that there are."""
        found = finding.page(asker.user, after=query.after, limit=query.limit + 1)
        return paged(asker, bots_info(found), query.limit, lambda one: {"after": one.username})

    @operation(takes=bot_shapes.NewBot, gives=bot_shapes.BotInfo, status=201)
    def post(self, asker: Asker, body: bot_shapes.NewBot) -> object:
        """Make a bot. It has no token yet."""
        made = founding.create(asker.user, name=body.name, username=body.username, about=body.about)
        return one_info(asker, made.pk)


class OneBot(Endpoint):
    """A bot."""

    @operation(gives=bot_shapes.BotInfo)
    def get(self, asker: Asker, *, bot_id: int) -> object:
        """One of my bots."""
        return one_info(asker, bot_id)

    @operation(takes=bot_shapes.BotChange, gives=bot_shapes.BotInfo)
    def patch(self, asker: Asker, body: bot_shapes.BotChange, *, bot_id: int) -> object:
        """Change how it looks, let it rest or work again."""
        bot = finding.managed(bot_id, asker.user)
        if body.name is not None or body.about is not None:
            appearance.change(bot.user, Change(name=body.name, about=body.about))
        if body.active is not None:
            ending.switch(bot, on=body.active)
        return one_info(asker, bot_id)

    @operation()
    def delete(self, asker: Asker, *, bot_id: int) -> None:
        """Delete it; what it has said stays."""
        ending.delete(finding.managed(bot_id, asker.user))


class BotToken(Endpoint):
    """The token of a bot."""

    @operation(
        takes=bot_shapes.NewBotToken, gives=token_shapes.MadeToken, status=201, needs_session=True
    )
    def post(self, asker: Asker, body: bot_shapes.NewBotToken, *, bot_id: int) -> object:
        """Make its token, in the place of the one before; the secret is in this answer only.

        Only for who is signed in with a browser: a token makes no other tokens.
        """
        bot = finding.managed(bot_id, asker.user)
        grant = Grant(body.scope == "write", None if body.rooms is None else frozenset(body.rooms))
        ends = None
        if body.expires_in_days is not None:
            ends = timezone.now() + timedelta(days=body.expires_in_days)
        made, secret = keys.renew(bot, label=body.label, expires_at=ends, grant=grant)
        return tokens.made(made, secret)

    @operation()
    def delete(self, asker: Asker, *, bot_id: int) -> None:
        """Revoke its token; its sockets are closed."""
        keys.revoke(finding.managed(bot_id, asker.user))


class BotHooks(Endpoint):
    """The addresses of a bot."""

    @operation(query=shapes.Older, gives=shapes.Listed[bot_shapes.IncomingHookInfo])
    def get(self, asker: Asker, query: shapes.Older, *, bot_id: int) -> object:
        """The incoming webhooks that post as this bot, the newest first."""
        bot = finding.managed(bot_id, asker.user)
        found = incoming.of_bot(bot, before=query.before, limit=query.limit + 1)
        return paged(asker, _hooks_info(found), query.limit, lambda one: {"before": one.id})


class RoomHooks(Endpoint):
    """The addresses of a room."""

    @operation(gives=shapes.Listed[bot_shapes.IncomingHookInfo])
    def get(self, asker: Asker, *, room_id: int) -> object:
        """The incoming webhooks of a room, for those who manage it."""
        return listed(asker, _hooks_info(incoming.of_room(room_id, asker.user)), None)

    @operation(takes=bot_shapes.NewIncomingHook, gives=bot_shapes.MadeIncomingHook, status=201)
    def post(self, asker: Asker, body: bot_shapes.NewIncomingHook, *, room_id: int) -> object:
        """Make an incoming webhook; its address is in this answer and nowhere else."""
        asker.grant.admit_anything()
        made, secret = incoming.make(
            asker.user, room_id, bot_id=body.bot, name=body.name, label=body.label
        )
        return _made(made, secret)


class OneHook(Endpoint):
    """An incoming webhook."""

    @operation(gives=bot_shapes.MadeIncomingHook)
    def post(self, asker: Asker, *, hook_id: int) -> object:
        """Give it another address; the one before ends."""
        return _made(*incoming.renew(hook_id, asker.user))

    @operation()
    def delete(self, asker: Asker, *, hook_id: int) -> None:
        """End it."""
        incoming.revoke(hook_id, asker.user)


def one_info(asker: Asker, bot_id: int) -> bot_shapes.BotInfo:
    """A bot as it is now, for who answers for it."""
    return bots_info([finding.managed(bot_id, asker.user)])[0]


def bots_info(found: Iterable[Bot]) -> list[bot_shapes.BotInfo]:
    """Bots as those see them who answer for them."""
    bots = list(found)
    with_tokens = keys.of(bots)
    return [_info(bot, with_tokens.get(bot.pk)) for bot in bots]


def _info(bot: Bot, token: Token | None) -> bot_shapes.BotInfo:
    said = getattr(bot.user, "profile", None) or Profile()
    return bot_shapes.BotInfo(
        uid=bot.pk,
        username=bot.user.username,
        name=bot.user.name or None,
        about=said.about,
        avatar=said.avatar or None,
        owner=None if bot.owner is None else bot.owner.username,
        active=bot.user.is_active,
        created_ts=ts_of(bot.created_at),
        token=None if token is None else tokens.info(token),
    )


def _hooks_info(found: Iterable[IncomingHook]) -> list[bot_shapes.IncomingHookInfo]:
    return [bot_shapes.IncomingHookInfo(**_fields(hook)) for hook in found]


def _made(hook: IncomingHook, secret: str) -> bot_shapes.MadeIncomingHook:
    url = links.public(reverse("incoming_hook", args=[secret]))
    return bot_shapes.MadeIncomingHook(url=url, **_fields(hook))


def _fields(hook: IncomingHook) -> dict[str, Any]:
    said = getattr(hook.bot.user, "profile", None) or Profile()
    used = hook.last_used_at
    return {
        "id": hook.pk,
        "bot": hook.bot_id,
        "username": hook.bot.user.username,
        "name": hook.bot.user.name or None,
        "avatar": said.avatar or None,
        "room": hook.room_id,
        "room_name": hook.room.name,
        "label": hook.label,
        "created_ts": ts_of(hook.created_at),
        "last_used_ts": None if used is None else ts_of(used),
    }
