"""The signs that programs write for Slack, put into ours.

There `*bold*` has one star, `<https://x|words>` is a link, `<!channel>` calls everybody, and `&`,
`<` and `>` are written `&amp;`, `&lt;` and `&gt;`. Quotes, code and `_italic_` are written as here;
so are our own signs for bold and strike, which pass. Everything is linear in the length of a text.
"""

from __future__ import annotations

import re
from typing import Final

from loopchat.bots.shortcodes import with_pictures

_CODE: Final = re.compile(r"(```(?:[^`]|`(?!``))*+```|`[^`\n]++`)")
_ANGLES: Final = re.compile(r"<([^<>\n]{1,3000})>")
_BOLD: Final = re.compile(r"(?<![\w*\\])\*(?![\s*])([^*\n]*[^*\s])\*(?![\w*])")
_STRIKE: Final = re.compile(r"(?<![\w~\\])~(?![\s~])([^~\n]*[^~\s])~(?![\w~])")
_KEPT: Final = re.compile("\0([0-9]+)\0")
_SIGN: Final = re.compile(r"[*~`\[@]|(?<!\w)_|_(?!\w)|\|(?=\|)")
_LINKED: Final = ("http://", "https://", "mailto:")
_EVERYBODY: Final = ("!channel", "!here", "!everyone")


def to_markup(text: str) -> str:
    """A text in Slack's signs as one in ours."""
    if "\0" in text:  # cannot be stored, and is what keeps links in their places below
        return text
    parts = _CODE.split(text)
    return "".join(_code(part) if at % 2 else _words(part) for at, part in enumerate(parts))


def literal(text: str) -> str:
    """A text without any signs, so that all its characters are shown."""
    return with_pictures(_SIGN.sub(lambda sign: "\\" + sign[0], unescaped(text)))


def link(address: str, words: str) -> str:
    """A link with words of its own, where it may be one; else words and address."""
    address = unescaped(address).strip()
    shown = " ".join(words.replace("\\[", "(").replace("[", "(").replace("]", ")").split())
    if not address.startswith(_LINKED) or re.search(r"[\s<>]", address):
        return shown or address
    if not shown or shown == address:
        return address.removeprefix("mailto:")
    return f"[{shown}]({address.replace('(', '%28').replace(')', '%29')})"


def unescaped(text: str) -> str:
    """The three characters that are written as entities; the ampersand last, as it was first."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _words(text: str) -> str:
    """Links are set aside, so that no sign in them is taken for one."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(_meant(found[1]))
        return f"\0{len(kept) - 1}\0"

    text = _ANGLES.sub(keep, text)
    text = _STRIKE.sub(r"~~\1~~", _BOLD.sub(r"**\1**", text))
    return _KEPT.sub(lambda found: kept[int(found[1])], with_pictures(unescaped(text)))


def _code(text: str) -> str:
    """In code a link is its words, and signs are characters."""
    return unescaped(_ANGLES.sub(lambda found: found[1].rpartition("|")[2], text))


def _meant(inside: str) -> str:
    """What stands between two angles: somebody, a room, everybody, a moment or a link."""
    target, _, words = inside.partition("|")
    if target in _EVERYBODY:
        return "@all"
    if target[:1] == "@":
        return "@" + unescaped(words.removeprefix("@") or target[1:])
    if target[:1] == "#":
        return "#" + unescaped(words.removeprefix("#") or target[1:])
    if target[:1] == "!":
        return unescaped(words)
    if target.startswith(_LINKED):
        return link(target, unescaped(words))
    return f"<{unescaped(inside)}>"
