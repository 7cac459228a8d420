"""Blocks of a message: fenced code, quotes, lists and paragraphs.

They follow CommonMark where that keeps what people typed, and differ where a messenger must:
a line belongs to a quote or a list item only when it is marked or indented as such, a marker
without anything after it is text, and a fence that nobody closed is text.
"""

from __future__ import annotations

import re

from markdown_it.rules_block import StateBlock, blockquote, list_block

from loopchat.core.markup_code import LANGUAGES

_FENCE = re.compile(r"(`{3,})[ \t]*([\w+#.-]{0,20})[ \t]*(?=[^`]*$)")
_QUOTE = re.compile(r">++[ \t][> \t]*+\S")
_ITEM = re.compile(r"(?:[-*]|[0-9]{1,9}[.)])[ \t]+\S")


def fence(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Code between two lines of at least three backticks; words after the first are code too."""
    opening = _FENCE.match(_line(state, start))
    closing = _closing(state, start, end, len(opening[1])) if opening else None
    if opening is None or closing is None:
        return False
    language, code = _fenced(state, start, closing, opening)
    if not code.strip():
        return False
    if not silent:
        token = state.push("fence", "code", 0)
        token.info, token.content = language, code
        state.line = closing + 1
    return True


def quote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Lines after `>`; the space after the first sign tells a quote from a face such as `>:(`."""
    return bool(_QUOTE.match(_line(state, start))) and blockquote(state, start, end, silent)


def items(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A list: `-`, `*` or a number before something."""
    return bool(_ITEM.match(_line(state, start))) and list_block(state, start, end, silent)


def unmarked(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """End a quote at the first line without its sign."""
    return silent


def paragraph(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Lines up to an empty one, one outside of the item, or another block."""
    rules = state.md.block.ruler.getRules("paragraph")
    before, state.parentType = state.parentType, "paragraph"
    line = start + 1
    while line < state.lineMax and not (
        state.isEmpty(line)
        or state.sCount[line] < state.blkIndent
        or any(rule(state, line, state.lineMax, True) for rule in rules)
    ):
        line += 1
    state.parentType = before
    state.line = line
    state.push("paragraph_open", "p", 1)
    token = state.push("inline", "", 0)
    token.content = state.getLines(start, line, state.blkIndent, False).rstrip(" \t\n")
    state.push("paragraph_close", "p", -1)
    return True


def _line(state: StateBlock, line: int) -> str:
    """The text of a line within the blocks around it, from its first visible character."""
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _closing(state: StateBlock, start: int, end: int, length: int) -> int | None:
    """The line that closes a fence; a search that failed once is not made again for later lines."""
    failed: set[tuple[int, int, int]] = state.env["unclosed"]
    search = (length, end, state.blkIndent)
    if search in failed:
        return None
    mark = "`" * length
    for line in range(start + 1, end):
        if state.sCount[line] < state.blkIndent and not state.isEmpty(line):
            return None
        if _line(state, line).rstrip(" \t").endswith(mark):
            return line
    failed.add(search)
    return None


def _fenced(state: StateBlock, start: int, closing: int, opening: re.Match[str]) -> tuple[str, str]:
    """The language and the code; code may begin and end on the lines with the backticks."""
    indent = state.sCount[start]
    first = _line(state, start)[opening.end(1) :].strip(" \t")
    last = state.getLines(closing, closing + 1, indent, False).rstrip(" \t").rstrip("`").rstrip()
    code = [state.getLines(start + 1, closing, indent, False)] if closing > start + 1 else []
    language = ""
    if first == opening[2] and (first.lower() in LANGUAGES or not last):
        language = first
    elif first:
        code.insert(0, first)
    return language, "\n".join([*code, last] if last else code)
