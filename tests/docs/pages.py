"""The documentation as text: its pages, headings, code blocks and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.services import ROOT

DOCS = ROOT / "docs"

_FENCE = re.compile(r"^```([a-z]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    """Every page that is written by hand."""
    return sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.glob("**/*.md")])


def protocol() -> str:
    """The page that clients are written from."""
    return (DOCS / "protocol.md").read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next one of the same level or a higher one."""
    level = heading.partition(" ")[0]
    after = text.partition(f"\n{heading}\n")[2]
    assert after, f"there is no heading {heading!r}"
    end = re.search(rf"^#{{1,{len(level)}}} ", _without_blocks(after), re.MULTILINE)
    return after[: end.start()] if end else after


def headings(text: str, level: str) -> list[str]:
    """The words of all headings of a level (`##`, `###`), outside of code."""
    return re.findall(rf"^{level} (.*)$", _without_blocks(text), re.MULTILINE)


def blocks(text: str, language: str) -> Iterator[str]:
    """The code blocks in a language."""
    for match in _FENCE.finditer(text):
        if match[1] == language:
            yield match[2]


def rows(text: str) -> Iterator[list[str]]:
    """The cells of each table row, without heads and rules."""
    lines = _without_blocks(text).splitlines()
    for before, line in zip(["", *lines], lines, strict=False):
        if line.startswith("|") and before.startswith("|") and not line.startswith("|--"):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def prose(text: str) -> str:
    """The page without its code blocks."""
    return _without_blocks(text)


def _without_blocks(text: str) -> str:
    """Code is blanked out, so that offsets stay."""
    return _FENCE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
