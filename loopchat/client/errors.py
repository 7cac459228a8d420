"""What can go wrong, as a program meets it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

AGAIN: Final = frozenset({"rate_limited", "unavailable", "timeout"})
"""Refusals that pass: the same message is sent again."""


class Refusal(Exception):
    """The server's no. `definite` is False when it may have taken effect all the same."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.code: str = told.get("code", "bad_request")
        self.text: str = told.get("message") or told.get("detail") or self.code
        self.definite: bool = told.get("definite", True)
        self.field: str | None = told.get("field")
        self.retry_after: float | None = None
        if "retry_after_ms" in told:
            self.retry_after = told["retry_after_ms"] / 1000
        super().__init__(f"{self.code}: {self.text}")


class Lost(Exception):
    """The connection ended before the answer came."""


class Gone(Exception):
    """The server says not to come back: signed out, disabled, too many sockets."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{reason} ({code})")
        self.code = code
