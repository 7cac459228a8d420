"""Mentions in messages: who is meant, and by what not."""

from __future__ import annotations

from typing import Any

import pytest

from loopchat.core.markup import everyone_in, mentioned, mentions_all, parse, people_in
from loopchat.core.text import name_key

NAMES = ["Ann", "bob", "Zoë", "аня", "李小龍", "नमस्ते", "a.b-c_d", "7", "x" * 32, "ﬁn"]
PEOPLE = {name_key(name): (uid, name) for uid, name in enumerate(NAMES)}


def met(text: str) -> list[str]:
    """The names that the text mentions, in order."""
    found: list[str] = []

    def walk(nodes: list[Any]) -> None:
        for node in nodes:
            if isinstance(node, dict):
                found.extend([node["v"]] if node["t"] == "at" else [])
                found.extend(["all"] if node["t"] == "all" else [])
                walk(node.get("c", []))

    walk(parse(text, PEOPLE) or [])
    return found


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "around", ["@{}", "hi @{}!", "@{}.", "@{}...", "(@{})", "**@{}**", "> @{}", "a\n@{}\nb", "@{}?"]
)
def test_a_known_name_is_a_mention(name: str, around: str) -> None:
    text = around.format(name)
    assert met(text) == [name]
    assert name_key(name) in mentioned(text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@ANN", ["Ann"]),
        ("@ａｎｎ", ["Ann"]),  # noqa: RUF001 - full width
        ("@Zoe\u0308", ["Zoë"]),
        ("_@ann_ __@bob__", ["Ann", "bob"]),
        ("@ann @bob", ["Ann", "bob"]),
        ("@ann,@bob/@ann", ["Ann", "bob", "Ann"]),
        ("@ann's", ["Ann"]),
        ("@ann-", ["Ann"]),
        ("||@ann||", ["Ann"]),
        ("@all", ["all"]),
        ("hi @ALL.", ["all"]),
        ("@ann @nobody @all", ["Ann", "all"]),
    ],
)
def test_ways_to_write_it(text: str, names: list[str]) -> None:
    assert met(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "@nobody",
        "@annabel",
        "@ann.bob",
        "ann@bob",
        "x@ann",
        "1@ann",
        "é@ann",
        "e\u0301@ann",
        "`@ann`",
        "``@all``",
        "```\n@ann @all\n```",
        "https://example.org/@ann",
        "[@ann](https://example.org)",
        "mail ann@example.org",
        "\\@ann",
        "@ ann",
        "@\u200bann",
        "@" + "x" * 33,
        "@" + "x" * 5000,
        "@.",
        "@-_",
    ],
)
def test_what_is_no_mention(text: str) -> None:
    assert met(text) == []


def test_a_tree_tells_whom_it_mentions() -> None:
    tree = parse("@ann `@bob` > @bob\n- @7 @all", PEOPLE)
    assert people_in(tree) == {0, 1, 7}
    assert everyone_in(tree)
    assert people_in(None) == set()
    assert not everyone_in(None)


@pytest.mark.parametrize("text", ["@all", "so, @all!", "- @All", "**@all**", "@all\n`@all`"])
def test_everybody_may_be_called(text: str) -> None:
    assert mentions_all(text)


@pytest.mark.parametrize("text", ["`@all`", "x@all", "@allx", "@ all", "all", "```\n@all\n```"])
def test_not_everybody_is_called(text: str) -> None:
    assert not mentions_all(text)


def test_calling_everybody_may_be_forbidden() -> None:
    assert parse("@all", PEOPLE, everyone=False) is None


def test_names_to_look_up_are_bounded() -> None:
    text = " ".join(f"@person{n}." for n in range(80))
    assert len(mentioned(text)) == 50
    assert mentioned("@ann @Ann. @all x@bob @") == {"ann"}
    assert mentioned("@ann_ @__proto__") == {"ann", "ann_", "__proto__", "__proto"}


@pytest.mark.parametrize("name", ["__proto__", "constructor", "toString"])
def test_names_of_scripts_are_names(name: str) -> None:
    tree = parse(f"@{name}", {name_key(name): (9, name)})
    assert tree == [{"t": "p", "c": [{"t": "at", "uid": 9, "v": name}]}]
