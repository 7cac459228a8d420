"""Mentions: `@name` and `@all`, where the sign does not belong to the word before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from loopchat.core.characters import is_letter_or_digit, is_mark
from loopchat.core.names import NAME_MAX, name_key

ALL = "all"
MENTIONS_MAX = 50

# A name may be written with its marks apart from its letters: so much of a text may be one.
_WRITTEN_MAX = 4 * NAME_MAX
_SIGNS = "._-"


class Candidate(NamedTuple):
    """What may be a name: its key and where its last character is followed by something else."""

    key: str
    end: int


def candidates_at(text: str, at: int, limit: int) -> list[Candidate]:
    """What the sign at that place may name, the longest first; dots after a name end a sentence."""
    if at and _belongs_to_word(text[at - 1]):
        return []
    end = _end_of_name(text, at + 1, min(limit, at + 2 + _WRITTEN_MAX))
    if end - at > _WRITTEN_MAX:
        return []
    written = text[at + 1 : end]
    spellings = dict.fromkeys((written.rstrip("."), written.rstrip(_SIGNS)))
    return [Candidate(name_key(name), at + 1 + len(name)) for name in spellings if name]


def mentioned(text: str) -> set[str]:
    """The keys of what may be names after an `@`, the first fifty: whom to look up for `parse`."""
    keys: set[str] = set()
    for at in _places(text):
        keys.update(candidate.key for candidate in candidates_at(text, at, len(text)))
        keys.discard(ALL)
        if len(keys) >= MENTIONS_MAX:
            return set(sorted(keys)[:MENTIONS_MAX]) if len(keys) > MENTIONS_MAX else keys
    return keys


def may_mention_all(text: str) -> bool:
    """Whether `@all` stands anywhere, be it in code."""
    return any(
        candidate.key == ALL
        for at in _places(text)
        for candidate in candidates_at(text, at, len(text))
    )


class People:
    """Whom a text may mention, found by the names that it is written with."""

    def __init__(self, people: Mapping[str, tuple[int, str]], *, everyone: bool) -> None:
        self._people = people
        self._everyone = everyone

    def at(self, text: str, at: int, limit: int) -> tuple[dict[str, str | int], int] | None:
        """The node for the mention at that place, and where it ends."""
        for key, end in candidates_at(text, at, limit):
            if key == ALL and self._everyone:
                return {"t": "all"}, end
            person = self._people.get(key)
            if person is not None:
                return {"t": "at", "uid": person[0], "v": person[1]}, end
        return None


def _places(text: str) -> Iterator[int]:
    at = text.find("@")
    while at >= 0:
        yield at
        at = text.find("@", at + 1)


def _belongs_to_word(character: str) -> bool:
    return is_letter_or_digit(character) or is_mark(character)


def _end_of_name(text: str, start: int, limit: int) -> int:
    end = start
    while end < limit and (text[end] in _SIGNS or _belongs_to_word(text[end])):
        end += 1
    return end
