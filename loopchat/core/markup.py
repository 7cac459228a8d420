"""Rich text: what people write with signs, read into a tree of plain JSON values.

The tree has no HTML; a client draws it node by node. Its root is a list of blocks: `p`, `quote`,
`ul`, `ol` (with `start`), `li`, `pre` (with `lang` when given, and `tok`s of a kind `k`). Inside
a paragraph stand strings, `b`, `i`, `s`, `spoiler`, `code`, `a` (with `href`), `at` (somebody, by
`uid` and name `v`), `all` and `br`. All text is kept: whatever is too large, too deep or doubtful
is text. Reading takes linear time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from loopchat.core import markup_blocks, markup_inline
from loopchat.core.markup_flat import everyone_in, flat, people_in
from loopchat.core.markup_mentions import People, may_mention_all, mentioned
from loopchat.core.markup_tree import Builder, Node, TooManyNodes

__all__ = [
    "Node",
    "everyone_in",
    "flat",
    "is_marked",
    "mentioned",
    "mentions_all",
    "parse",
    "people_in",
]

# Beyond these a text comes from a program or an attack, and is shown as it is.
LINES_MAX = 1000
BLOCKS_MAX = 400
SIGNS_MAX = 1000
_LEVELS_MAX = 40

_START = re.compile(r"[ \t]*(?:>|[-*][ \t]|[0-9]{1,9}[.)][ \t])")
# That each alternative begins in one set of characters is what makes the search fast.
_MARK = re.compile(
    r"[*_~`|\\\[@.:\n](?:(?<=[*_~`|\\\[@])"
    r"|(?<=\.)[^\W\d_]{2}|(?<=:)//|(?<=\n)[ \t]*(?:>|-[ \t]|[0-9]{1,9}[.)][ \t]))"
)
_BLOCK = re.compile(r"^[ \t>]*+(?:(?<=>)|[-*][ \t]|[0-9]{1,9}[.)][ \t]|`{3})", re.MULTILINE)
_SIGN = re.compile(r"[*_~`|\[<@\\]")


def is_marked(text: str) -> bool:
    """Whether `parse` may find more than plain text; quick, and sometimes wrongly true."""
    return _MARK.search(text) is not None or _START.match(text) is not None


def mentions_all(text: str) -> bool:
    """Whether everybody in the room is called, by `@all` outside of code and links."""
    return may_mention_all(text) and everyone_in(parse(text, {}))


def parse(
    text: str, people: Mapping[str, tuple[int, str]], *, everyone: bool = True
) -> list[Node] | None:
    """The tree of a message, or None when it is plain.

    `people` are those who may be mentioned: who and under which name, by the `name_key` of that.
    Without `everyone`, `@all` is text.
    """
    if not is_marked(text) or _is_huge(text):
        return None
    env: dict[str, Any] = {"unclosed": set()}
    blocks: list[Token] = []
    _PARSER.block.parse(text, _PARSER, env, blocks)
    if any(token.level >= _LEVELS_MAX - 1 for token in blocks) or _signs(blocks) > SIGNS_MAX:
        return None
    try:
        root = _tree(blocks, env, People(people, everyone=everyone))
    except TooManyNodes:
        return None
    return root if "escaped" in env or not _is_plain(root) else None


def _is_huge(text: str) -> bool:
    if text.count("\n") >= LINES_MAX:
        return True
    return sum(1 for _ in _BLOCK.finditer(text)) > BLOCKS_MAX


def _signs(blocks: list[Token]) -> int:
    return sum(len(_SIGN.findall(token.content)) for token in blocks if token.type == "inline")


def _tree(blocks: list[Token], env: dict[str, Any], people: People) -> list[Node]:
    builder = Builder()
    for token in blocks:
        if token.type == "inline":
            env["line"] = markup_inline.Line(token.content, people)
            builder.add_all(_PARSER.inline.parse(token.content, _PARSER, env, []))
        else:
            builder.add(token)
    return builder.root


def _is_plain(root: list[Node]) -> bool:
    """Whether it holds nothing but text and line breaks."""
    return all(
        isinstance(block, dict)
        and block["t"] == "p"
        and all(isinstance(node, str) or node["t"] == "br" for node in block["c"])
        for block in root
    )


def _parser() -> MarkdownIt:
    """Emphasis, strikes and code spans are the library's; the other rules are ours."""
    parser = MarkdownIt("zero", {"maxNesting": _LEVELS_MAX})
    block, inline = parser.block.ruler, parser.inline.ruler
    block.at("fence", markup_blocks.fence, {"alt": ["paragraph", "blockquote", "list"]})
    block.at("blockquote", markup_blocks.quote, {"alt": ["paragraph", "blockquote", "list"]})
    block.at("list", markup_blocks.items, {"alt": ["paragraph", "blockquote"]})
    block.before("paragraph", "unmarked", markup_blocks.unmarked, {"alt": ["blockquote"]})
    block.at("paragraph", markup_blocks.paragraph)
    block.enableOnly(["fence", "blockquote", "list", "unmarked", "paragraph"])
    inline.at("text", markup_inline.plain)
    inline.at("newline", markup_inline.newline)
    inline.at("escape", markup_inline.escape)
    inline.at("link", markup_inline.named_link)
    inline.at("autolink", markup_inline.address)
    inline.push("mention", markup_inline.mention)
    inline.push("spoiler", markup_inline.spoiler)
    theirs = ("backticks", "strikethrough", "emphasis")
    inline.enableOnly(
        ["text", "newline", "escape", *theirs, "link", "autolink", "mention", "spoiler"]
    )
    pairs = parser.inline.ruler2
    pairs.before("fragments_join", "spoiler", markup_inline.pair_spoilers)
    pairs.enableOnly(["balance_pairs", "strikethrough", "emphasis", "spoiler", "fragments_join"])
    return parser


_PARSER = _parser()
