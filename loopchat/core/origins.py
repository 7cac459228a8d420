"""Which hosts and origins are ours, and who is behind a proxy: rules shared by pages and sockets.

`origins` are the site's public addresses, `scheme://host[:port]` each, lower case, without a
default port. `trusted` are the networks of proxies, as text.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::([0-9]{1,5}))?", re.ASCII)
_SCHEMES = {"http": ("http", "80"), "ws": ("http", "80"), "https": ("https", "443")}
_SCHEMES["wss"] = _SCHEMES["https"]


def host_allowed(host: str, origins: Collection[str]) -> bool:
    """Whether a `Host` header names this site: localhost, an IP literal or a public address.

    A name that somebody else lets point here (DNS rebinding) is none of these.
    """
    name = _name_of(host)
    if name is None:
        return False
    return name == "localhost" or _is_literal(name) or name in _names_of(tuple(origins))


def is_local(host: str) -> bool:
    """Whether a `Host` header is what this machine calls itself: localhost, or a loopback address.

    A proxy that passes the name on for which it was asked does not say that.
    """
    name = _name_of(host) or ""
    address = _address(name.strip("[]"))
    return name == "localhost" or (address is not None and address.is_loopback)


def origin_allowed(origin: str, scheme: str, host: str, origins: Collection[str]) -> bool:
    """Whether an `Origin` header is that of a page of this site.

    That is exactly the scheme, host and port of the request that carries it, or a public address.
    """
    if origin in origins:
        return True
    own = _origin_of(scheme, host)
    return own is not None and origin == own


def client_address(peer: str, forwarded_for: str, trusted: Collection[str]) -> str:
    """The address of whoever sent the request: the last one that no trusted proxy of ours has.

    `peer` is the other end of the connection, `forwarded_for` the `X-Forwarded-For` header.
    """
    address = peer
    hops = [hop.strip() for hop in forwarded_for.split(",")] if forwarded_for else []
    for hop in reversed(hops):
        if not is_trusted(address, trusted) or _address(hop) is None:
            break
        address = hop
    known = _address(address)
    return str(known) if known else address


def is_trusted(peer: str, trusted: Collection[str]) -> bool:
    """Whether the other end of a connection is one of our own proxies."""
    if not trusted:
        return False
    address = _address(peer)
    return address is not None and any(address in ip_network(network) for network in trusted)


def request_scheme(scheme: str, peer: str, forwarded_proto: str, trusted: Collection[str]) -> str:
    """`http` or `https`, as the browser sees it: `X-Forwarded-Proto` counts from our proxies."""
    if is_trusted(peer, trusted) and forwarded_proto in {"http", "https"}:
        return forwarded_proto
    return _SCHEMES.get(scheme, ("http", ""))[0]


def _origin_of(scheme: str, host: str) -> str | None:
    match = _HOST.fullmatch(host.lower())
    if match is None or scheme not in _SCHEMES:
        return None
    name, port = match.groups()
    shown, default_port = _SCHEMES[scheme]
    return f"{shown}://{name}" + (f":{port}" if port and port != default_port else "")


def _name_of(host: str) -> str | None:
    match = _HOST.fullmatch(host.lower())
    return match[1] if match else None


@lru_cache(maxsize=8)
def _names_of(origins: tuple[str, ...]) -> frozenset[str]:
    names = (_name_of(origin.partition("://")[2]) for origin in origins)
    return frozenset(name for name in names if name)


def _is_literal(name: str) -> bool:
    if name.startswith("["):
        return isinstance(_address(name[1:-1]), IPv4Address | IPv6Address)
    return isinstance(_address(name), IPv4Address) and ":" not in name


@lru_cache(maxsize=1000)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Without brackets; an IPv4 address in IPv6 clothes is the IPv4 address."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
