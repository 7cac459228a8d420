"""The logic of writing, without elements: what is completed, formatted, found, forwarded."""

from __future__ import annotations

from tests.browser.conftest import Ask


def test_they_answer(ask: Ask) -> None:
    # Every question needs the same page; making one takes longer than all questions together.
    _completion(ask)
    _formats(ask)
    _emoji(ask)
    _forwarding(ask)
    _rights(ask)


def _completion(ask: Ask) -> None:
    def begun(text: str) -> object:
        return ask("model/completion.js", "(m, t) => m.begun(t, t.length)", text)

    assert begun("hi @be") == {"sign": "@", "word": "be", "start": 3, "end": 6}
    assert begun("(@") == {"sign": "@", "word": "", "start": 1, "end": 2}
    assert begun(":ta") == {"sign": ":", "word": "ta", "start": 0, "end": 3}
    for nothing in ("mail@be", ":", ":t", "10:30", "https://be", "@be ", "@" + "x" * 40):
        assert begun(nothing) is None, nothing

    whole = "(m, text, whole) => m.completed(text, m.begun(text, 3), whole)"
    assert ask("model/completion.js", whole, "@be", "@ben") == {"text": "@ben ", "caret": 5}
    assert ask("model/completion.js", whole, "@be now", "@ben")["text"] == "@ben now"

    people = [{"username": "olaf"}, {"username": "Ann", "name": "Lola Élan"}, {"username": "bo"}]
    match = "(m, people, word) => m.matching(people, word, 5).map(one => one.username)"
    assert ask("model/completion.js", match, people, "ela") == ["Ann"]
    assert ask("model/completion.js", match, people, "ol") == ["olaf", "Ann"]


def _formats(ask: Ask) -> None:
    def formatted(text: str, start: int, end: int, how: str) -> tuple[str, str]:
        made = ask(
            "model/format.js",
            "(m, text, start, end, how) => m.formatted({ text, start, end }, how)",
            *(text, start, end, how),
        )
        return made["text"], made["text"][made["start"] : made["end"]]

    assert formatted("a b c", 2, 3, "bold") == ("a **b** c", "b")
    assert formatted("a **b** c", 4, 5, "bold") == ("a b c", "b")
    assert formatted("**b**", 2, 3, "italic") == ("***b***", "b")
    assert formatted("***b***", 3, 4, "italic") == ("**b**", "b")
    assert formatted("a b c", 1, 4, "code") == ("a `b` c", "b")
    assert formatted("", 0, 0, "spoiler") == ("||||", "")
    assert formatted("one\ntwo", 0, 7, "quote") == ("> one\n> two", "> one\n> two")
    assert formatted("> one\n> two", 0, 11, "quote") == ("one\ntwo", "one\ntwo")
    assert formatted("do x()", 3, 6, "block") == ("do \n```\nx()\n```", "x()")


def _emoji(ask: Ask) -> None:
    found = "async (m, text) => m.found(await m.allEmoji(), text, 3).map(one => one.emoji)"
    assert ask("model/emoji.js", found, "tada")[0] == "🎉"
    assert ask("model/emoji.js", found, "+1")[0] == "👍"
    assert ask("model/emoji.js", found, "red heart")[0] == "❤️"
    assert ask("model/emoji.js", found, "no such thing") == []
    toned = "(m, emoji, hasTones) => m.toned({ emoji, hasTones }, 3)"
    assert ask("model/emoji.js", toned, "👍", True) == "👍🏽"
    assert ask("model/emoji.js", toned, "☝️", True) == "☝🏽"
    assert ask("model/emoji.js", toned, "🎉", False) == "🎉"


def _forwarding(ask: Ask) -> None:
    said = {"username": "ben", "message": "Ask @ann\n\nor a@b.example"}
    quote = ask("model/forwarding.js", "(m, item) => m.forwarded(item)", said)
    assert quote == "> **ben:**\n> Ask @\u2060ann\n>\n> or a@b.example"
    long = ask(
        "model/forwarding.js", "(m, item) => m.forwarded(item)", said | {"message": "x" * 8000}
    )
    assert len(long) == 8000
    path = "(m, room) => m.messagePath(room, 7)"
    assert ask("model/forwarding.js", path, {"kind": "public", "slug": "g"}) == "/chat/room/g/?at=7"
    assert ask("model/forwarding.js", path, {"kind": "direct", "room": 3}) == "/room/3/?at=7"


def _rights(ask: Ask) -> None:
    may = "(m, name, room, own) => m[name](room, own)"
    member = {"kind": "public", "role": "member", "receipts": False}
    assert not ask("model/rights.js", may, "mayPin", member, True)
    assert ask("model/rights.js", may, "mayPin", member | {"kind": "group"}, True)
    assert ask("model/rights.js", may, "mayDelete", member, True)
    assert not ask("model/rights.js", may, "mayDelete", member, False)
    assert ask("model/rights.js", may, "mayDelete", member | {"role": "owner"}, False)
    assert not ask("model/rights.js", may, "mayDelete", member | {"archived": True}, True)
    assert not ask("model/rights.js", may, "mayCallAll", member, True)
    assert ask("model/rights.js", may, "mayCallAll", member | {"receipts": True}, True)
