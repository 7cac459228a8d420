"""Readers for the `LOOPCHAT_*` variables about accounts: mail, and who else vouches for people."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from email.utils import parseaddr
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import unquote, urlsplit

from loopchat import environment as env

_BACKEND = "django.core.mail.backends"
_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
_TIMEOUT_S = 10
_DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))+", re.ASCII)
_ADDRESS = re.compile(r"[^@\s<>\"]{1,64}@[A-Za-z0-9.-]{1,255}", re.ASCII)
_PROVIDER_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,31}", re.ASCII)
_PROVIDER_KEYS = {"id", "name", "server", "client_id", "client_secret", "trusted"}


@dataclass(frozen=True, slots=True)
class Mail:
    """How letters leave: a backend of Django's with its options."""

    backend: str
    options: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Provider:
    """Somebody else who knows people: an OpenID Connect server."""

    id: str
    name: str
    server: str
    client_id: str
    client_secret: str = field(repr=False)
    trusted: bool = False
    """Whether an address that it calls verified opens the account that has the same one."""


def mail(name: str, *, sender: str, sender_name: str, origins: tuple[str, ...]) -> Mail | None:
    """The way that a `smtp://` URL describes, or None: this server sends no mail."""
    value = env.secret(name)
    if not value:
        return None
    way = _file(name, value) if value.startswith("file:") else _smtp(name, value)
    if not sender:
        env.refuse(name, f"needs {sender_name}, the address that mails come from")
    if not origins:
        env.refuse(name, "needs LOOPCHAT_ORIGINS, so that the links in mails lead here")
    return way


def sender(name: str) -> str:
    """`chat@example.org` or `Example chat <chat@example.org>`."""
    value = env.text(name)
    if value and not (value.isprintable() and _ADDRESS.fullmatch(parseaddr(value)[1])):
        env.refuse(name, "accepts an address such as Example chat <chat@example.org>")
    return value


def domains(name: str, *, can_mail: bool) -> tuple[str, ...]:
    """The domains of e-mail addresses, by commas or white space."""
    entries = tuple(env.text(name).lower().replace(",", " ").split())
    if not all(_DOMAIN.fullmatch(entry) for entry in entries):
        env.refuse(name, "accepts domains such as example.org, separated by commas")
    if entries and not can_mail:
        env.refuse(name, "needs LOOPCHAT_EMAIL_URL: addresses are verified by mail")
    return entries


def providers(name: str) -> tuple[Provider, ...]:
    """The OpenID Connect servers in a JSON list."""
    value = env.secret(name)
    if not value:
        return ()
    try:
        entries = json.loads(value)
    except ValueError:
        env.refuse(name, "accepts a JSON list of providers; this is not JSON")
    if not isinstance(entries, list):
        env.refuse(name, "accepts a JSON list of providers")
    found = tuple(_provider(name, number, entry) for number, entry in enumerate(entries, start=1))
    if len({each.id for each in found}) < len(found):
        env.refuse(name, "has two providers with the same id")
    return found


def _provider(name: str, number: int, entry: Any) -> Provider:
    def refuse(what: str) -> NoReturn:
        env.refuse(name, f"is not accepted: provider {number} {what}")

    if not isinstance(entry, dict) or set(entry) - _PROVIDER_KEYS:
        refuse(f"has other keys than {', '.join(sorted(_PROVIDER_KEYS))}")
    texts = {key: entry.get(key, "") for key in _PROVIDER_KEYS - {"trusted"}}
    if not all(isinstance(value, str) for value in texts.values()):
        refuse("has a value that is not text")
    if not isinstance(entry.get("trusted", False), bool):
        refuse("has a `trusted` that is neither true nor false")
    if not _PROVIDER_ID.fullmatch(texts["id"]):
        refuse("needs an id of lower-case letters, digits and hyphens")
    if not texts["client_id"] or not _is_safe(texts["server"]):
        refuse("needs a client_id and a server with https")
    title = texts["name"].strip()[:64] or texts["id"]
    return Provider(**{**texts, "name": title}, trusted=entry.get("trusted", False))


def _is_safe(address: str) -> bool:
    """https; without it only on this machine, where nobody can listen."""
    try:
        url = urlsplit(address)
        host = url.hostname or ""
    except ValueError:
        return False
    return bool(host) and (url.scheme == "https" or (url.scheme == "http" and _is_here(host)))


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _smtp(name: str, value: str) -> Mail:
    accepted = (
        "accepts smtps://user:password@host:465, smtp+starttls://user:password@host:587, "
        "smtp://host:25 or file:///folder"
    )
    try:
        url = urlsplit(value)
        host, port = url.hostname, url.port
    except ValueError:
        env.refuse(name, accepted)
    if url.scheme not in _PORTS or not host or url.path.strip("/") or url.query or url.fragment:
        env.refuse(name, accepted)
    options = {
        "host": host,
        "port": port or _PORTS[url.scheme],
        "username": unquote(url.username or ""),
        "password": unquote(url.password or ""),
        "use_ssl": url.scheme == "smtps",
        "use_tls": url.scheme == "smtp+starttls",
        "timeout": _TIMEOUT_S,
    }
    return Mail(f"{_BACKEND}.smtp.EmailBackend", options)


def _file(name: str, value: str) -> Mail:
    url = urlsplit(value)
    if url.netloc or len(url.path) < 2:
        env.refuse(name, "accepts a folder as file:///absolute/path")
    return Mail(f"{_BACKEND}.filebased.EmailBackend", {"file_path": str(Path(unquote(url.path)))})
