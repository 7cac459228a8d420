"""JSON from strangers: one object, read strictly, in time linear to its length.

Python's own reader takes NaN, doubled keys, numbers without end and nesting until the stack is
gone; whoever reads a frame behind this function needs to think of none of them.
"""

from __future__ import annotations

import json
import re
from typing import Never

from loopchat.core.errors import Refused

DEPTH_MAX = 16
PARTS_MAX = 512  # objects and arrays in one frame
FIELDS_MAX = 64
ENTRIES_MAX = 512
NUMBER_MAX = 2**53 - 1
_DIGITS_MAX = 32  # more is not even converted

# An unended string reaches to the end of the text; nothing here can match in two ways, so there is
# nothing to try twice.
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")
_CHARACTER_TO_CHECK = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


def decode(data: str | bytes) -> dict[str, object]:
    """The object in this text, or `Refused("bad_frame")` that says what is wrong with it."""
    try:
        text = data if isinstance(data, str) else data.decode()
        if _opened(text) > DEPTH_MAX:
            _check_nesting(text)
        value = _decoder.decode(text)
        if not text.isascii():
            text.encode()  # refuses lone surrogates
    except ValueError:
        raise _bad("not JSON") from None
    if not isinstance(value, dict):
        raise _bad("not an object")
    if _CHARACTER_TO_CHECK.search(text):
        _check_characters(value)
    return value


def _check_nesting(text: str) -> None:
    bare = _STRING.sub("", text)
    if _opened(bare) > PARTS_MAX:
        raise _bad("too many parts")
    depth = 0
    for bracket in _BRACKET.findall(bare):
        depth += 1 if bracket in "[{" else -1
        if depth > DEPTH_MAX:
            raise _bad("nested too deeply")


def _opened(text: str) -> int:
    return text.count("{") + text.count("[")


def _check_characters(value: object) -> None:
    """Recursive, on what has passed the check of its depth."""
    if isinstance(value, str):
        if _UNSTORABLE.search(value):
            raise _bad("a character that cannot be stored")
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_characters(key)
            _check_characters(item)
    elif isinstance(value, list):
        for item in value:
            _check_characters(item)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _bad("a key occurs twice")
    if len(found) > FIELDS_MAX and not _is_table(found):
        raise _bad("too many fields")
    if "__proto__" in found:
        raise _bad("a key that no object of ours has")
    return found


def _is_table(found: dict[str, object]) -> bool:
    """Cursors by room are the one kind of object that is long: its keys are numbers."""
    return len(found) <= ENTRIES_MAX and all(key.isdecimal() for key in found)


def _integer(digits: str) -> int:
    if len(digits) > _DIGITS_MAX or not -NUMBER_MAX <= (number := int(digits)) <= NUMBER_MAX:
        raise _bad("a number out of range")
    return number


def _fraction(digits: str) -> float:
    if not -NUMBER_MAX <= (number := float(digits)) <= NUMBER_MAX:
        raise _bad("a number out of range")
    return number


def _constant(name: str) -> Never:
    raise _bad(f"{name} is no number")


def _bad(reason: str) -> Refused:
    return Refused("bad_frame", "The frame is not understood: {reason}.", reason=reason)


_decoder = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_integer,
    parse_float=_fraction,
    parse_constant=_constant,
)
