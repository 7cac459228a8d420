"""Colours for code: which words are keywords, strings, comments; within what a message is worth.

Lexers are patterns that somebody wrote for honest files, and most of them need quadratic time for
hostile ones. So only well-tried ones run, on a limited length, and one that takes too long all
the same is left: then the code is one plain string.
"""

from __future__ import annotations

import re
import time
from functools import cache
from typing import Any

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String

Piece = str | dict[str, Any]

CODE_MAX = 4000
PIECES_MAX = 1000
SECONDS_MAX = 0.02

# What people call a language after the backticks, and the lexer for it.
_LEXERS = {
    "bash": "bash sh shell zsh",
    "c": "c h",
    "cpp": "cpp c++ cc hpp",
    "csharp": "csharp c# cs",
    "css": "css",
    "diff": "diff patch",
    "docker": "docker dockerfile",
    "go": "go golang",
    "html": "html",
    "java": "java",
    "javascript": "javascript js jsx mjs node",
    "json": "json",
    "kotlin": "kotlin kt",
    "lua": "lua",
    "make": "make makefile",
    "nginx": "nginx",
    "php": "php",
    "python": "python py python3",
    "ruby": "ruby rb",
    "rust": "rust rs",
    "scss": "scss",
    "sql": "sql postgresql postgres sqlite mysql",
    "swift": "swift",
    "toml": "toml",
    "typescript": "typescript ts tsx",
    "xml": "xml svg",
    "yaml": "yaml yml",
}
LANGUAGES = {alias: name for name, aliases in _LEXERS.items() for alias in aliases.split()}

# The kinds that are drawn in a colour of their own; what is of no kind is plain.
_KINDS = {
    Comment: "com",
    Generic.Deleted: "del",
    Generic.Inserted: "add",
    Generic.Subheading: "com",
    Keyword: "kw",
    Keyword.Type: "type",
    Name.Attribute: "name",
    Name.Builtin: "fn",
    Name.Class: "type",
    Name.Decorator: "name",
    Name.Function: "fn",
    Name.Namespace: "type",
    Name.Tag: "kw",
    Name.Variable: "name",
    Number: "num",
    Operator.Word: "kw",
    String: "str",
}
KINDS = frozenset(_KINDS.values())

# Long blank stretches are what the patterns for the start of a line stumble over.
_BLANK_STRETCH = re.compile(r"\s{100}")


class Highlighter:
    """Colours the code of one message while it has characters and time left for that."""

    def __init__(self) -> None:
        self._characters = CODE_MAX
        self._seconds = SECONDS_MAX

    def pieces(self, code: str, language: str) -> list[Piece]:
        """The code in order: strings, and objects for what has a colour."""
        name = LANGUAGES.get(language.lower())
        self._characters -= len(code)
        if not name or self._characters < 0 or self._seconds <= 0 or _BLANK_STRETCH.search(code):
            return [code]
        lexer = _lexer(name)
        began = time.thread_time()
        pieces = _coloured(code, lexer, began + self._seconds)
        self._seconds -= time.thread_time() - began
        return [code] if pieces is None else pieces


@cache
def _lexer(name: str) -> Lexer:
    return get_lexer_by_name(name, stripnl=False, ensurenl=False)


@cache
def _kind(token: Any) -> str | None:
    while token is not None:
        if token in _KINDS:
            return _KINDS[token]
        token = token.parent
    return None


def _coloured(code: str, lexer: Lexer, deadline: float) -> list[Piece] | None:
    """None when it takes too long, falls into too many pieces or would change the code."""
    runs: list[tuple[str | None, list[str]]] = []
    # Comments to the end of the line want one, also on the last.
    for _, token, text in lexer.get_tokens_unprocessed(code + "\n"):
        kind = _kind(token)
        # White space belongs to what stands before it, neighbours of one kind belong together.
        if runs and (kind == runs[-1][0] or not text or text.isspace()):
            runs[-1][1].append(text)
        elif text:
            runs.append((kind, [text]))
        if len(runs) > PIECES_MAX or time.thread_time() > deadline:
            return None
    pieces = [(kind, "".join(texts)) for kind, texts in runs]
    if "".join(text for _, text in pieces) != code + "\n":
        return None
    last, text = pieces.pop()
    pieces.append((last, text[:-1]))
    return [{"t": "tok", "k": kind, "v": text} if kind else text for kind, text in pieces if text]
