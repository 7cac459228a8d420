"""Patterns of addresses, as people read them in the log."""

from __future__ import annotations

import re
from typing import Final

_CONVERTED: Final = re.compile(r"<\w+:")
_GROUP: Final = re.compile(r"\((?:\?P<(\w+)>|\?:)?(?:\[[^\]]*\]|[^()\[\]])*\)[?*+]?")
_ANCHOR: Final = re.compile(r"\^|\$|\\Z|\\A")


def readable(route: str) -> str:
    """`users/<key>/`, of a path of Django as of a regular expression."""
    named = _CONVERTED.sub("<", route)
    before = None
    while before != named:  # groups stand in groups: the innermost go first
        before, named = named, _GROUP.sub(lambda found: f"<{found[1]}>" if found[1] else "…", named)
    return _ANCHOR.sub("", named).replace("\\", "")
