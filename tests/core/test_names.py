"""Names of people and rooms, and the addresses that they make."""

# ruff: noqa: RUF001 - letters that look like others are what this is about
from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopchat.core.errors import Refused
from loopchat.core.text import (
    RESERVED_SLUGS,
    SLUG_MAX,
    clean_name,
    clean_room_name,
    clean_topic,
    name_key,
    slug_from,
)

ANY_TEXT = st.text(st.characters(), max_size=80)
INVISIBLE = ["\u200b", "\u200d", "\u3164", "\u115f", "\xad", "\ufeff", "\u2800", "\U000e0061"]
BIDI = ["\u202a", "\u202b", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069"]


def code_of(function: object, text: str) -> str:
    assert callable(function)
    with pytest.raises(Refused) as refused:
        function(text)
    assert refused.value.field is not None
    return refused.value.code


@pytest.mark.parametrize(
    "name",
    [
        "a",
        "Ann",
        "ann_b",
        "a.b-c",
        "_x",
        "-1-",
        "7",
        "x" * 32,
        "Zoë",
        "Łukasz",
        "аня",
        "Ελένη",
        "李小龍",
        "नमस्ते",
        "สวัสดี",
        "한글",
        "محمد",
        "שרה",
        "ａｄｍｉｎ",
        "Nguyễn",
        "১২৩",
    ],
)
def test_letters_and_digits_of_any_script_make_a_name(name: str) -> None:
    assert clean_name(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "a b",
        "a\nb",
        "a\x00",
        "a\x1b[31m",
        "a/b",
        "a@b",
        "<b>",
        "a'b",
        "a,b",
        "🎉",
        "a\ud800",
        ".",
        "..",
        "-",
        "_",
        "._-",
        "\u0301",
        "\u0301a",
        ".\u0301a",
        "a" + "\u0316" * 4,
        "½",
        "²",
        *INVISIBLE,
        *BIDI,
        *("a" + character for character in INVISIBLE + BIDI),
    ],
)
def test_anything_else_is_no_name(name: str) -> None:
    assert code_of(clean_name, name) == "bad_request"


@pytest.mark.parametrize("name", ["x" * 33, "ß" * 17, "ﷺ" * 3, "x" * 1_000_000, "\u0301" * 500])
def test_a_name_and_its_key_have_at_most_32_characters(name: str) -> None:
    assert code_of(clean_name, name) == "too_large"


@pytest.mark.parametrize("name", ["аdmin", "adminα", "Αdmin", "пοп", "ｄаve", "ꓮnn", "Ꭺnn", "օlga"])
def test_look_alike_alphabets_are_not_mixed(name: str) -> None:
    assert code_of(clean_name, name) == "bad_request"


@pytest.mark.parametrize("name", ["ann東京", "user1", "аня_1", "山田taro", "ann-안나"])
def test_alphabets_that_do_not_look_alike_may_be_mixed(name: str) -> None:
    assert clean_name(name) == name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann", "aNN"),
        ("ａｄｍｉｎ", "admin"),
        ("Zoe\u0308", "Zoë"),
        ("STRASSE", "straße"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("ﬁne", "FINE"),
        ("①", "1"),
        ("K", "k"),
    ],
)
def test_names_that_differ_in_case_or_form_have_one_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


def test_the_key_of_a_key_is_itself_for_every_character() -> None:
    for number in range(sys.maxunicode + 1):
        key = name_key(chr(number))
        assert name_key(key) == key, hex(number)


@given(ANY_TEXT)
def test_the_key_of_any_key_is_itself(text: str) -> None:
    assert name_key(name_key(text)) == name_key(text)


@given(ANY_TEXT)
def test_a_name_that_passes_passes_again_and_fits_its_column(text: str) -> None:
    try:
        name = clean_name(text)
    except Refused:
        return
    assert clean_name(name) == name
    assert 1 <= len(name) <= 32
    assert 1 <= len(name_key(name)) <= 32
    assert name not in (".", "..")
    assert not set(name) & set("/\\?#%&<>\"' \n")


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("  General  ", "General"),
        ("Tea & biscuits <3", "Tea & biscuits <3"),
        ("👩‍👩‍👧 family", "👩‍👩‍👧 family"),
        ("Cafe\u0301", "Café"),
        ("x" * 64, "x" * 64),
        ("می‌خواهم", "می‌خواهم"),
        ("สวัสดี", "สวัสดี"),
    ],
)
def test_a_room_name_is_visible_characters_on_one_line(sent: str, stored: str) -> None:
    assert clean_room_name(sent) == stored


@pytest.mark.parametrize(
    "name",
    [
        "",
        "  ",
        "a\nb",
        "a\rb",
        "a\tb",
        "a\u2028b",
        "a\u2029b",
        "a\x85b",
        "a\x00b",
        "a\x9bb",
        "a\ud800",
        "a" + "\u0301" * 20 + "b",
        *INVISIBLE,
        *(f"a{character}b" for character in BIDI),
    ],
)
def test_a_room_name_that_breaks_the_page_is_refused(name: str) -> None:
    assert code_of(clean_room_name, name) == "bad_request"


@pytest.mark.parametrize("name", ["x" * 65, "x" * 1_000_000])
def test_a_room_name_has_at_most_64_characters(name: str) -> None:
    assert code_of(clean_room_name, name) == "too_large"


def test_a_topic_may_be_empty_and_is_longer() -> None:
    assert clean_topic("") == ""
    assert clean_topic(" \u200b ") == ""
    assert clean_topic("x" * 250) == "x" * 250
    assert code_of(clean_topic, "x" * 251) == "too_large"
    assert code_of(clean_topic, "a\nb") == "bad_request"


@given(ANY_TEXT, st.sampled_from([clean_room_name, clean_topic]))
def test_a_line_that_passes_passes_again(text: str, clean: object) -> None:
    assert callable(clean)
    try:
        line = clean(text)
    except Refused:
        return
    assert clean(line) == line
    assert len(line.splitlines()) <= 1
    assert line.encode() is not None


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("General", "general"),
        ("  Tea & biscuits! ", "tea-biscuits"),
        ("a--b__c", "a-b-c"),
        ("Größe", "grösse"),
        ("日本語 の 部屋", "日本語-の-部屋"),
        ("नमस्ते", "नमस्ते"),
        ("ＡＢＣ", "abc"),
        ("123", "123-room"),
        ("1-2", "1-2-room"),
        ("١٢٣", "١٢٣-room"),
        ("new", "new-room"),
        ("Private", "private-room"),
        ("🎉🎉", "room-1"),
        ("room", "room-room"),
        ("", "room-1"),
        ("x" * 64, "x" * 59),
    ],
)
def test_a_room_name_makes_an_address(name: str, slug: str) -> None:
    assert slug_from(name) == slug


@given(ANY_TEXT | st.sampled_from(sorted(RESERVED_SLUGS)) | st.text("0123456789-", max_size=70))
def test_an_address_is_usable_whatever_the_name(name: str) -> None:
    slug = slug_from(name)
    assert 1 <= len(slug) <= SLUG_MAX
    assert slug not in RESERVED_SLUGS
    assert not slug.replace("-", "").isdecimal()
    assert not set(slug) & set("/\\?#%&<>\"' \n._")
    assert slug == slug.casefold()
    assert slug.encode()
    assert slug_from(slug) == slug
