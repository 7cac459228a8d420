"""Rich text against those who mean harm: what any text may become, how large and how soon."""

# ruff: noqa: E501, RUF001 - hostile texts are long, and letters that look like others are some of them
from __future__ import annotations

import json
import re
import time
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from loopchat.core.markup import Node, flat, is_marked, mentioned, mentions_all, parse
from loopchat.core.markup_code import KINDS
from loopchat.core.markup_tree import NODES_MAX
from loopchat.core.text import MESSAGE_MAX

PEOPLE = {"ann": (3, "ann"), "__proto__": (4, "__proto__"), "аня": (5, "аня")}
FIELDS = {
    "p": {"c"},
    "quote": {"c"},
    "ul": {"c"},
    "ol": {"start", "c"},
    "li": {"c"},
    "pre": {"c"},
    "b": {"c"},
    "i": {"c"},
    "s": {"c"},
    "spoiler": {"c"},
    "a": {"href", "c"},
    "code": {"v"},
    "tok": {"k", "v"},
    "at": {"uid", "v"},
    "all": set(),
    "br": set(),
}
HREF = re.compile(r"(?:https?://[a-z0-9.\[\]:_-]+(?:[/?#][!-~]*)?|mailto:[!-~]+@[!-~]+)")

SIGNS = [
    *"*_~|`[]()<>@\\#-+.:/ \n\t!&;'\"0123456789",
    "**", "~~", "||", "```", "```\n", "\n> ", "\n- ", "\n1. ", "\n\n", "  ", "    ", "@ann", "@all",
    "https://a.org", "example.org", "ann@b.org", "www.", "](https://a.org)", "[a](", "javascript:",
    "```py\n", "\u200b", "\u202e", "\u2066", "\u3164", "\ud800", "\x00", "\r", "\x0c", "\x85", "\u2028",
    "é", "e\u0301", "אב", "漢", "😀", "👨‍👩‍👧", "¯\\_(ツ)_/¯", "<b>", "&lt;", "x", "word", "Ａ",
]  # fmt: skip
WRITTEN = st.lists(st.sampled_from(SIGNS), max_size=60).map("".join)


def nodes_of(tree: list[Node]) -> Iterator[tuple[Node, int]]:
    """Every node with its depth."""
    waiting: list[tuple[Node, int]] = [(node, 1) for node in tree]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        if isinstance(node, dict):
            waiting.extend((inner, depth + 1) for inner in node.get("c", []))


def check(tree: list[Node]) -> None:
    """What holds for every tree, whatever the text was."""
    assert json.loads(json.dumps(tree)) == tree
    count = 0
    for node, depth in nodes_of(tree):
        count += 1
        assert depth <= 18
        if isinstance(node, dict):
            check_node(node)
    assert count <= NODES_MAX


def check_node(node: dict[str, Any]) -> None:
    assert set(node) - {"t", "lang"} == FIELDS[node["t"]]
    assert node["t"] != "a" or HREF.fullmatch(node["href"])
    assert node["t"] != "tok" or node["k"] in KINDS
    assert re.fullmatch(r"[\w+#.-]{1,20}", node.get("lang", "x"))
    assert node["t"] != "at" or (node["uid"], node["v"]) in PEOPLE.values()


def letters(text: str) -> str:
    """The letters and symbols of a text: what no way of writing may lose."""
    return "".join(c for c in text if c.isalpha() or unicodedata.category(c) == "So")


def languages(tree: list[Node]) -> str:
    return "".join(n["lang"] for n, _ in nodes_of(tree) if isinstance(n, dict) and "lang" in n)


def hidden_addresses(tree: list[Node]) -> bool:
    """Whether words stand for an address, which then is not in the plain text."""
    return any(
        isinstance(n, dict)
        and n["t"] == "a"
        and "a.org" in n["href"]
        and "a.org" not in flat(n["c"])
        for n, _ in nodes_of(tree)
    )


@settings(max_examples=400, deadline=None)
@given(WRITTEN | st.text(max_size=100))
@example("> - ```py\n> - ```")
@example("1. 1. 1. 1. 1. 1. 1. 1. 1. 1. a")
@example("**||~~*_@ann_*~~||**")
def test_any_text_makes_a_sound_tree_and_loses_nothing(text: str) -> None:
    mentioned(text)
    mentions_all(text)
    tree = parse(text, PEOPLE)
    if tree is None:
        return
    assert is_marked(text)
    check(tree)
    flat(tree)
    if not hidden_addresses(tree):
        shown = sorted(letters(flat(tree, reveal=True) + languages(tree)).lower())
        assert shown == sorted(letters(text.replace("•", "")).lower() + "")


@settings(deadline=None)
@given(WRITTEN)
def test_reading_is_repeatable(text: str) -> None:
    assert parse(text, PEOPLE) == parse(text, PEOPLE)


HTML = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)//",
    "<iframe src=javascript:alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<math><mtext></mtext><script>alert(1)</script>",
    "<style>*{background:url(javascript:alert(1))}</style>",
    "<base href=//evil>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<form action=javascript:alert(1)><input type=submit>",
    "<meta http-equiv=refresh content=0;url=javascript:alert(1)>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<!--<img src='--><img src=x onerror=alert(1)//'>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><x/>",
    "<x onclick=alert(1)>x</x>",
    "<img src=`x` onerror=alert(1)>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "\x00<script>alert(1)</script>",
    "<script\x0c>alert(1)</script>",
    "<ſcript>alert(1)</ſcript>",
    "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#x3c;script&#x3e;",
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}",
    "#{alert(1)}",
    "{% debug %}",
    "__proto__",
    "constructor",
    "[object Object]",
    "'\"><script>alert(1)</script>",
    "';alert(1)//",
    "\";alert(1)//",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "javascript:/*--></title></style></textarea></script></xmp><svg/onload='+/\"/+/onmouseover=1/+/[*/[]/+alert(1)//'>",
]  # fmt: skip


@pytest.mark.parametrize("vector", HTML)
@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "**{}**",
        "> {}",
        "- {}",
        "||{}||",
        "[{}](https://a.org)",
        "```\n{}\n```",
        "```html\n{}\n```",
    ],
)
def test_markup_of_pages_is_text(vector: str, around: str) -> None:
    text = around.format(vector)
    tree = parse(text, PEOPLE)
    if tree is None:
        return
    check(tree)
    letters_lost = set(letters(text)) - set(letters(flat(tree, reveal=True) + languages(tree)))
    assert letters_lost <= set("httpsaorg")


@pytest.mark.parametrize(
    "vector",
    [
        '[x](https://a.org"onmouseover=alert(1)//)',
        "[x](https://a.org'onmouseover='alert(1))",
        '[x](https://a.org/?"><script>alert(1)</script>)',
        "[x](<javascript:alert(1)>)",
        "[x]( javascript:alert(1))",
        "[x](javascript://a.org/%0aalert(1))",
        "[x](https://a.org 'title')",
        "[x][y]\n\n[y]: javascript:alert(1)",
        "[y]: javascript:alert(1)\n\n**[y]**",
        "![x](javascript:alert(1))",
        "![x](https://a.org/x.png)",
        "[![x](javascript:a)](https://a.org)",
        "[a [b](https://b.org) c](https://a.org)",
        "<javascript:alert(1)>",
        '<https://a.org/"onclick=alert(1)>',
        "<data:text/html,x>",
        'https://a.org/"onclick=alert(1)',
        "https://a.org/'onclick=alert(1)",
        "https://a.org/`onclick=alert(1)`",
        "https://a.org/<script>alert(1)</script>",
        "http://a.org/\\..\\..\\x",
        '```"onload=alert(1)\nx\n```',
        "```<script>\nx\n```",
        "```__proto__\nx\n```",
        "```../../x\nx\n```",
        "@__proto__ **x**",
        "@constructor **x**",
        "**\u202e**gnp.exe",
        "**" + "a\u0301" * 100 + "**",
        "**" + "\u0489" * 100 + "**",
        "**" + "\U000e0041" * 100 + "**",
        "**\u2066\u2067\u2068**",
        "**👨‍👩‍👧‍👦🏳️‍🌈**",
        "**\ud83d** \udc00",
        "**\ufffe\uffff**",
        "**\u200b**",
        "`\u202e`",
        "||\u202ea||",
    ],
)
def test_vectors_make_sound_trees(vector: str) -> None:
    tree = parse(vector, PEOPLE)
    if tree is not None:
        check(tree)
        flat(tree)


# Each repeats to the largest message; the rules for them are where time could grow faster.
REPEATED = [
    "*", "_", "~~", "|", "||", "`", "[", "]", "(", "<", ">", "@", "\\", "!", "#", "-", ":", ".", "/", "\n",
    " ", "\t", "*_", "**a ", "a** ", "*a **", "_a", "~~a", "||a ", "*(~~[||_", "[a](", "[](", "](", "[]", "[a]",
    "[a](https://b)", "[a](h", "<a", "<a:", "<https://a", "https://", "https://a", "https://a ", "http://a/(",
    "https://a.org/)", "https://a.org ", "http://a/?", "www.", "a.", "a.org ", "a-", "a.b-", "1.1", "a@", "a@b.org ",
    "mailto:", "://", "...", "@a ", "@ann ", "@all ", "@aaaa", "@-._", "@\u0301", "@@", "x_y ", "__", "` ``", "`a``b",
    "\\*", "> ", "> a\n", ">a\n", "> > a\n", "- ", "- a\n", "- \n", "* a\n", "1. ", "1. a\n", "2) a\n", "- - a\n",
    "> - a\n", "- > a\n", "a\n", "a\n\n", "*a*\n", "*a*\n\n", "* a\n\n\n", "-\t", "\t> ", "```", "```\n", "```a\n",
    "````a\n```\n", "> ```\n", "- ```\n", "```py\n0\n```\n", "😀*", "e\u0301", "\u200b", "\u202e*", "é@é ", "&amp;", "{{",
]  # fmt: skip
BUILT = {
    "opened then closed": "*" * 4000 + "a" + "*" * 3999,
    "brackets opened then closed": "[" * 4000 + "]" * 4000,
    "spoilers opened then closed": "||" * 2000 + "a" + "||" * 1999,
    "bold opened then closed": "**x " * 1000 + "x** " * 1000,
    "backticks of each length": "".join("`" * n + " " for n in range(1, 125)),
    "fences of each length": "".join("`" * (n % 90 + 3) + "\n" for n in range(160)),
    "lists in lists": "".join("  " * n + "- a\n" for n in range(85)),
    "quotes in quotes": "".join(">" * n + " a\n" for n in range(120)),
    "one long word": "a" * 8000,
    "one long name": "@" + "a" * 7999,
    "one long link": "https://" + "a" * 7992,
}
TEXTS = {repr(part): (part * MESSAGE_MAX)[:MESSAGE_MAX] for part in REPEATED} | BUILT


def seconds(read: Callable[[str], object], text: str, *, enough: float = 0.02) -> float:
    """The best of a few tries, so that a busy machine does not count; one that is enough ends it."""
    best = float("inf")
    for _ in range(10):
        began = time.thread_time()
        read(text)
        best = min(best, time.thread_time() - began)
        if best < enough:
            break
    return best


def read_all(text: str) -> None:
    parse(text, PEOPLE)


@pytest.mark.parametrize("name", TEXTS)
def test_no_text_takes_long(name: str) -> None:
    for read in (read_all, is_marked, mentioned, mentions_all):
        assert seconds(read, TEXTS[name]) <= 0.05, read


def at_the_limit(part: str) -> str:
    """As many repetitions as are still read, in a message of the largest size."""
    limit = min(
        990 // max(1, len(re.findall(r"[*_~`|\[<@\\]", part))), 390 if "\n" in part else 8000
    )
    text = (part * limit)[: MESSAGE_MAX - 6] + "\nlorem "
    return (text + "ipsum " * MESSAGE_MAX)[:MESSAGE_MAX]


@pytest.mark.parametrize("part", REPEATED)
def test_what_is_just_within_the_limits_takes_no_longer(part: str) -> None:
    text = at_the_limit(part)
    assert len(text) <= MESSAGE_MAX
    assert seconds(read_all, text) <= 0.05
    tree = parse(text, PEOPLE)
    if tree is not None:
        check(tree)


@pytest.mark.parametrize("part", REPEATED)
def test_time_grows_with_the_length(part: str) -> None:
    text = at_the_limit(part)
    marked = text[: text.index("\nlorem")]
    short, long = marked[: len(marked) // 4], marked
    # Four times the text; a quadratic rule would need sixteen times the time.
    allowed = 10 * seconds(read_all, short, enough=0) + 0.003
    assert seconds(read_all, long, enough=allowed) <= allowed


@pytest.mark.parametrize("name", ["'*'", "'['", "'`a``b'", "opened then closed", "'a\\n'"])
def test_too_much_is_plain(name: str) -> None:
    assert parse(TEXTS[name], PEOPLE) is None


def test_ordinary_messages_are_quick() -> None:
    plain = "Hello, how are you? I am fine, and I see you at the usual place at five tomorrow."
    formatted = (
        "Hello **team**, the notes of today are at https://example.org/notes?x=1 and I think we should"
        " look at them before the meeting that starts at ten in the morning, or what do you think?"
    )
    assert not is_marked(plain)
    assert seconds(lambda text: [is_marked(text) for _ in range(100)], plain) / 100 < 20e-6
    assert seconds(lambda text: [parse(text, PEOPLE) for _ in range(10)], formatted) / 10 < 1e-3
