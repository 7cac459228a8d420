"""Bearer tokens: made with name and password or by who is signed in, listed, revoked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from loopchat.accounts import freshness, sign_in, tokens
from loopchat.accounts.grants import Grant
from loopchat.accounts.models import Token, User
from loopchat.api import shapes, token_shapes
from loopchat.api.asking import Asker
from loopchat.api.endpoint import Endpoint
from loopchat.api.operations import operation
from loopchat.api.paging import paged
from loopchat.core.clock import ts_of
from loopchat.core.errors import Refused


class Tokens(Endpoint):
    """My tokens."""

    @operation(query=shapes.Older, gives=shapes.Listed[token_shapes.TokenInfo])
    def get(self, asker: Asker, query: shapes.Older) -> object:
        """My tokens, the newest first, without their secrets."""
        mine = tokens.valid().filter(user=asker.user).order_by("-pk")
        if query.before is not None:
            mine = mine.filter(pk__lt=query.before)
        found = [info(token) for token in mine[: query.limit + 1]]
        return paged(asker, found, query.limit, lambda one: {"before": one.id})

    @operation(
        takes=token_shapes.NewToken, gives=token_shapes.MadeToken, status=201, needs_sign_in=False
    )
    def post(self, asker: Asker, body: token_shapes.NewToken) -> object:
        """Make a token; its secret is in this answer and nowhere else.

        With name and password, or from a page by who is signed in there (then with the password
        alone, if the account has one). Accounts with a second factor make theirs on a page.
        """
        person = _whose(asker, body)
        grant = Grant(body.scope == "write", None if body.rooms is None else frozenset(body.rooms))
        ends = None
        if body.expires_in_days is not None:
            ends = timezone.now() + timedelta(days=body.expires_in_days)
        token, secret = tokens.create(person, label=body.label, expires_at=ends, grant=grant)
        return made(token, secret)

    @operation(for_guests=True, for_readers=True, for_some_rooms=True)
    def delete(self, asker: Asker) -> None:
        """Revoke the token that this request came with, whatever it allows."""
        if asker.token is None:
            raise Refused("bad_request", "This request came without a token.")
        tokens.revoke(asker.token)


class OneToken(Endpoint):
    """A token of mine."""

    @operation()
    def delete(self, asker: Asker, *, token_id: int) -> None:
        """Revoke it; sockets that came with it are closed."""
        found = Token.objects.filter(pk=token_id, user=asker.user).first()
        if found is None:
            raise Refused("not_found", "There is no such token.")
        tokens.revoke(found)


def _whose(asker: Asker, body: token_shapes.NewToken) -> User:
    """The person that the token will be of."""
    if body.username is not None:
        address = asker.request.META.get("REMOTE_ADDR") or ""
        found = sign_in.check(body.username, body.password or "", address=address)
        if _has_second_factor(found):
            raise Refused("forbidden", "This account has a second factor: make tokens on its page.")
        return found
    if not asker.user.is_authenticated:
        raise Refused("unauthorized", "Name or password is wrong.")
    if asker.token is not None:
        raise Refused("forbidden", "A token makes no other tokens.")
    if asker.user.is_guest:
        raise Refused("forbidden", "This is not possible for guests.")
    if asker.user.has_usable_password() and not sign_in.is_theirs(asker.user, body.password or ""):
        raise Refused("forbidden", "This is not your password.", field="password")
    request = asker.request._request  # noqa: SLF001 - the session is that of the page
    if freshness.needs_new_sign_in(request, asker.user):
        raise Refused("forbidden", "Sign in again first.")
    return asker.user


def _has_second_factor(person: User) -> bool:
    from allauth.mfa.utils import is_mfa_enabled

    return bool(is_mfa_enabled(person))


def info(token: Token) -> token_shapes.TokenInfo:
    """A token without its secret."""
    return token_shapes.TokenInfo(**_fields(token))


def made(token: Token, secret: str) -> token_shapes.MadeToken:
    """A token with its secret, this once."""
    return token_shapes.MadeToken(token=secret, **_fields(token))


def _fields(token: Token) -> dict[str, Any]:
    return {
        "id": token.pk,
        "label": token.label,
        "scope": "write" if token.may_write else "read",
        "rooms": token.rooms,
        "created_ts": _ms(token.created_at),
        "last_used_ts": _ms(token.last_used_at),
        "expires_ts": _ms(token.expires_at),
    }


def _ms(at: datetime | None) -> int | None:
    return None if at is None else ts_of(at)
