"""The rules of attention without a screen: modules imported into a page and asked."""

from __future__ import annotations

from tests.browser.conftest import Ask

_ROOM = {
    "room": 7,
    "kind": "public",
    "slug": "x",
    "name": "X",
    "topic": "",
    "head": 3,
    "read": 3,
    "delivered": 3,
    "unread": 0,
    "role": "member",
    "receipts": True,
    "history": "shared",
    "updated_ts": 0,
    "members": 2,
}


def test_they_answer(ask: Ask) -> None:
    # Every question needs the same page; making one takes longer than all questions together.
    _levels(ask)
    _mutes(ask)
    _flat(ask)
    _events(ask)


def _levels(ask: Ask) -> None:
    script = """m => [["all"], ["mentions"], ["nothing"], ["all", 200], ["all", 100]].map(
      ([level, muted_until]) => {
        const room = { level, muted_until, unread: 3, mentions: 1 }
        const notices = [false, true].map(call => m.deservesNotice(room, call, 100))
        return [m.counted(room, 100), ...notices, m.isLoud(room, 100)]
      })"""
    assert ask("model/attention.js", script) == [
        [3, True, True, True],
        [1, False, True, True],
        [0, False, False, False],
        [0, False, False, False],
        [3, True, True, True],
    ]


def _mutes(ask: Ask) -> None:
    script = """m => {
      const now = new Date(2026, 2, 28, 23, 30).getTime()
      const ends = ["hours", "long", "tomorrow", "ever"].map(span => m.muteEnd(span, now))
      return [ends[0] - now, ends[1] - now, new Date(ends[2]).toString().slice(0, 21), ends[3]]
    }"""
    hour = 3_600_000
    expected = [hour, 8 * hour, "Sun Mar 29 2026 08:00", 2**53 - 1]
    assert ask("model/attention.js", script) == expected


def _flat(ask: Ask) -> None:
    tree = [
        {"t": "p", "c": ["Hi ", {"t": "at", "uid": 1, "v": "ann"}, {"t": "br"}, "see"]},
        {"t": "quote", "c": [{"t": "p", "c": [{"t": "spoiler", "c": ["secret"]}]}]},
        {"t": "ol", "start": 2, "c": [{"t": "li", "c": [{"t": "p", "c": ["two"]}]}]},
        {"t": "pre", "lang": "", "c": ["x = ", {"t": "tok", "k": "mi", "v": "1"}]},
    ]
    text = "Hi @ann\nsee\n> █████\n2. two\nx = 1"
    assert ask("model/flat.js", "(m, tree) => m.flat(tree)", tree) == text
    assert ask("model/flat.js", "(m, tree) => [1, 2].map(uid => m.names(tree, uid))", tree) == [
        True,
        False,
    ]


def _events(ask: Ask) -> None:
    script = """(m, room) => {
      const store = new m.Store({ uid: 1, username: "ann" })
      store.ready({ rooms: [room], people: [], preferences: { receipts: false, client: {} } })
      const told = []
      for (const name of ["called", "draft", "saved", "pinned"])
        store.addEventListener(name, () => told.push(name))
      const summary = () => store.room(7).summary
      const say = (seq, more) => store.apply({ type: "chat_message", room: 7, seq, id: seq,
        uid: 2, username: "ben", cid: `c${seq}`, ts: 1, n: seq, message: "m", ...more })
      const call = seq => store.apply({ type: "notification", kind: "mention", room: 7, seq })
      say(4), call(4), call(4), say(5, { all: true }), call(5), call(3)
      const calls = [summary().unread, summary().mentions]
      store.apply({ type: "pinned", room: 7, seq: 6, id: 4, on: true })
      store.apply({ type: "room_settings", room: 7, level: "mentions", muted_until: 9 })
      store.apply({ type: "draft", room: 7, message: "half", ts: 5 })
      store.apply({ type: "saved", room: 7, id: 4, on: true })
      store.apply({ type: "message_read", room: 7, uid: 1, seq: 5, unread: 0, unread_from: 4 })
      const marked = [summary().unread_from, store.room(7).kept]
      store.apply({ type: "message_read", room: 7, uid: 1, seq: 6, unread: 0 })
      const { level, muted_until, pinned, draft, mentions, unread_from } = summary()
      const tells = [store.room(7).tells]
      store.apply({ type: "preferences", receipts: true, client: {} })
      tells.push(store.room(7).tells)
      return { calls, told, marked, tells, cursor: store.room(7).cursor,
        left: [level, muted_until, pinned, draft.message, mentions, unread_from ?? null] }
    }"""
    assert ask("store/store.js", script, _ROOM) == {
        "calls": [2, 2],
        "told": ["called", "called", "called", "called", "pinned", "draft", "saved"],
        "marked": [4, True],
        "tells": [False, True],
        "cursor": 6,
        "left": ["mentions", 9, 1, "half", 0, None],
    }
