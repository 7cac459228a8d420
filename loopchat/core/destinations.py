"""Where this server may send a request that somebody else thought of (SSRF).

What a name means is asked once; whoever connects uses the address that was found here and asks
nobody again, so an answer that changes in between (DNS rebinding) changes nothing.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import TimeoutError as TooLate
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final
from urllib.parse import quote, urlsplit

from loopchat.core.crew import Crew
from loopchat.core.errors import Refused

URL_MAX: Final = 2048
"""Characters of an address."""

DEFAULT_PORTS: Final = {"http": 80, "https": 443}

RESOLVERS: Final = 8
"""Names that are looked up at the same time: the system has no limit of time for it."""

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a name and a port, as texts; raises `OSError` when there are none."""

_UNCLEAN = re.compile(r"[\x00-\x20\x7f\\]")
_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?\.?")

# Beside what `is_global` knows, which differs between versions of Python.
_CLOSED: Final[tuple[Network, ...]] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's own services, at an address that looks like any other
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
        "2001::/23",  # Teredo and others with an IPv4 address inside
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
    )
)
_OPEN_V6: Final = IPv6Network("2000::/3")
"""All that IPv6 has given out. Mapped, compatible and translated IPv4 addresses lie outside."""


class NotAllowed(Exception):
    """A request that is not sent, and why, in a few English words."""


class NotFound(Exception):
    """A name that leads nowhere at the moment."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What an operator lets requests reach beside the public internet."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Allowed:
        """Names, addresses and networks, by commas or white space; `ValueError` for others."""
        hosts: set[str] = set()
        networks: list[Network] = []
        for entry in text.replace(",", " ").split():
            try:
                networks.append(ip_network(entry))
            except ValueError:
                if not _HOST.fullmatch(entry.lower()) or _is_number(entry):
                    raise ValueError("give names, addresses and networks") from None
                hosts.add(entry.lower().rstrip("."))
        return cls(frozenset(hosts), tuple(networks))

    def has(self, host: str, address: Address) -> bool:
        """Whether this host, found at this address, was allowed by name or by network."""
        return host in self.hosts or any(address in network for network in self.networks)


@dataclass(frozen=True, slots=True)
class Destination:
    """An address that was taken apart. `target` is what follows the host, in ASCII."""

    scheme: str
    host: str
    port: int
    target: str


def parse(url: str) -> Destination:
    """Take an address apart, the one time that it is done; `Refused` (`url`) for a bad one."""
    try:
        return _parsed(url)
    except (ValueError, UnicodeError):
        raise Refused(
            "bad_request", "This is not an address that can be asked.", field="url"
        ) from None


def find(
    destination: Destination, allowed: Allowed, *, resolve: Resolve, within: float
) -> list[Address]:
    """The addresses to connect to, asked once.

    Raises `NotAllowed` when there is none that may be reached, and `NotFound` when there is none at
    all, or no answer after `within` seconds.
    """
    found = _resolved(destination, resolve, within)
    fit = [one for one in found if _may_reach(destination, one, allowed)]
    if not fit:
        raise NotAllowed("this address is not on the public internet")
    return fit


def refuse_hopeless(destination: Destination, allowed: Allowed) -> None:
    """Refuse (`url`) what can be known before a name is looked up: it would never be reached."""
    literal = _literal(destination.host)
    if destination.host in allowed.hosts or (literal is None and allowed.networks):
        return
    if literal is not None and allowed.has(destination.host, literal):
        return
    if literal is not None and not is_public(literal):
        raise Refused("forbidden", "This address is not on the public internet.", field="url")
    if not _is_usual(destination.port):
        raise Refused(
            "forbidden",
            "Port {port} is not asked: use 80, 443 or one above 1023.",
            field="url",
            port=destination.port,
        )


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet, and means no other."""
    if isinstance(address, IPv6Address) and (address not in _OPEN_V6 or address.scope_id):
        return False
    if address.is_multicast or not address.is_global:
        return False
    return not any(address in network for network in _CLOSED)


def system_resolver(host: str, port: int) -> list[str]:
    """What the system says."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _parsed(url: str) -> Destination:
    if len(url) > URL_MAX or _UNCLEAN.search(url):
        raise ValueError
    parts = urlsplit(url)
    if parts.scheme not in DEFAULT_PORTS:
        raise Refused("bad_request", "An address begins with https:// or http://.", field="url")
    if "@" in parts.netloc:
        raise Refused("bad_request", "An address has no name and no password in it.", field="url")
    port = parts.port or DEFAULT_PORTS[parts.scheme]
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return Destination(
        parts.scheme, _host(parts.hostname or ""), port, f"{path}?{query}" if query else path
    )


def _host(text: str) -> str:
    """A name in ASCII or an IP address, in one way of writing."""
    if ":" in text:
        return str(IPv6Address(text))
    host = text.encode("idna").decode("ascii").lower()
    if not _HOST.fullmatch(host):
        raise ValueError
    return host.rstrip(".")


def _literal(host: str) -> Address | None:
    """The address that a host is by itself, in any of the ways in which systems read one."""
    if host == "localhost" or host.endswith(".localhost"):
        return IPv4Address("127.0.0.1")
    with suppress(ValueError):
        return ip_address(host)
    with suppress(OSError):
        return IPv4Address(socket.inet_aton(host))
    return None


def _resolved(destination: Destination, resolve: Resolve, within: float) -> list[Address]:
    if ":" in destination.host:
        return [ip_address(destination.host)]
    looking = _resolvers().submit(resolve, destination.host, destination.port)
    try:
        return [ip_address(text) for text in looking.result(timeout=within)]
    except TooLate:
        looking.cancel()
        raise NotFound("the name was not found in time") from None
    except (OSError, ValueError):
        raise NotFound("there is no such name") from None


@cache
def _resolvers() -> Crew:
    return Crew(RESOLVERS, "resolver")


def _may_reach(destination: Destination, address: Address, allowed: Allowed) -> bool:
    if allowed.has(destination.host, address):
        return True
    return is_public(address) and _is_usual(destination.port)


def _is_usual(port: int) -> bool:
    """Ports below 1024 belong to other protocols, which would read a request in their own way."""
    return port in DEFAULT_PORTS.values() or port >= 1024


def _is_number(entry: str) -> bool:
    return entry.replace(".", "").replace("/", "").isdecimal()
