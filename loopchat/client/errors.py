"""What can go wrong, as a program meets it, and when it is worth another try."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

AGAIN: Final = frozenset({"rate_limited", "unavailable", "timeout"})
"""Refusals that pass: the same message is sent again."""

TRIES: Final = 5
FIRST_PAUSE: Final = 0.25
LONGEST_PAUSE: Final = 30.0
"""Seconds that one waits for another try; who is to wait for longer is told so."""


class Refusal(Exception):
    """The server's no. `definite` is False when it may have taken effect all the same.

    `status` is that of HTTP, and None on a socket; `retry_after` are seconds.
    """

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.code: str = told.get("code", "bad_request")
        self.text: str = told.get("message") or told.get("detail") or self.code
        self.definite: bool = told.get("definite", True)
        self.status: int | None = told.get("status")
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


def pause_after(error: Refusal | Lost, tried: int, *, idempotent: bool) -> float | None:
    """Seconds until the same may be asked again, after `tried` attempts; None: it may not.

    `idempotent`: a second time changes nothing that the first one did. Else only what certainly
    took no effect is asked again.
    """
    is_sure = isinstance(error, Refusal) and error.definite
    if tried >= TRIES or not (idempotent or is_sure):
        return None
    pause = FIRST_PAUSE * 2.0 ** (tried - 1)
    if isinstance(error, Refusal):
        if error.code not in AGAIN:
            return None
        pause = pause if error.retry_after is None else error.retry_after
    return pause if pause <= LONGEST_PAUSE else None
