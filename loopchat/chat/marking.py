"""What a text says beyond its characters: formatting, and who is named in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from loopchat.accounts.models import User
from loopchat.core import markup


@dataclass(frozen=True, slots=True)
class Marked:
    """The parsed text as JSON (None when plain), the people named, and whether all are."""

    rich: str | None = None
    people: frozenset[int] = frozenset()
    for_all: bool = False


PLAIN: Final = Marked()


def is_quick(text: str) -> bool:
    """Whether `mark` needs no database and no time: the text cannot be anything but plain."""
    return not markup.is_marked(text)


def mark(text: str) -> Marked:
    """Parse a cleaned text. One query when it may name somebody."""
    if is_quick(text):
        return PLAIN
    names = markup.mentioned(text)
    people = _people(names) if names else {}
    tree = markup.parse(text, people)
    if tree is None:
        return PLAIN
    rich = json.dumps(tree, ensure_ascii=False, separators=(",", ":"))
    return Marked(rich, frozenset(markup.people_in(tree)), markup.everyone_in(tree))


def preview(body: str, rich: str | None, most: int) -> str:
    """The beginning of a message as plain text; spoilers stay hidden."""
    return (body if rich is None else markup.flat(json.loads(rich)))[:most]


def _people(names: set[str]) -> dict[str, tuple[int, str]]:
    rows = User.objects.filter(username_key__in=names, is_active=True)
    return {key: (pk, name) for key, pk, name in rows.values_list("username_key", "pk", "username")}
