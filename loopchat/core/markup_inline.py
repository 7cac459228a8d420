"""What stands in a line: links, mentions, spoilers, escapes; emphasis and code are CommonMark's."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import MutableMapping
from typing import Any

from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter

from loopchat.core.characters import VISIBLE_CHARACTER
from loopchat.core.markup_links import Link, find_links, host_of, href_of
from loopchat.core.markup_mentions import People

_STOP = re.compile(r"[\n\\`*_~|\[<@]")
_NAMED = re.compile(
    r"\[(?P<label>[^\[\]\n]{1,1000})\]"
    r"\((?P<address>(?:[^\s()<>]|\([^\s()<>]*+\))++)\)"
)
_REORDERED = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ESCAPABLE = frozenset("*_~`|[@")
_SHRUG = "¯"
_BAR = ord("|")


class Line:
    """What the rules know about the text that is being read."""

    def __init__(self, text: str, people: People) -> None:
        self.people = people
        self.links = {link.start: link for link in find_links(text)}
        self._starts = list(self.links)

    def next_stop(self, text: str, at: int, limit: int) -> int:
        """Where the next rule may apply."""
        found = _STOP.search(text, at, limit)
        stop = found.start() if found else limit
        if self._starts:
            following = bisect_left(self._starts, at)
            if following < len(self._starts):
                stop = min(stop, self._starts[following])
        return stop


def line_of(env: MutableMapping[str, Any]) -> Line:
    """The line that is being read."""
    line: Line = env["line"]
    return line


def plain(state: StateInline, silent: bool) -> bool:
    """Text up to the next character that may begin something."""
    stop = line_of(state.env).next_stop(state.src, state.pos, state.posMax)
    if stop == state.pos:
        return False
    state.append_pending(state.src[state.pos : stop])
    state.pos = stop
    return True


def newline(state: StateInline, silent: bool) -> bool:
    """Every line break is one, and the spaces around it stay."""
    if state.src[state.pos] != "\n":
        return False
    state.push("hardbreak", "br", 0)
    state.pos += 1
    return True


def escape(state: StateInline, silent: bool) -> bool:
    """A backslash takes the meaning of a sign of ours; before others (`C:\\dir`) and in a
    shrug it is itself."""
    at = state.pos
    if state.src[at] != "\\" or state.src[at + 1 : at + 2] not in _ESCAPABLE:
        return False
    if at and state.src[at - 1] == _SHRUG:
        state.append_pending(state.src[at : at + 2])
    else:
        state.env["escaped"] = True
        state.append_pending(state.src[at + 1])
    state.pos += 2
    return True


def address(state: StateInline, silent: bool) -> bool:
    """A link that stands for itself, also between `<` and `>`."""
    bracket = state.src[state.pos] == "<"
    link = line_of(state.env).links.get(state.pos + bracket)
    if link is None or state.linkLevel or link.end + bracket > state.posMax:
        return False
    if bracket and state.src[link.end : link.end + 1] != ">":
        return False
    _push_link(state, link)
    state.pos = link.end + bracket
    return True


def named_link(state: StateInline, silent: bool) -> bool:
    """`[words](https://…)`, unless the words show another address than the link opens."""
    if state.src[state.pos] != "[" or state.linkLevel:
        return False
    match = _NAMED.match(state.src, state.pos, state.posMax)
    href = href_of(match["address"]) if match else None
    if match is None or href is None or _deceives(match["label"], href):
        return False
    outer = state.posMax
    state.push("link_open", "a", 1).attrs = {"href": href}
    state.linkLevel += 1
    state.pos, state.posMax = match.start("label"), match.end("label")
    state.md.inline.tokenize(state)
    state.linkLevel -= 1
    state.push("link_close", "a", -1)
    state.pos, state.posMax = match.end(), outer
    return True


def mention(state: StateInline, silent: bool) -> bool:
    """`@name` of somebody known, or `@all`; anything else after the sign is text."""
    if state.src[state.pos] != "@" or state.linkLevel:
        return False
    found = line_of(state.env).people.at(state.src, state.pos, state.posMax)
    if found is None:
        return False
    node, end = found
    state.push("mention", "", 0).meta = node
    state.pos = end
    return True


def spoiler(state: StateInline, silent: bool) -> bool:
    """Two bars may begin or end what is hidden until asked for."""
    if state.src[state.pos] != "|":
        return False
    scanned = state.scanDelims(state.pos, True)
    if scanned.length != 2:
        state.append_pending("|" * scanned.length)
    else:
        state.push("text", "", 0).content = "||"
        last = len(state.tokens) - 1
        opens, closes = scanned.can_open, scanned.can_close
        state.delimiters.append(Delimiter(_BAR, 0, last, -1, opens, closes))
    state.pos += scanned.length
    return True


def pair_spoilers(state: StateInline) -> None:
    """Turn the bars that found each other into the ends of a spoiler."""
    _pair(state, state.delimiters)
    for meta in state.tokens_meta:
        if meta:
            _pair(state, meta["delimiters"])


def _pair(state: StateInline, delimiters: list[Delimiter]) -> None:
    for opening in delimiters:
        if opening.marker == _BAR and opening.end >= 0:
            first = state.tokens[opening.token]
            last = state.tokens[delimiters[opening.end].token]
            first.type, first.nesting, first.content = "spoiler_open", 1, ""
            last.type, last.nesting, last.content = "spoiler_close", -1, ""


def _push_link(state: StateInline, link: Link) -> None:
    state.push("link_open", "a", 1).attrs = {"href": link.href}
    state.push("text", "", 0).content = state.src[link.start : link.end]
    state.push("link_close", "a", -1)


def _deceives(label: str, href: str) -> bool:
    if not VISIBLE_CHARACTER.search(label) or _REORDERED.search(label):
        return True
    return any(host_of(shown.href) != host_of(href) for shown in find_links(label))
