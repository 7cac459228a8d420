"""What is being worked on: on whose behalf, for which request or socket. Log lines say it.

It travels with the context: into tasks, and into the threads that are given it.
"""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar
from dataclasses import dataclass

_ACCEPTED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}", re.ASCII)


@dataclass(slots=True)
class Trace:
    """Ids, never names: a log is read by others than a chat is."""

    request: str = ""
    socket: str = ""
    user: int = 0

    def fields(self) -> dict[str, str | int]:
        """Those that are known."""
        named: dict[str, str | int] = {
            "request": self.request,
            "socket": self.socket,
            "user": self.user,
        }
        return {name: value for name, value in named.items() if value}


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def begin(trace: Trace) -> None:
    """From here on, in this context, this is worked on."""
    _current.set(trace)


def current() -> Trace | None:
    """What is worked on here, if anything."""
    return _current.get()


def request_id(given: str) -> str:
    """The id that a proxy or a program has given a request if it is a decent one, else a new one.

    Decent are 8 to 64 letters, digits, dots, hyphens and underscores: it goes into the log.
    """
    return given if _ACCEPTED.fullmatch(given) else secrets.token_hex(8)
