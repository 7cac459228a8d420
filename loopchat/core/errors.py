"""The one exception that people and programs ever see."""

from __future__ import annotations

from typing import Literal

Code = Literal[
    "bad_frame",
    "bad_request",
    "unknown_type",
    "unauthorized",
    "forbidden",
    "not_found",
    "cid_conflict",
    "too_large",
    "rate_limited",
    "blocked",
    "archived",
    "storage_full",
    "unavailable",
    "timeout",
    "conflict",
]


class Refused(Exception):
    """An operation that did not happen, and why, in words for the person who asked.

    `definite` is False only when nobody can know whether it took effect (`unavailable`, `timeout`):
    the caller repeats it with the same `cid`.
    """

    def __init__(
        self,
        code: Code,
        text: str,
        *,
        definite: bool = True,
        field: str | None = None,
        retry_after_ms: int | None = None,
    ) -> None:
        super().__init__(text)
        self.code: Code = code
        self.text = text
        self.definite = definite
        self.field = field
        self.retry_after_ms = retry_after_ms
