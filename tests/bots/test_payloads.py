"""What programs send, and the message that is made of it."""

from __future__ import annotations

from typing import Any

import pytest

from loopchat.bots import payloads
from loopchat.bots.mrkdwn import to_markup
from loopchat.core import markup
from loopchat.core.errors import Refused
from loopchat.core.text import MESSAGE_MAX
from loopchat.realtime.events import Guise

SIGNS = {
    "plain words": "plain words",
    "*bold* and _slanted_ and ~gone~": "**bold** and _slanted_ and ~~gone~~",
    "**ours** and ~~ours~~": "**ours** and ~~ours~~",
    "2 * 3 * 4, a*b*c, * item": "2 * 3 * 4, a*b*c, * item",
    "*two* *words*\n*": "**two** **words**\n*",
    "a &amp; b &lt;c&gt; &amp;lt;": "a & b <c> &lt;",
    "<https://example.org/a?b=1&amp;c=2>": "https://example.org/a?b=1&c=2",
    "<https://example.org|the page>": "[the page](https://example.org)",
    "*<https://example.org/*x*|build *7*>*": "**[build *7*](https://example.org/*x*)**",
    "<https://example.org/(x)|a [b] c>": "[a (b) c](https://example.org/%28x%29)",
    "<mailto:a@example.org|a@example.org>": "[a@example.org](mailto:a@example.org)",
    "<javascript:alert(1)|x>": "<javascript:alert(1)|x>",
    "<!channel> <!here|here> <!everyone>": "@all @all @all",
    "<@U024BE7LH|ann> <@ben> <#C024|general>": "@ann @ben #general",
    "<!date^1392734382^{date}|18 February>": "18 February",
    "`*a* &lt;b&gt;` *c*": "`*a* <b>` **c**",
    "```\n*a* <https://x.org|y> :x:\n```": "```\n*a* y :x:\n```",
    "done :white_check_mark: at 10:30:45 :nobody:": "done ✅ at 10:30:45 :nobody:",
    "&gt; quoted": "> quoted",
    "\0 1 \0": "\0 1 \0",
}


@pytest.mark.parametrize("sent", SIGNS)
def test_signs_become_ours(sent: str) -> None:
    assert to_markup(sent) == SIGNS[sent]


@pytest.mark.parametrize("text", ["*" * 20_000, "<" * 20_000, "`" * 20_000, "*a " * 9000])
def test_a_hostile_text_is_read_all_the_same(text: str) -> None:
    """Reading is linear: what grows faster runs into the limit of every test."""
    assert to_markup(text)


SAID: list[tuple[dict[str, Any], str]] = [
    ({"message": "**ours** *as it is* <!channel>"}, "**ours** *as it is* <!channel>"),
    ({"text": "Hello *you*"}, "Hello **you**"),
    ({"text": "*as it is*", "mrkdwn": False}, r"\*as it is\*"),
    ({"text": "one\ntwo", "channel": "#general", "icon_url": "https://x.org/i.png"}, "one\ntwo"),
    (
        {
            "text": "only where blocks are not known",
            "blocks": [
                {"type": "header", "text": {"type": "plain_text", "text": "Build *7* :rocket:"}},
                {"type": "section", "text": {"type": "mrkdwn", "text": "It is *green*."}},
                {"type": "divider"},
                {
                    "type": "section",
                    "fields": [
                        {"type": "mrkdwn", "text": "*Branch*\nmain"},
                        {"type": "plain_text", "text": "by _ann_"},
                    ],
                },
                {
                    "type": "context",
                    "elements": [
                        {"type": "image", "image_url": "https://x.org/a.png", "alt_text": "a cat"},
                        {"type": "mrkdwn", "text": "took <https://x.org|9 s>"},
                    ],
                },
                {
                    "type": "actions",
                    "elements": [
                        {
                            "type": "button",
                            "text": {"type": "plain_text", "text": "Look"},
                            "url": "https://example.org/7",
                        },
                        {"type": "button", "text": {"type": "plain_text", "text": "Approve"}},
                    ],
                },
                {"type": "something_new", "text": "x"},
            ],
        },
        r"""**Build \*7\* 🚀**
It is **green**.
**Branch**
main
by \_ann\_
a cat · took [9 s](https://x.org)
[Look](https://example.org/7)""",
    ),
    (
        {
            "blocks": [
                {
                    "type": "rich_text",
                    "elements": [
                        {
                            "type": "rich_text_section",
                            "elements": [
                                {"type": "text", "text": "See "},
                                {"type": "link", "url": "https://x.org", "text": "this"},
                                {"type": "emoji", "name": "fire"},
                            ],
                        }
                    ],
                }
            ]
        },
        "See [this](https://x.org)🔥",
    ),
    (
        {
            "text": "Alarm",
            "attachments": [
                {
                    "fallback": "not shown",
                    "color": "#ff0000",
                    "pretext": "On *db1*",
                    "author_name": "Watcher",
                    "title": "Disk_full",
                    "title_link": "https://example.org/1",
                    "text": "first line\n\nsecond &lt;line&gt;",
                    "fields": [
                        {"title": "Free", "value": "0 GiB", "short": True},
                        {"title": "Since", "value": 17},
                    ],
                    "footer": "watcher 2",
                },
                {"fallback": "only *this*"},
                {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "in it"}}]},
                "nonsense",
            ],
        },
        r"""Alarm
On **db1**
> Watcher
> **[Disk_full](https://example.org/1)**
> first line
>
> second <line>
> **Free:** 0 GiB
> **Since:** 17
> watcher 2
> only \*this\*
> in it""",
    ),
    ({"attachments": "nonsense", "blocks": {"type": "section"}, "text": 7}, ""),
    ({"text": "   "}, ""),
    ({}, ""),
]


@pytest.mark.parametrize(("payload", "text"), SAID)
def test_a_payload_becomes_a_message(payload: dict[str, Any], text: str) -> None:
    assert payloads.read(payload).text.strip() == text


def test_a_link_that_would_deceive_is_shown_as_it_is() -> None:
    text = payloads.read({"text": "<https://evil.example|https://bank.example>"}).text
    assert "evil.example" in text
    assert markup.parse(text, {}) is None
    assert markup.parse(text.replace("https://bank.example", "the bank"), {}) is not None


def test_what_is_too_long_is_cut() -> None:
    said = payloads.read({"text": "ä" * (MESSAGE_MAX + 1)})
    assert len(said.text) == MESSAGE_MAX
    assert said.text.endswith("ä …")
    assert payloads.plain("a" * MESSAGE_MAX).text == "a" * MESSAGE_MAX


def test_too_many_attachments_are_refused() -> None:
    with pytest.raises(Refused):
        payloads.read({"attachments": [{"text": "x"}] * 101})


GUISES: list[tuple[dict[str, Any], Guise | None]] = [
    ({}, None),
    ({"username": " Watcher ", "icon_emoji": ":ghost:"}, Guise("Watcher", "👻")),
    ({"username": "Watcher"}, Guise("Watcher")),
    ({"icon_emoji": "🦉"}, Guise(emoji="🦉")),
    ({"username": "two\nlines", "icon_emoji": ":no_such_thing:"}, None),
    ({"username": "\u202edrow", "icon_emoji": "no emoji"}, None),
    ({"username": "a\u200bnn"}, None),
    ({"username": "x" * 65}, None),
    ({"username": ["a"], "icon_emoji": {"b": 1}}, None),
]


@pytest.mark.parametrize(("payload", "guise"), GUISES)
def test_a_name_and_an_emoji_are_taken_where_they_can_be_shown(
    payload: dict[str, Any], guise: Guise | None
) -> None:
    assert payloads.read({"text": "x", **payload}).guise == guise
