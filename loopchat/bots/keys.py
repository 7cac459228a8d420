"""The token of a bot: one at a time, shown once, with the limits that tokens have."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from loopchat.accounts import tokens
from loopchat.accounts.grants import FULL, Grant
from loopchat.accounts.models import Token
from loopchat.bots.models import Bot
from loopchat.core.errors import Refused


def of(bots: Iterable[Bot]) -> dict[int, Token]:
    """Their tokens without the secrets, by the id of the bot: one statement for all."""
    found = tokens.valid().filter(user__in=[bot.pk for bot in bots]).order_by("pk")
    return {token.user_id: token for token in found}


def renew(
    bot: Bot, *, label: str = "", expires_at: datetime | None = None, grant: Grant = FULL
) -> tuple[Token, str]:
    """Another token in the place of the one before, whose sockets are closed; and its secret."""
    if not bot.user.is_active:
        raise Refused("conflict", "This bot is switched off.")
    with transaction.atomic():
        tokens.revoke_all(bot.user)
        return tokens.create(bot.user, label=label, expires_at=expires_at, grant=grant)


def revoke(bot: Bot) -> None:
    """End its token and the sockets that came with it."""
    tokens.revoke_all(bot.user)
