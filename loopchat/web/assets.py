"""The parts of the client's page: its modules, its sheets and its words."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Final

from django.templatetags.static import static
from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.utils.translation import get_language

_HERE: Final = Path(__file__).parent
_STATIC: Final = _HERE / "static"
_WORDS: Final = _HERE / "words"

_SHEETS: Final = (
    "shell",
    "avatar",
    "row",
    "menu",
    "dialog",
    "sidebar",
    "conversation",
    "timeline",
    "message",
    "rich",
    "kept",
    "compact",
    "composer",
    "writing",
    "lobby",
    "details",
    "attention",
)


@cache
def modules() -> list[str]:
    """The addresses of all modules: the browser fetches them at once, not one after the other."""
    client = _STATIC / "loopchat"
    found = sorted(client.glob("js/**/*.js")) + sorted(client.glob("vendor/*.js"))
    return [static(path.relative_to(_STATIC).as_posix()) for path in found]


@cache
def sheets() -> list[str]:
    """The addresses of the client's sheets, beside those of every page."""
    return [static(f"loopchat/css/{name}.css") for name in _SHEETS]


def words() -> SafeString:
    """The catalogue of the client in the language of the page; English stands in the code."""
    return json_script(_catalogue(get_language() or "en"), "loopchat-words")


@cache
def _catalogue(language: str) -> dict[str, str | dict[str, str]]:
    path = _WORDS / f"{language}.json"
    if not path.is_file():
        return {}
    found: dict[str, str | dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return found
