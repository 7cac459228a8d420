"""Names of people and rooms: what they may contain, how they compare, which address they make."""

from __future__ import annotations

import unicodedata

from loopchat.core.characters import (
    MARKS_MAX,
    is_letter_or_digit,
    is_mark,
    looks_mixed,
    one_line,
)
from loopchat.core.errors import Refused

NAME_MAX = 32
ROOM_NAME_MAX = 64
TOPIC_MAX = 250
SLUG_MAX = 64

# The words of the site map, which a room's address may not be.
RESERVED_SLUGS = frozenset(
    {
        "add",
        "admin",
        "all",
        "api",
        "chat",
        "classic",
        "create",
        "delete",
        "direct",
        "directs",
        "edit",
        "find",
        "friends",
        "group",
        "groups",
        "invite",
        "join",
        "leave",
        "list",
        "lobby",
        "login",
        "logout",
        "me",
        "messages",
        "mine",
        "new",
        "people",
        "private",
        "public",
        "room",
        "rooms",
        "search",
        "sessions",
        "settings",
        "setup",
        "signup",
        "static",
        "user",
        "users",
        "ws",
    }
)

_SUFFIX = "-room"


def clean_name(text: str) -> str:
    """A person's name as it is stored, in composed form: 1-32 letters, digits, `.`, `_` or `-`."""
    name = unicodedata.normalize("NFC", text) if len(text) <= 4 * NAME_MAX else text
    if len(name) > NAME_MAX or len(name_key(name)) > NAME_MAX:
        raise Refused(
            "too_large", "A name has at most {n} characters.", field="username", n=NAME_MAX
        )
    if not _is_name(name):
        raise Refused(
            "bad_request",
            "A name is made of letters, digits, dots, underscores and hyphens.",
            field="username",
        )
    if looks_mixed(unicodedata.normalize("NFKC", name)):
        raise Refused(
            "bad_request",
            "A name cannot mix letters of different alphabets that look alike.",
            field="username",
        )
    return name


def name_key(text: str) -> str:
    """What two names share when they count as the same, whatever their case or Unicode form."""
    # A longer text is nobody's name, and normalising takes time that grows with its square.
    key = unicodedata.normalize("NFKC", text[: 4 * NAME_MAX]).casefold()
    # Folding can leave something to compose and composing something to fold: twice is enough.
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", key).casefold())


def clean_room_name(text: str) -> str:
    """A room's name: 1-64 characters on one line, at least one of them visible."""
    name = one_line(text, limit=ROOM_NAME_MAX, field="name")
    if not name:
        raise Refused("bad_request", "A room needs a name.", field="name")
    return name


def clean_topic(text: str) -> str:
    """A room's topic: up to 250 characters on one line, or nothing."""
    return one_line(text, limit=TOPIC_MAX, field="topic")


def slug_from(name: str) -> str:
    """The address that a room's name makes: never empty, digits alone or a word of the site map.

    Two names may make the same one; the caller numbers them.
    """
    words = "".join(_slug_characters(name_key(name))).split()
    slug = "-".join(words)[: SLUG_MAX - len(_SUFFIX)].strip("-")
    if not slug:
        return _SUFFIX.strip("-") + "-1"
    taken = slug in RESERVED_SLUGS or slug.replace("-", "").isdecimal()
    return slug + _SUFFIX if taken else slug


def _slug_characters(key: str) -> list[str]:
    """Each letter or digit with its marks; a space for everything else."""
    kept: list[str] = []
    marks = MARKS_MAX
    for character in key:
        if is_letter_or_digit(character):
            marks = 0
        elif is_mark(character) and marks < MARKS_MAX:
            marks += 1
        else:
            marks = MARKS_MAX
            character = " "
        kept.append(character)
    return kept


def _is_name(name: str) -> bool:
    marks, visible = MARKS_MAX, False
    for character in name:
        if is_letter_or_digit(character):
            marks, visible = 0, True
        elif character in "._-":
            marks = MARKS_MAX
        elif is_mark(character) and marks < MARKS_MAX:
            marks += 1
        else:
            return False
    return visible
