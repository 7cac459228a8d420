"""Rich text: which tree each way of writing makes, and what stays plain."""

from __future__ import annotations

from typing import Any

import pytest

from loopchat.core.markup import Node, flat, is_marked, parse

PEOPLE = {"ann": (3, "Ann"), "bob": (4, "bob")}


def tree_of(text: str) -> list[Node]:
    """The tree of a text that has one, which `is_marked` must have foreseen."""
    assert is_marked(text)
    tree = parse(text, PEOPLE)
    assert tree is not None
    return tree


def line_of(text: str) -> list[Any]:
    """What stands in the only paragraph."""
    (block,) = tree_of(text)
    assert isinstance(block, dict)
    assert block["t"] == "p"
    nodes: list[Any] = block["c"]
    return nodes


def p(*nodes: Node) -> dict[str, Any]:
    return {"t": "p", "c": list(nodes)}


def node(kind: str, *nodes: Node) -> dict[str, Any]:
    return {"t": kind, "c": list(nodes)}


BR = {"t": "br"}


@pytest.mark.parametrize(
    "text",
    [
        "Hello, how are you?",
        "5.",
        "-",
        "*",
        "> ",
        ">",
        ">:( no",
        ">_< and >.<",
        "+ 1 from me",
        "1 * 2 * 3",
        "2*3",
        "snake_case_name",
        "a || b || c",
        "||",
        "****",
        "~~",
        "~5 or ~6",
        "***\n---\n___",
        "# not a heading",
        "not a heading\n===",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "<b>bold</b> &amp; <script>alert(1)</script>",
        "![image](image.png)",
        "[note]: https",
        "    indented",
        "```\nnobody closed this",
        "```\n```",
        "```py\n\n```",
        "`",
        "`open",
        "@nobody",
        "@",
        "C:\\dir\\file",
        "\\\\server\\share",
        "1.5 and 10.30.am",
        "[ ] to do",
        "[words](nowhere)",
        "1.\n2.",
        "(c) 2026 me...",
    ],
)
def test_plain_text_has_no_tree(text: str) -> None:
    assert parse(text, PEOPLE) is None


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("**bold**", [node("b", "bold")]),
        ("__bold__", [node("b", "bold")]),
        ("*it* _it_", [node("i", "it"), " ", node("i", "it")]),
        ("~~gone~~", [node("s", "gone")]),
        ("||secret||", [node("spoiler", "secret")]),
        ("`x = 1`", [{"t": "code", "v": "x = 1"}]),
        ("``a ` b``", [{"t": "code", "v": "a ` b"}]),
        ("`**x**`", [{"t": "code", "v": "**x**"}]),
        ("***both***", [node("i", node("b", "both"))]),
        ("**a _b_ ~~c~~**", [node("b", "a ", node("i", "b"), " ", node("s", "c"))]),
        ("||a **b** `c`||", [node("spoiler", "a ", node("b", "b"), " ", {"t": "code", "v": "c"})]),
        ("**重要**请", [node("b", "重要"), "请"]),
        ("**שלום** hi", [node("b", "שלום"), " hi"]),
        ("in**side**word", ["in", node("b", "side"), "word"]),
        ("**a\nb**", [node("b", "a", BR, "b")]),
        ("**a** \n  b", [node("b", "a"), " ", BR, "  b"]),
        ("a\n\\*b", ["a", BR, "*b"]),
        (r"\*not\* \_it\_ \`c\` \|\|s\|\| \@ann", ["*not* _it_ `c` ||s|| @ann"]),
        ("¯\\_(ツ)_/¯ **ok**", ["¯\\_(ツ)_/¯ ", node("b", "ok")]),
        ("~~a||b~~c||", [node("s", "a||b"), "c||"]),
        ("|||x|||y **b**", ["|||x|||y ", node("b", "b")]),
    ],
)
def test_signs_within_a_line(text: str, nodes: list[Node]) -> None:
    assert line_of(text) == nodes


def test_a_quote_ends_with_its_last_sign() -> None:
    assert tree_of("> a\n> b\nmy answer") == [node("quote", p("a", BR, "b")), p("my answer")]


def test_quotes_nest() -> None:
    inner = node("quote", p("b"))
    assert tree_of("> a\n> > b\n> c") == [node("quote", p("a"), inner, p("c"))]
    assert tree_of(">> b") == [node("quote", inner)]


def test_a_quote_follows_a_paragraph_without_an_empty_line() -> None:
    assert tree_of("he said\n> a") == [p("he said"), node("quote", p("a"))]


def test_a_list_ends_with_its_last_marker() -> None:
    items = node("ul", node("li", p("milk")), node("li", p("eggs")))
    assert tree_of("to buy:\n- milk\n- eggs\nsee you") == [p("to buy:"), items, p("see you")]


def test_an_indented_line_belongs_to_the_item() -> None:
    assert tree_of("- a\n  b\n- c") == [node("ul", node("li", p("a", BR, "b")), node("li", p("c")))]


def test_lists_nest() -> None:
    inner = node("ul", node("li", p("b")))
    assert tree_of("* a\n  * b\n* c") == [node("ul", node("li", p("a"), inner), node("li", p("c")))]


def test_numbers_stay_as_they_were_typed() -> None:
    def numbered(start: int, *items: str) -> dict[str, Any]:
        return {"t": "ol", "start": start, "c": [node("li", p(item)) for item in items]}

    assert tree_of("1. a\n2. b") == [numbered(1, "a", "b")]
    assert tree_of("7) a\n8) b") == [numbered(7, "a", "b")]
    assert tree_of("1. a\n1. b\n5. c") == [numbered(1, "a"), numbered(1, "b"), numbered(5, "c")]
    assert tree_of("0. a") == [numbered(0, "a")]
    assert tree_of("000000007. a") == [numbered(7, "a")]


def test_marks_work_in_quotes_and_items() -> None:
    assert tree_of("> **a**") == [node("quote", p(node("b", "a")))]
    assert tree_of("- @ann") == [node("ul", node("li", p({"t": "at", "uid": 3, "v": "Ann"})))]


def test_paragraphs_stand_apart() -> None:
    assert tree_of("**a**\n\nb") == [p(node("b", "a")), p("b")]


@pytest.mark.parametrize(
    ("text", "language", "code"),
    [
        ("```\na\n\n  b\n```", None, "a\n\n  b"),
        ("```a\nb```", None, "a\nb"),
        ("```two words\nb\n```", None, "two words\nb"),
        ("```mermaid\ngraph\n```", "mermaid", "graph"),
        ("```C++\nx\n```", "c++", "x"),
        ("````\n```\n````", None, "```"),
        ("  ```\n  a\n    b\n  ```", None, "a\n  b"),
        ("```\n> - **a** @ann https://a.org\n```", None, "> - **a** @ann https://a.org"),
    ],
)
def test_fenced_code(text: str, language: str | None, code: str) -> None:
    expected = {"t": "pre", "c": [code]} | ({"lang": language} if language else {})
    assert tree_of(text) == [expected]


def test_code_may_stand_between_lines_in_quotes_and_in_items() -> None:
    pre = {"t": "pre", "c": ["x"]}
    assert tree_of("a\n```\nx\n```\nb") == [p("a"), pre, p("b")]
    assert tree_of("> ```\n> x\n> ```\nb") == [node("quote", pre), p("b")]
    assert tree_of("- a\n  ```\n  x\n  ```") == [node("ul", node("li", p("a"), pre))]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("**a** _b_ `c` ~~d~~\nf", "a b c d\nf"),
        ("> a\n> b\n\nc", "> a\n> b\nc"),
        ("- a\n  - b\n- c", "• a\n• b\n• c"),
        ("3. a\n4. b", "3. a\n4. b"),
        ("```py\ndef f(): pass\n```", "def f(): pass"),
        ("[words](https://a.org) https://b.org", "words https://b.org"),
        ("@ANN @all @nobody", "@Ann @all @nobody"),
        ("the murderer is ||the gardener||", "the murderer is █████"),
    ],
)
def test_a_preview_says_it_in_plain_text(text: str, said: str) -> None:
    assert flat(tree_of(text)) == said


def test_a_preview_reveals_a_spoiler_only_when_told() -> None:
    assert flat(tree_of("||a **b**||"), reveal=True) == "a b"


def test_what_lies_too_deep_keeps_its_text() -> None:
    inside: list[Any] = tree_of("> " * 12 + "1. deep **x**\n" + "> " * 12 + "2. y")
    depth = 0
    while inside[0]["t"] == "quote":
        depth += 1
        inside = inside[0]["c"]
    assert depth == 8
    assert inside == [p("1. deep x"), p("2. y")]
