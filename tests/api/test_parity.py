"""What the web client can do, programs can do too: the table parity.txt against the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django.urls import URLResolver, get_resolver

from loopchat.gateway.commands import TABLE
from tests.api.test_matrix import ALL

_ROW = re.compile(r"(socket|page) (\S+) (=|:) (.+)")
ROWS = [
    _ROW.fullmatch(line)
    for line in Path(__file__).with_name("parity.txt").read_text().splitlines()
    if line and not line.startswith("#")
]
OPERATIONS = {name.replace(" ", " /", 1) for name in ALL}


def named(kind: str) -> list[str]:
    """What the table has rows for."""
    return [found[2] for found in ROWS if found is not None and found[1] == kind]


def pages(resolver: URLResolver, space: str = "") -> Iterator[str]:
    """The name of each address of the site."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{entry.namespace}:" if entry.namespace else ""
            yield from pages(entry, space + inner)
        elif entry.name:
            yield space + entry.name


def test_each_line_is_a_row() -> None:
    assert None not in ROWS
    assert len(set(named("page"))) == len(named("page"))


def test_each_command_has_its_operation() -> None:
    assert named("socket") == list(TABLE)


def test_each_page_has_its_operation() -> None:
    rows = named("page")
    wide = tuple(one.removesuffix("*") for one in rows if one.endswith("*"))
    there = set(pages(get_resolver()))
    assert {one for one in there if not one.startswith(wide)} == {
        one for one in rows if not one.endswith("*")
    }
    assert not [one for one in wide if not any(name.startswith(one) for name in there)]


def test_the_operations_are_there() -> None:
    wanted = {found[4] for found in ROWS if found is not None and found[3] == "="}
    assert wanted - OPERATIONS == set()
