"""Addresses of this server for mails and for links to hand on: from the settings, never from a
request, whose `Host` anybody can write."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse


def public(path: str) -> str:
    """The whole address of a page."""
    return f"{_origin()}{path}"


def new_password(key: str) -> str:
    """The page behind a one-time link; in `key` allauth joins the person and the token."""
    place = {"uidb36": "UID", "key": "KEY"}
    path = reverse("account_reset_password_from_key", kwargs=place)
    return public(path.replace("UID-KEY", key))


def site_name() -> str:
    """How people call this server."""
    return _origin().partition("://")[2]


def is_for_here() -> bool:
    """Whether only this computer can open these addresses."""
    host = urlsplit(_origin()).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def address_in_network() -> str:
    """This machine's address as others nearby see it; empty when there is none. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def _origin() -> str:
    if settings.ORIGINS:
        return str(settings.ORIGINS[0])
    host = settings.HOST
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not listened on
        host = address_in_network() or "localhost"
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.PORT}"
