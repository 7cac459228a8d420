"""Emoji by the names that programs call them: those that machines are fond of."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

_SHORTCODE: Final = re.compile(r":([a-z0-9_+-]{1,40}):")

_WORDS: Final = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").split()
_EMOJI: Final = dict(zip(_WORDS[::2], _WORDS[1::2], strict=True))


def emoji_named(text: str) -> str | None:
    """The emoji of `:name:`; None for a name that nobody here knows."""
    found = _SHORTCODE.fullmatch(text.strip())
    return None if found is None else _EMOJI.get(found[1])


def with_pictures(text: str) -> str:
    """A text with the emoji in the place of their names; other names stay."""
    return _SHORTCODE.sub(lambda found: _EMOJI.get(found[1], found[0]), text)
