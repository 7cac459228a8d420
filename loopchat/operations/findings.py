"""What a look at a server finds: a line each, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

Verdict = Literal["ok", "advice", "fault"]

MARKS: Final[dict[Verdict, str]] = {"ok": "ok    ", "advice": "advice", "fault": "FAULT "}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and the remedy when something is to do."""

    verdict: Verdict
    about: str
    text: str
    remedy: str = ""

    def lines(self) -> list[str]:
        """As the command prints it."""
        first = f"{MARKS[self.verdict]} {self.about}: {self.text}"
        return [first, f"       -> {self.remedy}"] if self.remedy else [first]


Check = Callable[[], Iterator[Finding]]


def ok(about: str, text: str) -> Finding:
    """Nothing to do."""
    return Finding("ok", about, text)


def advice(about: str, text: str, remedy: str) -> Finding:
    """It works; it could be better or safer."""
    return Finding("advice", about, text, remedy)


def fault(about: str, text: str, remedy: str) -> Finding:
    """People notice this."""
    return Finding("fault", about, text, remedy)
