"""What happens to every request before and after its view."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from loopchat.accounts import devices, instance, sessions, tokens
from loopchat.accounts.grants import FULL, Grant
from loopchat.accounts.models import Token
from loopchat.core.origins import client_address, host_allowed, is_trusted
from loopchat.web import headers
from loopchat.web.refusals import PROGRAMS, problem, wants_page

Handler = Callable[[HttpRequest], HttpResponseBase]

_KEYS_OF_THEIR_OWN = "/hooks/"
"""Addresses below it are secrets: who knows one needs no sign-in, and brings none."""

_OPEN_BEFORE_SETUP = ("/setup/", "/static/", "/healthz", "/readyz", "/metrics")
_OWN_TOKEN = "/metrics"  # noqa: S105 - an address; its token is the operator's, nobody's here
_OF_PROXIES = ("X_FORWARDED_FOR", "X_FORWARDED_PROTO", "X_FORWARDED_HOST", "X_REAL_IP", "VIA")


def security_headers(handle: Handler) -> Handler:
    """Security headers on every response, and no copies of pages on disk or in between."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        response = handle(request)
        all_of_them = headers.security_headers(request.path, https=settings.IS_HTTPS)
        for name, value in {"Cache-Control": "private, no-store", **all_of_them}.items():
            response.headers.setdefault(name, value)
        return response

    return respond


def known_host(handle: Handler) -> Handler:
    """Refuse foreign hosts; believe forwarded headers only from our own proxies."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        _read_forwarded(request)
        host = request.META.get("HTTP_HOST") or request.META.get("SERVER_NAME", "")
        if not (host_allowed(host, settings.ORIGINS) or _is_listed(host)):
            detail = _("This host name is not one of this server (LOOPCHAT_ORIGINS).")
            return problem(400, "bad_request", detail)
        return handle(request)

    return respond


def plain_address(handle: Handler) -> Handler:
    """Refuse an address with a NUL in it: nothing has such a name, and databases choke on it."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return problem(400, "bad_request", _("An address cannot contain NUL."))
        return handle(request)

    return respond


def bearer(handle: Handler) -> Handler:
    """With an `Authorization` header the session cookie does not count."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        header = request.META.get("HTTP_AUTHORIZATION")
        if request.path.startswith(_KEYS_OF_THEIR_OWN):
            _forget_cookie(request)
            return handle(request)
        if header is None or request.path == _OWN_TOKEN:
            if not sessions.is_key(request.COOKIES.get(settings.SESSION_COOKIE_NAME, "x")):
                _forget_cookie(request)
            return handle(request)
        _forget_cookie(request)
        scheme, _space, secret = header.partition(" ")
        if scheme.lower() == "bearer" and not _sign_in(request, secret.strip()):
            refusal = problem(401, "unauthorized", _("This token does not work."))
            refusal.headers["WWW-Authenticate"] = "Bearer"
            return refusal
        if _grant(request).is_limited and not request.path.startswith(PROGRAMS):
            return problem(403, "forbidden", _("This token is for the API and for sockets."))
        return handle(request)

    return respond


def note_device(handle: Handler) -> Handler:
    """Keep the list of devices true: when each was here last."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        if request.COOKIES.get(settings.SESSION_COOKIE_NAME) and request.user.is_authenticated:
            devices.seen(request, request.user)
        return handle(request)

    return respond


def set_up_first(handle: Handler) -> Handler:
    """While there has never been an owner, nothing works but the set-up."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(_OPEN_BEFORE_SETUP) or instance.is_claimed():
            return handle(request)
        detail = _("This server is not set up yet.")
        if not wants_page(request):
            return problem(503, "unavailable", detail)
        return _not_set_up(request)

    return respond


def _not_set_up(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/not_set_up.html")


def _read_forwarded(request: HttpRequest) -> None:
    meta = request.META
    peer = meta.get("REMOTE_ADDR") or ""
    named = ("FORWARDED", *_OF_PROXIES)
    meta["loopchat.peer"] = peer
    meta["loopchat.has_address"] = "HTTP_X_FORWARDED_FOR" in meta
    meta["loopchat.by_proxy"] = any(f"HTTP_{name}" in meta for name in named)
    if is_trusted(peer, settings.TRUSTED_PROXIES):
        forwarded = meta.get("HTTP_X_FORWARDED_FOR", "")
        meta["REMOTE_ADDR"] = client_address(peer, forwarded, settings.TRUSTED_PROXIES)
    else:
        for name in ("FOR", "PROTO", "HOST", "PORT"):
            meta.pop(f"HTTP_X_FORWARDED_{name}", None)


def _is_listed(host: str) -> bool:
    """Django's own test client calls the site `testserver`, and lists that name while it runs."""
    return host != "*" and host in settings.ALLOWED_HOSTS


def _forget_cookie(request: HttpRequest) -> None:
    request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
    request.session = SessionStore()
    request.user = AnonymousUser()


def _grant(request: HttpRequest) -> Grant:
    token: Token | None = getattr(request, "token", None)
    return FULL if token is None else token.grant


def _sign_in(request: HttpRequest, secret: str) -> bool:
    token = tokens.find(secret)
    if token is None:
        return False
    request.user = token.user
    request.token = token  # type: ignore[attr-defined]
    # No browser adds a bearer token by itself, so no foreign page can make one send it.
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]  # noqa: SLF001
    return True
