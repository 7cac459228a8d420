"""Reading the tables of what is expected.

A line that begins with `=` says what the lines below it have in common: for each place one letter
for each of the ten actors, in the order of the heading. A place is `private`, `public` or `direct`
for what is about a room, `anywhere` for what is not.

    + done                   > led to another page
    ? sign in first          p show again that it is you (a password, a code)
    - no such thing          x forbidden
    ! refused otherwise      m no such method
    * anything but a fault of the server

Below it stand methods and addresses as the code has them (or names of commands), then perhaps
`name=value` for places of the address, `?query`, and the JSON that is sent. `$peer` and so on are
filled in from the cast. An address that ends in `*` stands for all that begin so.
"""

from __future__ import annotations

import json
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.permissions.cast import ACTORS

LETTERS: Final = frozenset("+>?p-xm!*")
OTHER: Final = "OTHER"
"""Every method that no other row of an address names; such a row only says that they may be."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table and what it says of each actor, by place."""

    what: str
    method: str
    expected: Mapping[str, Mapping[str, str]]
    filled: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    body: str = ""

    def __str__(self) -> str:
        return " ".join(
            filter(
                None,
                [
                    self.method,
                    self.what,
                    *(f"{name}={value}" for name, value in self.filled.items()),
                    self.query,
                    self.body,
                ],
            )
        )

    @property
    def is_wide(self) -> bool:
        """Whether it stands for many."""
        return self.what.endswith("*")

    def covers(self, what: str) -> bool:
        """Whether this is the row of it."""
        if self.is_wide:
            return what.startswith(self.what[:-1])
        return what == self.what

    def sent(self, words: Mapping[str, object]) -> dict[str, object]:
        """The fields of the body, filled in."""
        found = json.loads(self.body or "{}")
        return {name: _filled(value, words) for name, value in found.items()}


def _filled(value: object, words: Mapping[str, object]) -> object:
    if isinstance(value, list):
        return [_filled(one, words) for one in value]
    if isinstance(value, str) and value.startswith("$"):
        return words[value[1:]]
    return value


def put_in(text: str, words: Mapping[str, object]) -> str:
    """The text with what stands for each `$name`."""
    return string.Template(text).substitute(words)


def read(file: Path, *, methods: bool) -> list[Row]:
    """The rows of a table. With `methods` a line begins with one."""
    rows: list[Row] = []
    expected: dict[str, dict[str, str]] = {}
    for number, line in enumerate(file.read_text().splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        try:
            if text.startswith("="):
                expected = _expected(text[1:].split())
            else:
                rows.append(_row(text, expected, methods=methods))
        except (ValueError, AssertionError) as wrong:
            raise AssertionError(f"{file.name}:{number}: {text}: {wrong}") from wrong
    return rows


def _expected(words: list[str]) -> dict[str, dict[str, str]]:
    found = {}
    for place, letters in zip(words[::2], words[1::2], strict=True):
        assert len(letters) == len(ACTORS), f"{place} needs {len(ACTORS)} letters"
        assert set(letters) <= LETTERS, f"{place} has letters that mean nothing"
        found[place] = dict(zip(ACTORS, letters, strict=True))
    return found


def _row(text: str, expected: dict[str, dict[str, str]], *, methods: bool) -> Row:
    assert expected, "there is no line with = above"
    head, brace, body = text.partition(" {")
    words = head.split()
    method = words.pop(0) if methods else ""
    what = words.pop(0)
    filled, query = {}, ""
    for word in words:
        if word.startswith("?"):
            query = word
        else:
            name, _, value = word.partition("=")
            filled[name] = value
    row = Row(what, method, expected, filled, query, f"{{{body}" if brace else "")
    json.loads(row.body or "{}")
    return row
