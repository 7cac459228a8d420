"""Reactions: one emoji, in one spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopchat.core.errors import Refused
from loopchat.core.text import clean_emoji


@pytest.mark.parametrize(
    "emoji",
    [
        "👍",
        "❤️",
        "✅",
        "👩🏽‍💻",
        "🇩🇪",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "1️⃣",
        "#️⃣",
        "❤️‍🔥",
        "☝🏽",
        "👨‍👩‍👧‍👦",
        "🏳️‍🌈",
        "⛹🏿‍♀️",
        "🫠",
        "⭐",
        "🀄",
        "🕵️‍♂️",
    ],
)
def test_an_emoji_is_kept(emoji: str) -> None:
    assert clean_emoji(emoji) == emoji


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("\u2764", "\u2764\ufe0f"),
        ("\u2764\u200d\U0001f525", "\u2764\ufe0f\u200d\U0001f525"),
        ("1\u20e3", "1\ufe0f\u20e3"),
        ("\u2728\ufe0f", "\u2728"),
        ("\U0001f44d\ufe0f", "\U0001f44d"),
        ("\U0001f336", "\U0001f336\ufe0f"),
        ("\U0001f3f3\u200d\U0001f308", "\U0001f3f3\ufe0f\u200d\U0001f308"),
    ],
)
def test_spellings_that_look_equal_become_equal(sent: str, stored: str) -> None:
    assert clean_emoji(sent) == stored


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a",
        "1",
        "#",
        "👍👍",
        "👍 ",
        " 👍",
        "<b>",
        ":smile:",
        "👍\n",
        "\u200d",
        "\ufe0f",
        "🇩",
        "🏽a",
        "\u200d👍",
        "👍\u200d",
        "\ud83d",
        "👍\u202e",
        "❤️❤️",
        "a\u20e3",
        "👩" + "\u200d👩" * 20,
        "é",
        "\x00",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        clean_emoji(text)
    assert (refused.value.code, refused.value.field) == ("bad_request", "emoji")


@given(st.text(st.sampled_from("👍❤✨👩🔥🌶\u200d\ufe0f🏽🇩🇪1\u20e3"), max_size=8))
def test_the_stored_spelling_is_stored_again_as_it_is(text: str) -> None:
    try:
        emoji = clean_emoji(text)
    except Refused:
        return
    assert clean_emoji(emoji) == emoji
    assert clean_emoji(emoji.replace("\ufe0f", "")) == emoji
