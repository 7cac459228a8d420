"""What the headers of a request make it depend on: kinds of answers, and what was seen before."""

from __future__ import annotations

import hashlib
from typing import Final

_JSON: Final = frozenset({"*/*", "application/*", "application/json", "application/problem+json"})


def takes_json(accept: str) -> bool:
    """Whether an `Accept` leaves room for JSON; without one anything will do."""
    ranges = [one.partition(";") for one in accept.split(",") if one.strip()]
    taken = [
        kind.strip().lower()
        for kind, _, rest in ranges
        if rest.replace(" ", "").lower() not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    ]
    return not ranges or any(kind in _JSON for kind in taken)


def tag_of(content: bytes, changeable: bytes | None = None) -> str:
    """The `ETag` of an answer. What one can change of it has a part of its own, which stays while
    everything else goes on."""
    found = _digest(content)
    return f'"{found}"' if changeable is None else f'"{_digest(changeable)}.{found}"'


def names(header: str, tag: str) -> bool:
    """Whether an `If-None-Match`, or an `If-Match`, names exactly it."""
    return any(one in ("*", tag) for one in _tags(header))


def permits(header: str, tag: str) -> bool:
    """Whether an `If-Match` names it, as far as it can be changed."""
    wanted = tag.strip('"').partition(".")[0]
    return any(one == "*" or one.strip('"').partition(".")[0] == wanted for one in _tags(header))


def _tags(header: str) -> list[str]:
    return [one.strip().removeprefix("W/") for one in header.split(",")]


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=12).hexdigest()
