"""A tree of rich text as plain text, and whom it mentions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loopchat.core.markup_tree import Node

# As long for each: the length of a spoiler may tell what it is.
HIDDEN = "█████"


def flat(tree: list[Node], *, reveal: bool = False) -> str:
    """What a preview or a notification says; spoilers stay hidden unless they may be revealed."""
    return "\n".join(_lines(tree, reveal))


def people_in(tree: list[Node] | None) -> set[int]:
    """The ids of those whom it mentions."""
    return {node["uid"] for node in _nodes(tree or []) if node["t"] == "at"}


def everyone_in(tree: list[Node] | None) -> bool:
    """Whether it calls everybody."""
    return any(node["t"] == "all" for node in _nodes(tree or []))


def _nodes(tree: list[Node]) -> Iterator[dict[str, Any]]:
    for node in tree:
        if isinstance(node, dict):
            yield node
            yield from _nodes(node.get("c", []))


def _lines(blocks: list[Node], reveal: bool) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, str):
            yield block
        elif block["t"] in ("p", "pre"):
            yield _inline(block["c"], reveal)
        elif block["t"] == "quote":
            text = "\n".join(_lines(block["c"], reveal))
            yield "> " + text.replace("\n", "\n> ")
        else:
            yield from _items(block, reveal)


def _items(block: dict[str, Any], reveal: bool) -> Iterator[str]:
    for index, item in enumerate(block["c"]):
        marker = f"{block['start'] + index}." if block["t"] == "ol" else "•"
        yield f"{marker} " + "\n".join(_lines(item["c"], reveal))


def _inline(nodes: list[Node], reveal: bool) -> str:
    return "".join(node if isinstance(node, str) else _words(node, reveal) for node in nodes)


def _words(node: dict[str, Any], reveal: bool) -> str:
    match node["t"]:
        case "br":
            return "\n"
        case "all":
            return "@all"
        case "at":
            return f"@{node['v']}"
        case "code" | "tok":
            return str(node["v"])
        case "spoiler" if not reveal:
            return HIDDEN
        case _:
            return _inline(node["c"], reveal)
