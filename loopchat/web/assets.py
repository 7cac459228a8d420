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

from loopchat.web import packing

_HERE: Final = Path(__file__).parent
_STATIC: Final = _HERE / "static"
_WORDS: Final = _HERE / "words"

_SITE: Final = ("reset", "tokens", "base", "parts", "form", "card")
_SHELL: Final = (
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
    "people",
    "attention",
)
SHEETS: Final = {"site": _SITE, "client": _SHELL}
"""Which sheets travel together: those of every page, and those of the client beside them."""


_CLIENT: Final = _STATIC / "loopchat"


def modules(screen: str) -> list[str]:
    """The addresses of the modules that a page begins with: it fetches them at once.

    `screen` is what stands beside the list: "room", "invitation", "people" or "lobby"; "beside" is
    any other page.
    """
    names = [packing.ENTRY, *(name for name in _packed().first if name.startswith("vendor/"))]
    if screen == "beside":
        names += ["js/beside.js", "js/elements/conversations.js"]
    elif screen != "room":
        names.append(f"js/elements/{screen}.js")
    return [static(f"loopchat/{name}") for name in names]


def served(name: str) -> str | None:
    """What is served in place of a static file of this name; None where it is the file itself."""
    sheet = SHEETS.get(name.removeprefix("loopchat/css/").removesuffix(".css"))
    if sheet and name.endswith(".css"):
        return _sheet(sheet)
    return _packed().texts.get(name.removeprefix("loopchat/"))


@cache
def _packed() -> packing.Packed:
    return packing.modules(_CLIENT)


@cache
def _sheet(names: tuple[str, ...]) -> str:
    return packing.sheet(_CLIENT / "css", names)


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
