"""Every address there is, as the code declares it, and what answers there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

from loopchat import asgi
from loopchat.api import operations
from loopchat.api.door import api

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_NAMED = re.compile(r"<(?:\w+:)?(\w+)>")
_GROUP = re.compile(r"\(\?P<(\w+)>[^()]*(?:\([^()]*\))?[^()]*\)[+*]?")
_API = "loopchat.api.urls"


@dataclass(frozen=True, slots=True)
class Address:
    """An address, and the methods that it says it has (None: it does not say)."""

    pattern: str
    methods: frozenset[str] | None = None

    def __str__(self) -> str:
        return self.pattern


def addresses() -> list[Address]:
    """All of them, the first of several with the same pattern."""
    site = _walk(get_resolver(), "/")
    found = {pattern: Address(pattern) for pattern, entry in site if entry.callback is not api}
    for pattern, entry in _walk(get_resolver(_API), "/"):
        view = getattr(entry.callback, "view_class", None)
        allowed = getattr(entry.callback, "view_initkwargs", {}).get("http_method_names")
        declared = {method for method in METHODS if operations.of(view, method)}
        if allowed is not None:
            declared &= {name.upper() for name in allowed}
        # Descriptions are plain functions, which do not say it.
        found[pattern] = Address(pattern, frozenset(declared) if view is not None else None)
    return list(found.values())


def socket_addresses() -> list[str]:
    """The addresses of the classic sockets."""
    sockets = asgi._router.application_mapping["websocket"]
    patterns = [f"/{route.pattern}" for route in sockets.routes]
    return [pattern for pattern in patterns if pattern.startswith("/ws/chat/")]


def _walk(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        pattern = prefix + str(entry.pattern).removeprefix("^").removesuffix("$")
        if isinstance(entry, URLPattern):
            yield pattern, entry
        else:
            yield from _walk(entry, pattern)


def path(pattern: str, words: Mapping[str, object]) -> str:
    """A path of this pattern: `x` for what nobody has named."""

    def word(match: re.Match[str]) -> str:
        default = "1" if match[0].startswith(("<int:", "<id:")) else "x"
        return str(words.get(match[1], default))

    return _NAMED.sub(word, _GROUP.sub(word, pattern))
