"""Avatars without a picture: the same letters and hue that the client draws (names.js)."""

from __future__ import annotations

import re
from typing import Final

from django import template

register = template.Library()

HUES: Final = 8


@register.filter
def hue(uid: int) -> int:
    """The colour that this person keeps."""
    return uid % HUES


@register.filter
def initials(name: str) -> str:
    """One or two letters of a name."""
    words = [word for word in re.split(r"[\s._-]+", name) if any(map(str.isalnum, word))]
    ends = [words[0], words[-1]] if len(words) > 1 else words[:1]
    return "".join(word[0].upper() for word in ends) or "?"
