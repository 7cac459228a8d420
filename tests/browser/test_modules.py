"""The client's logic without its elements: each module is imported into a page and asked."""

from __future__ import annotations

from typing import Any

from tests.browser.conftest import Ask


def test_they_answer(ask: Ask) -> None:
    # Every question needs the same page; making one takes longer than all questions together.
    _backoff(ask)
    _closing(ask)
    _ids(ask)
    _names(ask)
    _links(ask)
    _dates(ask)
    _ticks(ask)
    _grouping(ask)
    _notes(ask)
    _log(ask)
    _echoes(ask)
    _store(ask)
    _summaries(ask)
    _words(ask)
    _haste(ask)


def _backoff(ask: Ask) -> None:
    longest = ask("model/backoff.js", "m => [0, 1, 2, 3, 9, 99].map(n => m.backoff(n, () => 1))")
    assert longest == [500, 1000, 2000, 4000, 30_000, 30_000]
    assert ask("model/backoff.js", "m => m.backoff(5, () => 0)") == 0


def _closing(ask: Ask) -> None:
    codes = [1006, 1011, 1012, 1013, 4001, 4003, 4499, 4500, 4501, 4506, 4999, 5000]
    again = ask("model/closing.js", "(m, codes) => codes.filter(m.comesBack)", codes)
    assert again == [1006, 1011, 1012, 1013, 4001, 4003, 4499, 5000]


def _ids(ask: Ask) -> None:
    shape = "/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/"
    assert ask("model/ids.js", f"m => {shape}.test(m.uuid())")
    plain_http = "m => { crypto.randomUUID = undefined; return m.uuid() }"
    assert ask("model/ids.js", f"m => {shape}.test(({plain_http})(m))")


def _names(ask: Ask) -> None:
    names = ["ann", "Ann Lee", "ann.lee", "мария", "e\u0301mile", "__proto__", "..."]
    found = ask("model/names.js", "(m, names) => names.map(m.initials)", names)
    assert found == ["A", "AL", "AL", "М", "E\u0301", "P", "?"]
    room = {"room": 7, "kind": "public", "slug": "a/../b?", "name": "x"}
    assert (
        ask("model/names.js", "(m, room) => m.roomPath(room)", room) == "/chat/room/a%2F..%2Fb%3F/"
    )


def _links(ask: Ask) -> None:
    def links(text: str) -> list[str]:
        pieces = ask("model/links.js", "(m, text) => m.pieces(text)", text)
        assert "".join(piece["text"] for piece in pieces) == text
        return [piece["href"] for piece in pieces if "href" in piece]

    assert links("see https://a.example/b, or (http://c.example/d_(e)).") == [
        "https://a.example/b",
        "http://c.example/d_(e)",
    ]
    for harmless in ("javascript:alert(1)", "data:text/html,x", "https://", "\x01javascript:x"):
        assert links(harmless) == []
    assert links("<https://a.example/><script>") == ["https://a.example/"]
    big = ask(
        "model/links.js", "m => ['🎉', '👍🏽 👨‍👩‍👧', '5', 'a🎉', '🎉🎉🎉🎉'].map(m.isEmojiOnly)"
    )
    assert big == [True, True, False, False, False]


def _dates(ask: Ask) -> None:
    now = 1_790_000_000_000  # Monday 21 September 2026, 16:13 in Berlin
    hour, day = 3_600_000, 86_400_000
    labels = ask(
        "model/dates.js",
        "(m, now, all) => all.map(ts => m.dayLabel(ts, text => text, now))",
        now,
        [now, now - 17 * hour, now - 2 * day, now - 30 * day],
    )
    assert labels == ["Today", "Yesterday", "Saturday", "22 August 2026"]
    assert ask("model/dates.js", "(m, now) => m.clock(now)", now) == "16:13"
    starts = """(m, now) =>
      [m.isoDay(now), m.startOf("2026-09-21"), m.dayStart(0, now), m.dayStart(7, now)]"""
    beside = """async (m, now) => {
      const time = Object.assign(document.createElement("time"), { dateTime: m.iso(now) })
      document.body.append(time)
      const main = document.querySelector("script[type=module]").src
      await import(main.replace("js/main.js", "account/times.js"))
      const ends = [time.textContent, m.stamp(now)].map(text => text.includes(m.clock(now)))
      time.remove()
      return [time.textContent, ...ends]
    }"""
    assert ask("model/dates.js", beside, now) == ["21 Sept 2026, 16:13", True, True]
    midnight = 1_789_941_600_000
    assert ask("model/dates.js", starts, now) == [
        "2026-09-21",
        midnight,
        midnight,
        midnight - 7 * day,
    ]


def _ticks(ask: Ask) -> None:
    ticks = "(m, cursors, others) => m.ticks(5, cursors, others)"

    def state(*cursors: tuple[int, int], others: int) -> str:
        rows = [{"read": read, "delivered": delivered} for read, delivered in cursors]
        return str(ask("model/ticks.js", ticks, rows, others))

    assert state(others=1) == "stored"
    assert state((4, 5), others=1) == "delivered"
    assert state((4, 5), others=2) == "stored"
    assert state((5, 4), (9, 9), others=2) == "read"
    assert state(others=0) == "stored"
    among_bots = """(m, room) => {
      const ofRoom = (bots, ...moved) => {
        const it = new m.Room({ ...room, members: 3, bots }, 1)
        for (const uid of moved) it.moveCursor(uid, { read: 5 })
        return it.ticks(5)
      }
      return [ofRoom(undefined, 2), ofRoom([3], 2), ofRoom([3], 3), ofRoom([2, 3], 2, 3)]
    }"""
    states = ["stored", "read", "stored", "stored"]
    assert ask("store/room.js", among_bots, _ROOM) == states
    accompanied = """(m, room) => {
      const it = new m.Room({ ...room, kind: "group", name: "", members: 3 }, 1)
      const ann = { uid: 1, username: "ann" }
      it.accompany([ann, { uid: 2, username: "ben" }, { uid: 3, username: "b", bot: true }])
      return [it.summary.bots, it.summary.others]
    }"""
    assert ask("store/room.js", accompanied, _ROOM) == [[3], ["ben", "b"]]


def _grouping(ask: Ask) -> None:
    base, minute = 1_790_000_000_000, 60_000

    def said(seq: int, uid: int, minutes: float) -> dict[str, Any]:
        ts = base + int(minutes * minute)
        return {"type": "chat_message", "seq": seq, "uid": uid, "cid": f"c{seq}", "ts": ts}

    texts = ["x" * 1501, "x\n" * 20, "x" * 1500, "x\n" * 19]
    long = ask("model/grouping.js", "(m, texts) => texts.map(m.isLong)", texts)
    assert long == [True, True, False, False]
    items = [said(1, 1, 0), said(2, 1, 4.9), said(3, 1, 10), said(4, 2, 11), said(5, 2, 2000)]
    made = ask("model/grouping.js", "(m, items) => m.rows(items, [], {lineAt: 4})", items)
    shape = [(row["type"], row.get("first"), row.get("last")) for row in made]
    assert shape == [
        ("date", None, None),
        ("message", True, False),
        ("message", False, True),
        ("message", True, True),
        ("line", None, None),
        ("message", True, True),
        ("date", None, None),
        ("message", True, True),
    ]


def _notes(ask: Ask) -> None:
    script = """(m, kind, uids, by) => {
      const named = uid => ({ uid, username: ["", "ann", "ben", "carla"][uid] })
      const all = { type: "membership", kind, by, role: "owner" }
      const items = uids.map(uid => ({ ...all, ...named(uid) }))
      return m.noteText(items, 2, one => one.username)
    }"""
    cases = [
        ("join", [2, 3], 1, "You and carla were added"),
        ("join", [3, 2], 0, "You and carla joined"),
        ("join", [1, 3], 2, "ann and carla were added"),
        ("leave", [1, 2, 3], 0, "You, ann and carla left"),
        ("role", [3, 2], 1, "You and carla are now owner"),
        ("kick", [2], 1, "You were removed"),
    ]
    for kind, uids, by, says in cases:
        assert ask("elements/notes.js", script, kind, uids, by) == says


def _log(ask: Ask) -> None:
    script = """m => {
      const log = new m.Log()
      const said = seq => ({ type: "chat_message", seq, id: seq, uid: 1, cid: `c${seq}` })
      const range = (from, to) => Array.from({ length: to - from + 1 }, (_, n) => said(from + n))
      const page = (from, to) =>
        ({ from, to, head: 900, complete: from === 1, items: range(from, to) })
      const state = () => [log.from, log.to, log.size, log.attached, log.complete]
      const seen = []
      log.merge(page(501, 900), 900)
      seen.push(state())
      log.merge(page(401, 500), 900)
      log.trim("end")
      seen.push(state())
      log.append(901, said(901))
      seen.push(state())
      log.merge(page(1, 50), 901)
      seen.push(state())
      log.rest()
      seen.push(state())
      log.merge(page(701, 900), 900)
      log.rest()
      seen.push(state())
      return seen
    }"""
    assert ask("store/log.js", script) == [
        [501, 900, 400, True, False],
        [401, 720, 320, False, False],
        [401, 720, 320, False, False],
        [1, 50, 50, False, True],
        [1, 0, 0, False, False],
        [821, 900, 80, True, False],
    ]


def _echoes(ask: Ask) -> None:
    """The clock of the server is ahead, and what comes back comes late."""
    script = """async m => {
      const { Drafts } = await import(base + "store/drafts.js")
      const drafts = new Drafts(99)
      const store = Object.assign(new EventTarget(), { rooms: new Map() })
      const told = []
      let heard = () => {}
      const ask = async (_, { message }) => { told.push(message); heard(); return { ts: 1 } }
      new m.DraftCourier(drafts, store, { state: "online", ask })
      const tell = text => new Promise(done => { heard = done; drafts.keep(7, text) })
      const echo = message => {
        const detail = { room: 7, message, ts: Date.now() + 60_000 }
        store.dispatchEvent(new CustomEvent("draft", { detail }))
        return drafts.of(7)
      }
      await tell("One")
      await tell("Two")
      drafts.keep(7, "Three")
      return [told, echo("One"), echo("Two"), echo("Written elsewhere")]
    }"""
    told, *kept = ask("net/drafts.js", script)
    assert told == ["One", "Two"]
    assert kept == ["Three", "Three", "Written elsewhere"]


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


def _store(ask: Ask) -> None:
    script = """(m, room) => {
      const store = new m.Store({ uid: 1, username: "ann" })
      store.ready({ rooms: [room], people: [] })
      const said = seq => ({ type: "chat_message", room: 7, seq, id: seq, uid: 2,
        username: "ben", cid: `c${seq}`, ts: 1, n: seq, message: "m" })
      const state = () => [store.room(7).cursor, store.room(7).summary.unread]
      const unheard = { type: "unheard_of", room: 7, seq: 5 }
      const took = [said(4), said(4), unheard, said(8), said(3)].map(e => store.apply(e))
      const before = state()
      store.apply({ type: "message_read", room: 7, uid: 1, username: "ann", seq: 4, unread: 0 })
      const after = state()
      store.apply({ type: "__proto__" })
      store.apply({ type: "constructor", room: 7, seq: 6 })
      const cursors = store.cursors()
      const kicked = store.apply({ type: "membership", room: 7, seq: 7, uid: 1, kind: "kick" })
      return [took, before, after, cursors, kicked, store.rooms.size]
    }"""
    took, before, after, cursors, kicked, left = ask("store/store.js", script, _ROOM)
    assert took == [True, True, True, False, True]
    assert (before, after) == ([5, 1], [5, 0])
    assert cursors == {"7": 6}
    assert (kicked, left) == (True, 0)


def _summaries(ask: Ask) -> None:
    """What a summary counts already is not counted again by events that follow its head."""
    script = """(m, room) => {
      const store = new m.Store({ uid: 1, username: "ann" })
      const member = (seq, uid, kind) => ({ type: "membership", room: 7, seq, uid, kind, ts: 1 })
      const seen = () => [store.room(7).summary.members, store.room(7).summary.pinned ?? 0]
      const states = []
      const tell = (...told) => { told.forEach(event => store.apply(event)); states.push(seen()) }
      tell({ ...room, type: "room_added", head: 0, as_of: 3, pinned: 1 })
      tell(member(1, 1, "join"), member(2, 2, "join"))
      tell({ type: "pinned", room: 7, seq: 3, id: 1, on: true })
      store.apply({ type: "delivered", room: 7, uid: 2, seq: 3 })
      const ticks = store.room(7).ticks(3)
      tell(member(4, 3, "join"), { type: "pinned", room: 7, seq: 5, id: 2, on: true })
      store.addRoom({ ...room, head: 3, pinned: 1 })
      states.push(seen())
      store.addRoom({ ...room, head: 5, members: 3, pinned: 2 })
      states.push(seen())
      tell(member(6, 3, "leave"), member(7, 2, "kick"))
      const company = []
      store.addEventListener("company", ({ detail }) => company.push(detail))
      store.rebase(7, 900)
      tell(member(901, 4, "leave"), member(902, 5, "leave"))
      tell(member(903, 6, "join"))
      return [states, ticks, company]
    }"""
    states, ticks, company = ask("store/store.js", script, _ROOM)
    assert states[:7] == [[2, 1], [2, 1], [2, 1], [3, 2], [3, 2], [3, 2], [1, 2]]
    assert (states[7:], company) == ([[1, 2], [2, 2]], [7, 7, 7])  # who was lost is looked up
    assert ticks == "delivered"


def _words(ask: Ask) -> None:
    assert ask("i18n.js", "m => m.t('{a} and {b}', {a: '{b}', b: 1})") == "{b} and 1"
    assert ask("i18n.js", "m => m.t('constructor')") == "constructor"
    assert ask("i18n.js", "m => m.tn(1, '{n} day', '{n} days')") == "1 day"


def _haste(ask: Ask) -> None:
    """What is asked while a connection is being made is sent when the server is ready."""
    script = """async m => {
      const browsers = window.WebSocket, sent = []
      window.WebSocket = class {
        static OPEN = 1
        readyState = 1
        send(text) { sent.push(JSON.parse(text).type) }
        close() {}
      }
      const socket = new m.Socket("ws://nowhere")
      socket.start()
      const refused = [socket.ask("join"), socket.ask("leave")].map(one => one.catch(no => no.code))
      const before = sent.length
      socket.settled()
      await new Promise(requestAnimationFrame)
      socket.restart()
      window.WebSocket = browsers
      return [before, sent, await Promise.all(refused)]
    }"""
    assert ask("net/socket.js", script) == [0, ["join", "leave"], ["lost", "lost"]]
