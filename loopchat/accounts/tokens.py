"""Bearer tokens: a secret is shown once, its hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from loopchat import rows
from loopchat.accounts import people
from loopchat.accounts.grants import FULL, Grant
from loopchat.accounts.models import Token, User

PREFIX = "lct_"
LABEL_MAX = 64
_USE_IS_NOTED_EVERY = timedelta(minutes=1)
_uses: dict[int, datetime] = {}


def create(
    user: User, *, label: str = "", expires_at: datetime | None = None, grant: Grant = FULL
) -> tuple[Token, str]:
    """A new token and its secret, which nobody can read again later."""
    secret = PREFIX + secrets.token_urlsafe(32)
    token = Token.objects.create(
        user=user,
        digest=digest_of(secret),
        label=label[:LABEL_MAX],
        expires_at=expires_at,
        may_write=grant.writes,
        rooms=None if grant.rooms is None else sorted(grant.rooms),
    )
    return token, secret


def revoke(token: Token) -> None:
    """End a token, and the sockets that came with it."""
    with transaction.atomic():
        Token.objects.filter(pk=token.pk).delete()
        people.changed([token.user_id])


def revoke_all(user: User) -> None:
    """End all tokens of a person."""
    with transaction.atomic():
        Token.objects.filter(user=user).delete()
        people.changed([user.pk])


def valid() -> QuerySet[Token]:
    """Tokens that have not expired, with their people, who may be disabled."""
    alive = Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now())
    return Token.objects.filter(alive).select_related("user")


def find(secret: str, *, note_later: bool = False) -> Token | None:
    """The token with this secret if it works now; notes its use at most once a minute.

    `note_later` leaves the writing to `store_uses`: when thousands of sockets come back at once,
    a commit for each would be most of the work.
    """
    if not secret.startswith(PREFIX):
        return None
    token = _of(digest_of(secret))
    if token is None or token.is_over or not token.user.may_come:
        return None
    if note_later:
        _uses[token.pk] = timezone.now()
    else:
        _note_use(token)
    return token


def store_uses() -> None:
    """Write the uses that were noted for later."""
    uses = [(pk, _uses.pop(pk)) for pk in list(_uses)]
    with transaction.atomic():
        for pk, used_at in uses:
            Token.objects.filter(pk=pk).update(last_used_at=used_at)


def digest_of(secret: str) -> str:
    """What is stored of a secret that is random enough to need no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _of(digest: str) -> Token | None:
    found = rows.fetch(Token, "digest = %s", [digest])
    owners = rows.fetch(User, "id = %s", [found[0].user_id]) if found else []
    if not owners:
        return None
    found[0].user = owners[0]
    return found[0]


def _note_use(token: Token) -> None:
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at >= _USE_IS_NOTED_EVERY:
        Token.objects.filter(pk=token.pk, last_used_at=token.last_used_at).update(last_used_at=now)
