"""What a single character is good for: the questions that names, slugs and messages share."""

from __future__ import annotations

import re
import unicodedata

from loopchat.core.errors import Refused

# Characters that draw nothing: white space and controls, Unicode's Default_Ignorable_Code_Point
# (zero-width, bidi and tag characters, fillers, variation selectors) and the blank Braille cell.
INVISIBLE = (
    r"\s\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
VISIBLE_CHARACTER = re.compile(f"[^{INVISIBLE}]")

# Letters of many scripts carry two marks, a few carry three; more only smears over the next line.
MARKS_MAX = 3

_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# By the first word of a letter's name: alphabets that share shapes.
_MIXABLE = frozenset(
    {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "DESERET", "LISU", "OSAGE"}
)


def is_letter_or_digit(character: str) -> bool:
    """A visible letter or decimal digit of any script."""
    category = unicodedata.category(character)
    kind = category[0] == "L" or category == "Nd"
    return kind and VISIBLE_CHARACTER.match(character) is not None


def is_mark(character: str) -> bool:
    """A visible mark that belongs to the letter before it, such as a vowel sign."""
    kind = unicodedata.category(character) in ("Mn", "Mc")
    return kind and VISIBLE_CHARACTER.match(character) is not None


def looks_mixed(text: str) -> bool:
    """Whether it mixes letters of alphabets that share shapes, as Latin, Cyrillic and Greek do."""
    scripts = {unicodedata.name(c, "").partition(" ")[0] for c in text if c.isalpha()}
    return len(scripts & _MIXABLE) > 1


def one_line(text: str, *, limit: int, field: str) -> str:
    """Refuse what breaks a line or the layout around it; may be empty when nothing is visible."""
    line = unicodedata.normalize("NFC", text.strip()) if len(text) <= 4 * limit else text
    if len(line) > limit:
        raise Refused("too_large", "At most {n} characters.", field=field, n=limit)
    if any(_breaks_a_line(character) for character in line) or _piles_marks(line):
        raise Refused("bad_request", "It has characters that cannot be shown.", field=field)
    return line if VISIBLE_CHARACTER.search(line) else ""


def _breaks_a_line(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in _REORDERING


def _piles_marks(line: str) -> bool:
    run = 0
    for character in line:
        run = run + 1 if unicodedata.category(character)[0] == "M" else 0
        if run > MARKS_MAX:
            return True
    return False
