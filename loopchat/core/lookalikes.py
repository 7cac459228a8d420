"""Names in one alphabet that look like names in another, as four Cyrillic letters like `coco`.

A name that mixes such alphabets is refused anyway (`characters.looks_mixed`); here it is about
whole names. What looks alike in capitals counts too: names are shown as they were typed.
"""

from __future__ import annotations

from typing import Final

_CYRILLIC: Final = dict(zip("авсԁеһіјкӏмнорԛѕтуѵԝх", "abcdehijklmhopqstyvwx", strict=True))
_GREEK: Final = dict(zip("αβεηικμνορτυχγζω", "abehikmvoptyxyzw", strict=True))
_RARE: Final = dict(zip("ɑɡıɩɪɴᴏʀꜱᴜᴠᴡʏᴢ", "agiiinorsuvwyz", strict=True))

_TO_LATIN: Final = str.maketrans(_CYRILLIC | _GREEK | _RARE)
_FROM_LATIN: Final = tuple(
    str.maketrans({latin: letter for letter, latin in reversed(alphabet.items())})
    for alphabet in (_CYRILLIC, _GREEK)
)


def of(key: str) -> set[str]:
    """What else looks like this name; names as `name_key` makes them, at most three."""
    latin = key.translate(_TO_LATIN)
    return {latin, *(latin.translate(table) for table in _FROM_LATIN)} - {key}
