"""Text that people write: cleaned and limited once, on the way in; what is stored is what was sent.

Every function is linear in the length of its input.
"""

from __future__ import annotations

import re

from loopchat.core.characters import INVISIBLE, VISIBLE_CHARACTER
from loopchat.core.emoji import clean_emoji
from loopchat.core.errors import Refused
from loopchat.core.names import (
    NAME_MAX,
    RESERVED_SLUGS,
    ROOM_NAME_MAX,
    SLUG_MAX,
    TOPIC_MAX,
    clean_name,
    clean_room_name,
    clean_topic,
    name_key,
    slug_from,
)

__all__ = [
    "MESSAGE_MAX",
    "NAME_MAX",
    "RESERVED_SLUGS",
    "ROOM_NAME_MAX",
    "SLUG_MAX",
    "TOPIC_MAX",
    "clean_emoji",
    "clean_message",
    "clean_name",
    "clean_room_name",
    "clean_topic",
    "name_key",
    "slug_from",
]

MESSAGE_MAX = 8000

# Everything but tab, newline and carriage return below the space, and halves of surrogate pairs.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_LEADING_BLANK_LINES = re.compile(r"(?:[^\S\n]*+\n)++")
# A message that needs no look at its parts: begins and ends visibly, nothing forbidden in between.
_ORDINARY = re.compile(
    rf"[^{INVISIBLE}\ud800-\udfff](?:[^\x00-\x08\x0b-\x1f\ud800-\udfff]*[^\s\x00-\x1f\ud800-\udfff])?"
)


def clean_message(text: str) -> str:
    """The text as it is stored: no blank lines before, no white space after it, `\\n` for lines."""
    if len(text) <= MESSAGE_MAX and _ORDINARY.fullmatch(text):
        return text
    if _FORBIDDEN.search(text):
        raise Refused(
            "bad_request", "The message has characters that cannot be stored.", field="message"
        )
    return _visible(_trimmed(text))


def _trimmed(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip()
    blank = _LEADING_BLANK_LINES.match(lines)
    return lines[blank.end() :] if blank else lines


def _visible(text: str) -> str:
    if len(text) > MESSAGE_MAX:
        raise Refused(
            "too_large", "A message has at most {n} characters.", field="message", n=MESSAGE_MAX
        )
    if not VISIBLE_CHARACTER.search(text):
        raise Refused("bad_request", "The message is empty.", field="message")
    return text
