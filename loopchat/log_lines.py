"""Log lines for people; secrets that stray into one are blacked out."""

from __future__ import annotations

import logging
import re

_SECRETS = re.compile(
    r"(lct_|/setup/|/join/|/hooks/|/reset/key/|/confirm-email/|[?&]invite=)(?!done/|\w+-set-password)[\w:-]{8,}"
)


class LineFormatter(logging.Formatter):
    """`2026-11-20 09:12:33 INFO loopchat.web: message`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%d %H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """The line, and below it the traceback if there is one."""
        return _SECRETS.sub(r"\1…", super().format(record))
