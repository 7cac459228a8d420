"""The one exception that people and programs ever see."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final, Literal

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

STATUS: Final[dict[Code, HTTPStatus]] = {
    "unauthorized": HTTPStatus.UNAUTHORIZED,
    "forbidden": HTTPStatus.FORBIDDEN,
    "blocked": HTTPStatus.FORBIDDEN,
    "not_found": HTTPStatus.NOT_FOUND,
    "conflict": HTTPStatus.CONFLICT,
    "cid_conflict": HTTPStatus.CONFLICT,
    "archived": HTTPStatus.CONFLICT,
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "rate_limited": HTTPStatus.TOO_MANY_REQUESTS,
    "storage_full": HTTPStatus.INSUFFICIENT_STORAGE,
    "unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "timeout": HTTPStatus.GATEWAY_TIMEOUT,
}
"""What HTTP says for each code; for the others it is 400."""


class Refused(Exception):
    """An operation that did not happen, and why, in words for the person who asked.

    `template` is English with `{name}` for each of `values`: who tells it to somebody translates
    it (`loopchat.words`). `text` is the English sentence, for logs and the command line.
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
        **values: str | int,
    ) -> None:
        self.code: Code = code
        self.template = text
        self.values = values
        self.text = text.format(**values) if values else text
        super().__init__(self.text)
        self.definite = definite
        self.field = field
        self.retry_after_ms = retry_after_ms

    @property
    def retry_after(self) -> str | None:
        """What HTTP says of when to ask again, in seconds; a second when nothing else is known."""
        if self.retry_after_ms is not None:
            return str(-(-self.retry_after_ms // 1000))
        return "1" if self.code in ("rate_limited", "unavailable") else None
