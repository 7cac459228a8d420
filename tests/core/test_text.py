"""Messages: what is stored is what was sent, and what cannot be shown or stored is refused."""

# ruff: noqa: RUF001 - letters that look like others are what this is about
from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopchat.core.errors import Refused
from loopchat.core.text import MESSAGE_MAX, clean_message

ANY_TEXT = st.text(st.characters(), max_size=200)
TROUBLE = st.text(
    st.sampled_from("a \t\n\r\x00\x0b\x1f\u200b\u3164\ud800\u202e\x85é🎉"), max_size=30
)


def refusal(text: str) -> str:
    with pytest.raises(Refused) as refused:
        clean_message(text)
    assert refused.value.field == "message"
    assert refused.value.definite
    return refused.value.code


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "a",
        "two\nlines\tand a tab",
        "  indented code",
        "👩🏽‍💻 and 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "שלום \u202bעולם\u202c",
        "नमस्ते",
        "e\u0301 is not composed",
        "\ufffe is a character too",
        "\x85next line\u2028separator.",
        "x" * MESSAGE_MAX,
        "🎉" * MESSAGE_MAX,
    ],
)
def test_ordinary_text_is_kept_as_it_is(text: str) -> None:
    assert clean_message(text) == text


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("hello  \n \t", "hello"),
        ("\n \n\t\n  hello", "  hello"),
        ("a\r\nb\rc\n", "a\nb\nc"),
        ("a\r\n\r\nb", "a\n\nb"),
        ("\r\n\r\na", "a"),
        ("x" * MESSAGE_MAX + "\n" * 9000, "x" * MESSAGE_MAX),
        ("hello\u3000", "hello"),
    ],
)
def test_blank_lines_before_and_white_space_after_are_left_out(sent: str, stored: str) -> None:
    assert clean_message(sent) == stored


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n\n",
        "\u200b",
        "\u200d\u200c",
        "\u3164",
        "\u115f",
        "\u202e\u2066",
        "\u2800",
        "\ufe0f",
        "\U000e0041",
        "\xad",
        "\ufeff",
        "\x85",
        " \u200b\n\u3164 ",
        "\u180e",
        "\u2063",
    ],
)
def test_text_that_nobody_could_see_is_refused(text: str) -> None:
    assert refusal(text) == "bad_request"


@pytest.mark.parametrize("character", [chr(n) for n in range(32) if chr(n) not in "\t\n\r"])
@pytest.mark.parametrize("around", ["{}", "a{}b", "{}ab", "ab{}"])
def test_control_characters_are_refused(character: str, around: str) -> None:
    assert refusal(around.format(character)) == "bad_request"


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "a\ud83d", "\udc00a"])
def test_halves_of_surrogate_pairs_are_refused(text: str) -> None:
    assert refusal(text) == "bad_request"


@pytest.mark.parametrize("text", ["x" * (MESSAGE_MAX + 1), "🎉" * (MESSAGE_MAX + 1)])
def test_length_counts_code_points(text: str) -> None:
    assert refusal(text) == "too_large"


@given(ANY_TEXT | TROUBLE)
def test_what_passes_can_be_stored_and_passes_again(text: str) -> None:
    try:
        cleaned = clean_message(text)
    except Refused:
        return
    assert clean_message(cleaned) == cleaned
    assert cleaned.encode()
    assert "\0" not in cleaned
    assert "\r" not in cleaned
    assert cleaned == cleaned.rstrip()
    assert not cleaned.startswith("\n")
    assert any(unicodedata.category(character) not in ("Cf", "Cc", "Zs") for character in cleaned)


@given(st.text(st.characters(exclude_categories=["C", "Z", "M"]), min_size=1, max_size=50))
def test_visible_text_is_never_refused(text: str) -> None:
    try:
        assert clean_message(text) == text
    except Refused:
        assert set(text) <= set("\u115f\u1160\u3164\uffa0\u2800")


@pytest.mark.parametrize(
    "unit",
    [
        " ",
        "\n",
        " \n",
        "\t \n",
        "\u200b",
        "\r\n",
        "a ",
        "a\n ",
        "\x85",
        "\u3164\n",
        "\ufe0f ",
        "[*_",
    ],
)
@pytest.mark.timeout(30)
def test_time_grows_with_the_length_alone(unit: str) -> None:
    """A quadratic step would need minutes for this; the limit leaves a slow machine room."""
    text = unit * (400_000 // len(unit))
    for attempt in (text, text + "a", "a" + text, "a" + text + "\x01"):
        with pytest.raises(Refused):
            clean_message(attempt + "b" * 9000)
        with pytest.raises(Refused):
            clean_message(attempt + "\ud800")
