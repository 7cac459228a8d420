"""Slack's blocks as lines of a message: what they say, not how they are laid out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from loopchat.bots.mrkdwn import link, literal, to_markup
from loopchat.bots.shortcodes import with_pictures

Block = Mapping[str, Any]

NESTED_MAX: Final = 6
"""How deep rich text may be nested; what is deeper is left out."""


def drawn(found: object) -> Iterator[str]:
    """A line or more for each block that says something."""
    for block in _list(found):
        draw = _DRAWN.get(str(block.get("type")))
        text = draw(block) if draw else ""
        if text.strip():
            yield text


def _section(block: Block) -> str:
    fields = [_words(field) for field in _list(block.get("fields"))]
    return "\n".join(text for text in (_words(block.get("text")), *fields) if text.strip())


def _header(block: Block) -> str:
    words = _words(block.get("text"))
    return f"**{words}**" if words else ""


def _context(block: Block) -> str:
    return " · ".join(text for one in _list(block.get("elements")) if (text := _element(one)))


def _element(one: Block) -> str:
    is_image = one.get("type") == "image"
    return literal(str(one.get("alt_text") or "")) if is_image else _words(one)


def _image(block: Block) -> str:
    title = _words(block.get("title")) or literal(str(block.get("alt_text") or ""))
    return link(str(block.get("image_url") or ""), title)


def _actions(block: Block) -> str:
    """Buttons that lead somewhere; the others would need an answer."""
    buttons = [one for one in _list(block.get("elements")) if isinstance(one.get("url"), str)]
    return " · ".join(link(one["url"], _words(one.get("text"))) for one in buttons)


def _rich(block: Block) -> str:
    return "".join(_spoken(block, NESTED_MAX)).strip("\n")


def _spoken(node: Block, depth: int) -> Iterator[str]:
    kind = str(node.get("type"))
    if isinstance(node.get("url"), str):
        yield link(node["url"], literal(str(node.get("text") or "")))
    elif kind == "emoji":
        yield with_pictures(f":{node.get('name')}:")
    elif kind == "broadcast":
        yield "@all"
    elif isinstance(node.get("text"), str):
        yield literal(node["text"])
    for one in _list(node.get("elements")) if depth else []:
        yield from _spoken(one, depth - 1)
    if kind.startswith("rich_text_"):
        yield "\n"


def _words(text: object) -> str:
    """A text object; its type says whether signs mean something."""
    if not isinstance(text, Mapping) or not isinstance(text.get("text"), str):
        return ""
    is_plain = text.get("type") == "plain_text"
    return literal(text["text"]) if is_plain else to_markup(text["text"])


def _list(found: object) -> list[Block]:
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


_DRAWN: Final[dict[str, Callable[[Block], str]]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "image": _image,
    "actions": _actions,
    "rich_text": _rich,
    "divider": lambda _: "",
}
