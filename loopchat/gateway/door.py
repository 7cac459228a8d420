"""Who may open a socket: host, origin, admission rate, sign-in. Before anything is accepted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.conf import settings
from django.http import parse_cookie

from loopchat import words
from loopchat.accounts import sessions
from loopchat.accounts.sessions import Login
from loopchat.core.limits import Buckets, TokenBucket
from loopchat.core.origins import client_address, host_allowed, origin_allowed, request_scheme

SUBPROTOCOL: Final = "loopchat.v1"


@dataclass(frozen=True, slots=True)
class Turned:
    """An upgrade that is answered with an HTTP status instead."""

    status: int
    text: str
    retry_after_s: int | None = None


@dataclass(frozen=True, slots=True)
class Visitor:
    """An upgrade that may be accepted, and how to find out who it is (in a database thread)."""

    subprotocols: list[str]
    who: Callable[[], Login | None]
    language: str = "en"


class Door:
    """Decides on upgrades; one per process, because the admission rate is the process's."""

    def __init__(self) -> None:
        rate = settings.RATE_CONNECT
        self._admission = TokenBucket(rate) if rate is not None else None
        self._by_address = Buckets(settings.RATE_ADDRESS)

    def look(self, scope: dict[str, Any]) -> Visitor | Turned:
        """Judge an upgrade by its headers."""
        headers = _Headers(scope["headers"])
        hosts = headers.all(b"host")
        if len(hosts) != 1 or not host_allowed(hosts[0], settings.ORIGINS):
            return Turned(400, "This host name is not one of this server (LOOPCHAT_ORIGINS).")
        authorization = headers.all(b"authorization")
        cookie = None if authorization else _session_cookie(headers.all(b"cookie"))
        if cookie is not None and not _is_own_page(scope, headers, hosts[0]):
            return Turned(403, "Only pages of this server may open a socket with a cookie.")
        if wait := self._by_address.take(_address_of(scope, headers)):
            return Turned(429, "Too many connections from this address.", int(wait) + 1)
        if self._admission is not None and (wait := self._admission.take()) > 0:
            return Turned(503, "Too many connections at once.", retry_after_s=int(wait) + 1)
        who = partial(_by_token, authorization) if authorization else partial(_by_cookie, cookie)
        return Visitor(scope["subprotocols"], who, _language(headers))


class _Headers:
    def __init__(self, raw: list[tuple[bytes, bytes]]) -> None:
        self._raw = raw

    def all(self, name: bytes) -> list[str]:
        """Every value of a header, in order: a second `Origin` must not hide the first."""
        return [value.decode("latin-1") for key, value in self._raw if key.lower() == name]


def _address_of(scope: dict[str, Any], headers: _Headers) -> str:
    """Where the person is, as far as our own proxies say so."""
    peer = scope["client"][0] if scope.get("client") else ""
    forwarded = ",".join(headers.all(b"x-forwarded-for"))
    return client_address(peer, forwarded, settings.TRUSTED_PROXIES)


def _is_own_page(scope: dict[str, Any], headers: _Headers, host: str) -> bool:
    origins = headers.all(b"origin")
    if len(origins) != 1:
        return False
    peer = scope["client"][0] if scope.get("client") else ""
    forwarded = (headers.all(b"x-forwarded-proto") or [""])[-1]
    scheme = request_scheme(scope.get("scheme", "ws"), peer, forwarded, settings.TRUSTED_PROXIES)
    return origin_allowed(origins[0], scheme, host, settings.ORIGINS)


def _session_cookie(headers: list[str]) -> str | None:
    """The session cookie's value; None without one. HTTP/2 splits the header into several.

    Read as Django reads it for the pages: a cookie of another application on the same host, which
    `http.cookies` finds wrong, must not hide ours.
    """
    return parse_cookie("; ".join(headers)).get(settings.SESSION_COOKIE_NAME)


def _language(headers: _Headers) -> str:
    accepted = ",".join(headers.all(b"accept-language"))
    return words.spoken(parse_cookie("; ".join(headers.all(b"cookie"))), accepted)


def _by_token(authorization: list[str]) -> Login | None:
    scheme, _, secret = authorization[0].partition(" ")
    if len(authorization) != 1 or scheme.lower() != "bearer":
        return None
    return sessions.login_of_token(secret.strip())


def _by_cookie(session_key: str | None) -> Login | None:
    return sessions.login_of_session(session_key) if session_key else None
