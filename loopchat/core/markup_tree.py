"""From the tokens of the parser to the tree that is sent: plain JSON values within fixed bounds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from markdown_it.token import Token

from loopchat.core.markup_code import Highlighter

# A string is text; anything else is an object whose `t` says what it is.
Node = str | dict[str, Any]

DEPTH_MAX = 8
NODES_MAX = 2000

_CONTAINERS = {
    "blockquote": "quote",
    "bullet_list": "ul",
    "ordered_list": "ol",
    "strong": "b",
    "em": "i",
    "s": "s",
    "spoiler": "spoiler",
    "link": "a",
}


class TooManyNodes(Exception):
    """The tree would have more nodes than anybody writes by hand."""


class Builder:
    """Grows the tree; what is nested too deeply keeps its text and loses its form."""

    def __init__(self) -> None:
        self.root: list[Node] = []
        self._open: list[dict[str, Any]] = [{"c": self.root}]
        self._kept: list[bool] = []
        self._depth = 0
        self._nodes = 0
        self._marker = ""
        self._code = Highlighter()

    def add(self, token: Token) -> None:
        """Take in what comes next in the text."""
        name, _, end = token.type.rpartition("_")
        if end == "close":
            self._leave()
        elif end != "open":
            self._leaf(token)
        elif name == "paragraph":
            self._enter({"t": "p", "c": []})
            self._text(self._marker)
            self._marker = ""
        elif name == "list_item":
            self._enter_item(token)
        else:
            self._enter_container(_CONTAINERS[name], token)

    def add_all(self, tokens: Iterable[Token]) -> None:
        """Take in what stands within a paragraph."""
        for token in tokens:
            self.add(token)

    def _enter(self, node: dict[str, Any]) -> None:
        self._push(node)
        self._open.append(node)
        self._kept.append(True)

    def _enter_container(self, kind: str, token: Token) -> None:
        if self._depth >= DEPTH_MAX:
            self._kept.append(False)
            return
        node: dict[str, Any] = {"t": kind}
        if kind == "a":
            node["href"] = token.attrs["href"]
        elif kind == "ol":
            node["start"] = int(token.attrs.get("start", 1))
        self._enter(node | {"c": []})
        self._depth += 1

    def _enter_item(self, token: Token) -> None:
        """The items of a list that lies too deep become paragraphs with their markers."""
        if self._kept[-1]:
            self._renumber(token)
            self._enter({"t": "li", "c": []})
        else:
            self._kept.append(False)
            self._marker = f"{token.info}{token.markup} "

    def _renumber(self, token: Token) -> None:
        """Numbers stay as they were typed: one out of turn begins another list."""
        before = self._open[-1]
        number = int(token.info) if token.info else 0
        if before["t"] == "ol" and number != before["start"] + len(before["c"]):
            self._open.pop()
            node = {"t": "ol", "start": number, "c": []}
            self._push(node)
            self._open.append(node)

    def _leave(self) -> None:
        if self._kept.pop() and self._open.pop()["t"] not in ("p", "li"):
            self._depth -= 1

    def _leaf(self, token: Token) -> None:
        if token.type == "text":
            self._text(token.content)
        elif token.type == "hardbreak":
            self._push({"t": "br"})
        elif token.type == "code_inline" and not token.content.strip():
            self._text(f"{token.markup}{token.content}{token.markup}")
        elif token.type == "code_inline":
            self._push({"t": "code", "v": token.content})
        elif token.type == "mention":
            self._push(dict(token.meta))
        elif token.type == "fence":
            self._pre(token)

    def _pre(self, token: Token) -> None:
        language = {"lang": token.info.lower()} if token.info else {}
        pieces = self._code.pieces(token.content, token.info)
        self._push({"t": "pre", **language, "c": pieces})
        self._count(len(pieces))

    def _text(self, text: str) -> None:
        inside = self._open[-1]["c"]
        if text and inside and isinstance(inside[-1], str):
            inside[-1] += text
        elif text:
            self._push(text)

    def _push(self, node: Node) -> None:
        self._count(1)
        self._open[-1]["c"].append(node)

    def _count(self, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > NODES_MAX:
            raise TooManyNodes
