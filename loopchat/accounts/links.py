"""Addresses of this server for mails and for links to hand on: from the settings, never from a
request, whose `Host` anybody can write."""

from __future__ import annotations

from django.conf import settings


def public(path: str) -> str:
    """The whole address of a page."""
    return f"{_origin()}{path}"


def site_name() -> str:
    """How people call this server."""
    return _origin().partition("://")[2]


def _origin() -> str:
    if settings.ORIGINS:
        return str(settings.ORIGINS[0])
    host = "localhost" if settings.HOST in {"0.0.0.0", "::"} else settings.HOST  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.PORT}"
