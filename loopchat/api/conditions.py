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


def tag_of(content: bytes) -> str:
    """The `ETag` of an answer."""
    return f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'


def names(header: str, tag: str) -> bool:
    """Whether an `If-Match` or `If-None-Match` names it."""
    known = (one.strip().removeprefix("W/") for one in header.split(","))
    return any(one in ("*", tag) for one in known)
