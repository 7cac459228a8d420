"""What programs send to an incoming webhook, read into a message.

Ours is `{"message": …}` with our signs. Everything else is read as Slack reads it: `text`,
`blocks`, `attachments`, `username`, `icon_emoji`. What says nothing here (`channel`, `icon_url`,
pictures, colours) is passed over: no tool needs to know that this is another server.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from unicodedata import category

from loopchat.accounts.profiles import clean_display_name
from loopchat.bots import blocks
from loopchat.bots.mrkdwn import link, literal, to_markup
from loopchat.bots.shortcodes import emoji_named
from loopchat.core.emoji import clean_emoji
from loopchat.core.errors import Refused
from loopchat.core.text import MESSAGE_MAX
from loopchat.realtime.events import Guise

ATTACHMENTS_MAX: Final = 100
_CUT: Final = " …"


@dataclass(frozen=True, slots=True)
class Said:
    """A message and how its program wants to be seen."""

    text: str
    guise: Guise | None = None


def read(payload: Mapping[str, Any]) -> Said:
    """The message in an object that a program has sent; its text may be empty."""
    message = payload.get("message")
    if isinstance(message, str):
        return Said(_cut(message), _guise(payload))
    parts = [*_body(payload), *_attached(payload)]
    return Said(_cut("\n".join(part for part in parts if part.strip())), _guise(payload))


def plain(text: str) -> Said:
    """A body that is the text itself, with our signs."""
    return Said(_cut(text))


def _body(payload: Mapping[str, Any]) -> Iterator[str]:
    """The blocks; where there are none that say anything, the text that stands for them."""
    drawn = list(blocks.drawn(payload.get("blocks")))
    if drawn:
        yield from drawn
        return
    text = payload.get("text")
    if isinstance(text, str):
        yield literal(text) if payload.get("mrkdwn") is False else to_markup(text)


def _attached(payload: Mapping[str, Any]) -> Iterator[str]:
    found = payload.get("attachments")
    if not isinstance(found, list):
        return
    if len(found) > ATTACHMENTS_MAX:
        raise Refused("too_large", "At most {n} attachments.", n=ATTACHMENTS_MAX)
    for one in found:
        if isinstance(one, Mapping):
            yield _attachment(one)


def _attachment(one: Mapping[str, Any]) -> str:
    """What leads to it, then what is in it as a quote."""
    inside = "\n".join(line for line in _inside(one) if line.strip())
    if not inside:
        inside = literal(_text(one, "fallback"))
    quoted = "\n".join(f"> {line}" if line.strip() else ">" for line in inside.split("\n"))
    pretext = to_markup(_text(one, "pretext"))
    return "\n".join(part for part in (pretext, quoted if inside.strip() else "") if part)


def _inside(one: Mapping[str, Any]) -> Iterator[str]:
    yield _linked(_text(one, "author_name"), _text(one, "author_link"))
    title = _linked(_text(one, "title"), _text(one, "title_link"))
    yield f"**{title}**" if title else ""
    yield to_markup(_text(one, "text"))
    yield from blocks.drawn(one.get("blocks"))
    fields = one.get("fields")
    for field in fields if isinstance(fields, list) else []:
        if isinstance(field, Mapping):
            name, value = literal(_text(field, "title")), to_markup(_text(field, "value"))
            yield f"**{name}:** {value}" if name else value
    if address := _text(one, "image_url"):
        yield link(address, literal(_text(one, "alt_text") or _text(one, "fallback")))
    yield literal(_text(one, "footer"))


def _linked(words: str, address: str) -> str:
    return link(address, literal(words)) if words and address else literal(words)


def _text(fields: Mapping[str, Any], name: str) -> str:
    """A field as text: numbers are what tools send as values, and mean it."""
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)


def _guise(payload: Mapping[str, Any]) -> Guise | None:
    """A name and an emoji for this message only; what cannot be shown is passed over."""
    name = _name(_text(payload, "username"))
    emoji = _emoji(_text(payload, "icon_emoji"))
    return Guise(name, emoji) if name or emoji else None


def _name(text: str) -> str | None:
    if any(category(sign) == "Cf" for sign in text):  # of no width: it would look like another
        return None
    try:
        return clean_display_name(text) if text.strip() else None
    except Refused:
        return None


def _emoji(text: str) -> str | None:
    try:
        return emoji_named(text) or (clean_emoji(text.strip()) if text.strip() else None)
    except Refused:
        return None


def _cut(text: str) -> str:
    """An alarm that is too long is better short than lost."""
    text = text.strip("\n")
    return text if len(text) <= MESSAGE_MAX else text[: MESSAGE_MAX - len(_CUT)].rstrip() + _CUT
