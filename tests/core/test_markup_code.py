"""Colours for code: the right words, never another text, never for long."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loopchat.core.markup import parse
from loopchat.core.markup_code import CODE_MAX, KINDS, LANGUAGES, SECONDS_MAX, Highlighter, Piece


def coloured(code: str, language: str) -> dict[str, str]:
    """The kind of each piece that has one."""
    pieces = Highlighter().pieces(code, language)
    assert said(pieces) == code
    return {piece["v"].strip(): piece["k"] for piece in pieces if isinstance(piece, dict)}


def said(pieces: list[Piece]) -> str:
    return "".join(piece if isinstance(piece, str) else piece["v"] for piece in pieces)


def test_words_have_kinds() -> None:
    assert coloured('def f(x):\n    return "a" + 1  # why', "python") == {
        "def": "kw",
        "f": "fn",
        "return": "kw",
        '"a"': "str",
        "1": "num",
        "# why": "com",
    }


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_each_language_keeps_the_code(language: str) -> None:
    code = '<a b="c">\n# x // y /* z */ "q" \'\t\n  let x = 1;\n- [0] {a: b}\n\n\x0c@d $e é😀'
    pieces = Highlighter().pieces(code, language)
    assert said(pieces) == code
    assert all(piece["k"] in KINDS for piece in pieces if isinstance(piece, dict))


def test_the_language_may_be_in_capitals() -> None:
    assert coloured("SELECT 1", "SQL") == {"SELECT": "kw", "1": "num"}


@pytest.mark.parametrize("language", ["", "text", "nothing", "__init__", "../python", "brainfuck"])
def test_an_unknown_language_is_plain(language: str) -> None:
    assert Highlighter().pieces("def f(): pass", language) == ["def f(): pass"]


def test_long_code_is_plain() -> None:
    code = "x = 'a word or two'\n" * CODE_MAX
    assert Highlighter().pieces(code[: CODE_MAX + 1], "python") == [code[: CODE_MAX + 1]]
    assert Highlighter().pieces(code[:CODE_MAX], "python") != [code[:CODE_MAX]]


def test_the_limit_counts_for_the_whole_message() -> None:
    block = "```py\n" + "0 " * 1100 + "\n```\n"
    tree = parse(block * 2, {})
    assert tree is not None
    first, second = tree
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert isinstance(first["c"][0], dict)
    assert second["c"] == ["0 " * 1100]


def test_many_pieces_are_plain() -> None:
    assert Highlighter().pieces("if 0 " * 800, "python") == ["if 0 " * 800]


def seconds(code: str, language: str) -> float:
    began = time.thread_time()
    Highlighter().pieces(code, language)
    return time.thread_time() - began


HOSTILE = [
    "interface \n ",
    "a = ",
    '\\"',
    "a.",
    "//",
    "${ae",
    "&",
    "'''",
    '"',
    "/*",
    "<a ",
    "{",
    "((",
    "\\",
]


@pytest.mark.parametrize("language", sorted(set(LANGUAGES.values())))
def test_hostile_code_takes_no_longer_than_allowed(language: str) -> None:
    Highlighter().pieces("x", language)
    for part in HOSTILE:
        code = (part * CODE_MAX)[:CODE_MAX]
        assert said(Highlighter().pieces(code, language)) == code
        tries = (seconds(code, language) for _ in range(4))
        assert any(needed < SECONDS_MAX + 0.03 for needed in tries), part


@settings(deadline=None)  # the first use of a language loads it
@given(st.text(max_size=200), st.sampled_from(sorted(LANGUAGES)))
def test_any_code_stays_the_same(code: str, language: str) -> None:
    assert said(Highlighter().pieces(code, language)) == code
