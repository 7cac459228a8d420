"""Links in messages: what becomes one, what it opens, and what never becomes one."""

# ruff: noqa: RUF001 - letters and signs that look like others are what this is about
from __future__ import annotations

from typing import Any

import pytest

from loopchat.core.markup import flat, is_marked, parse


def links(text: str) -> list[tuple[str, str]]:
    """What each link of the text says and opens."""
    found: list[tuple[str, str]] = []

    def walk(nodes: list[Any]) -> None:
        for node in nodes:
            if isinstance(node, dict) and node["t"] == "a":
                found.append((flat([{"t": "p", "c": node["c"]}]), node["href"]))
            elif isinstance(node, dict):
                walk(node.get("c", []))

    tree = parse(text, {})
    assert tree is None or is_marked(text)
    walk(tree or [])
    return found


@pytest.mark.parametrize(
    ("address", "href"),
    [
        ("https://example.org", "https://example.org"),
        ("http://example.org/a/b?c=d&e=f#g", "http://example.org/a/b?c=d&e=f#g"),
        ("HTTPS://Example.ORG/Path", "https://example.org/Path"),
        ("https://example.org:8443/x", "https://example.org:8443/x"),
        ("http://localhost:8000/", "http://localhost:8000/"),
        ("http://192.168.1.1/x", "http://192.168.1.1/x"),
        ("http://[::1]:8000/x", "http://[::1]:8000/x"),
        ("https://en.wikipedia.org/wiki/A_(b)", "https://en.wikipedia.org/wiki/A_(b)"),
        ("https://example.org/a_b_c*d", "https://example.org/a_b_c*d"),
        ("https://example.org/@ann", "https://example.org/@ann"),
        ("https://example.org/a%20b", "https://example.org/a%20b"),
        ("https://example.org/ä?ö", "https://example.org/%C3%A4?%C3%B6"),
        ("https://bücher.example/x", "https://xn--bcher-kva.example/x"),
        ("https://пример.рф", "https://xn--e1afmkfd.xn--p1ai"),
        ("mailto:ann@example.org", "mailto:ann@example.org"),
        ("www.example.org/x", "http://www.example.org/x"),
        ("example.org", "http://example.org"),
        ("example.org/a?b", "http://example.org/a?b"),
        ("sub.example.co.uk", "http://sub.example.co.uk"),
        ("EXAMPLE.ORG", "http://example.org"),
        ("bücher.de", "http://xn--bcher-kva.de"),
        ("example.md/page", "http://example.md/page"),
        ("ann.b+c@example.org", "mailto:ann.b+c@example.org"),
    ],
)
@pytest.mark.parametrize(
    "around",
    ["{}", "see {}", "see {}.", "({})", "{}, ok", "**{}**", "_{}_", "||{}||", "«{}»", "看{}，好"],
)
def test_an_address_is_a_link(address: str, href: str, around: str) -> None:
    if around[0] == "看" and "://" not in address:
        around = "看，{}，好"
    assert links(around.format(address)) == [(address, href)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[words](https://a.org/x)", [("words", "https://a.org/x")]),
        ("[**bold** words](https://a.org)", [("bold words", "https://a.org")]),
        ("[w](mailto:ann@example.org)", [("w", "mailto:ann@example.org")]),
        ("[w](https://a.org/x_(y))", [("w", "https://a.org/x_(y)")]),
        ("[a.org](https://www.a.org/x)", [("a.org", "https://www.a.org/x")]),
        ("<https://a.org>", [("https://a.org", "https://a.org")]),
        ("https://a.org, https://b.org", [("https://a.org",) * 2, ("https://b.org",) * 2]),
        ("'https://a.org'", [("https://a.org",) * 2]),
        ("https://a.org/x]", [("https://a.org/x",) * 2]),
        ("`https://a.org` https://b.org", [("https://b.org",) * 2]),
    ],
)
def test_ways_to_write_links(text: str, found: list[tuple[str, str]]) -> None:
    assert links(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "main.py and README.md",
        "run.sh",
        "user.name = self.id",
        "end.So it goes",
        "Done.It works",
        "1.2.3",
        "v1.0.rc1",
        "e.g. this",
        "i.e. that",
        "...and so on",
        "10.30.am",
        "file.tar.gz",
        "example.unknown",
        "a.b.c",
        ".org",
        "example.org-x",
        "ann@localhost",
        "ann@example.unknown",
        "@example",
        "http://",
        "https:// example.org"[:8],
        "mailto:",
        "mailto:nobody",
        "www.",
        "ftp://example",
        "tel:+1234",
    ],
)
def test_ordinary_words_are_no_links(text: str) -> None:
    assert links(text) == []


SCHEMES = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "javascript://%0aalert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "\x01javascript:alert(1)",
    " javascript:alert(1)",
    "\u200bjavascript:alert(1)",
    "javascript\u200b:alert(1)",
    "javascript&colon;alert(1)",
    "javascript&#58;alert(1)",
    "&#106;avascript:alert(1)",
    "\\javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:image/png;base64,AAAA",
    "data:text/html;base64,PHNjcmlwdD4=",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "file://host/share",
    "intent://scan/#Intent;scheme=x;end",
    "blob:https:x",
    "about:blank",
    "chrome://settings",
    "view-source:x",
    "filesystem:x",
    "ws://host/",
    "ftp://host/",
    "ssh://host/",
    "jar:x!/",
    "ms-word:ofe|u|x",
    "tel:1",
    "sms:1",
    "magnet:?xt=x",
    "//evil",
    "///evil",
    "\\\\evil",
    "/relative",
    "#fragment",
    "?query",
    "../../api/x",
    "http:evil",
    "http:/evil",
    "http:\\\\evil",
    "https:",
    "http://",
    "http:///x",
    "mailto:",
    "mailto:@",
    "mailto://x",
]


@pytest.mark.parametrize("address", SCHEMES)
@pytest.mark.parametrize("around", ["{}", "[words]({})", "<{}>", "[words](<{}>)", "![x]({})"])
def test_other_schemes_stay_text(address: str, around: str) -> None:
    assert links(around.format(address)) == []


DECEITS = [
    "https://user@host.example/",
    "https://user:password@host.example/",
    "https://google.com@evil.example",
    "https://google.com:80@evil.example",
    "https://google.com%40evil.example",
    "https://google.com\\@evil.example",
    "https://google.com\\evil",
    "https://evil.example/\u202egpj.exe",
    "https://\u202eelgoog.example",
    "\u202ehttps://evil.example",
    "https://goo\u200bgle.example",
    "https://goo\u00adgle.example",
    "https://goo\u2060gle.example",
    "https://google.example\u200e/x",
    "https://google.example/\u2066x",
    "https://google.example/\ufeffx",
    "https://google.example/\U000e0041",
    "https://google.example/\ufe0f",
    "https://google.example/\u3164x",
    "https://ｇoogle.example",
    "https://google。example.evil"[:14] + "\uff0eexample",
    "https://a\u2044b.example",
    "https://a\u2215b.example/x",
    "https://℀.example",
    "https://a..b",
    "https://.example",
    "https://exam ple"[:8] + ".",
    "https://a%2fb.example",
    "https://a;b.example",
    "https://a&b.example",
    "https://a'b.example",
    "https://a*b.example",
    "https://host:port/",
    "https://host:123456/",
    "https://[::1",
    "https://[evil]/",
    "https://[::1]evil/",
    "https://" + "a" * 64 + ".example",
    "https://" + "a." * 130 + "example",
    "https://example.org/" + "a" * 2048,
    "https://example.org/" + "ä" * 500,
    "https://x\ud800y.example",
    "https://example.org/\udfff",
    "https://example.org/\x07",
    "https://example.org/\x7f",
    "https://example.org/\x9b",
    "mailto:ann@\u202eexample.org",
    "mailto:a@b@c.example",
    "mailto:ä@example.org",
    "goo\u200bgle.com",
    "google.com\u200b",
    "\u200bgoogle.com",
    "google.com\u202e",
    "ann@goo\u200dgle.com",
]


@pytest.mark.parametrize("address", DECEITS)
@pytest.mark.parametrize("around", ["{}", "[words]({})", "<{}>"])
def test_what_could_deceive_stays_text(address: str, around: str) -> None:
    assert links(around.format(address)) == []


@pytest.mark.parametrize(
    "text",
    [
        "[https://bank.example](https://evil.example)",
        "[bank.com](https://evil.example)",
        "[log in at www.bank.com](https://evil.example)",
        "[ann@bank.com](mailto:ann@evil.example)",
        "[\u202ewords](https://evil.example)",
    ],
)
def test_words_cannot_show_another_address(text: str) -> None:
    assert all(shown in href for shown, href in links(text))


@pytest.mark.parametrize("label", ["", " ", "\u200b", "\u3164", "\u2800 "])
def test_a_link_has_words(label: str) -> None:
    text = f"[{label}](https://example.org)"
    assert links(text) == [("https://example.org", "https://example.org")]


def test_hundreds_of_links_are_enough() -> None:
    assert len(links("a.org\n" * 600)) == 400
