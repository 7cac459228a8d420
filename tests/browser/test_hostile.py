"""Hundreds of hostile texts wherever the client shows text: none runs, none breaks the page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.attention import in_a_room
from tests.browser.conftest import Enter
from tests.browser.hostile import lines, texts
from tests.browser.people import DESK, OWNER, PHONE, Person
from tests.services import Server, StartServer

_ALARM = "window.pwned = () => console.error('a hostile text was run')"

# In the browser: a command for each set of fields, some at a time; how many were accepted.
_SEND = """
async ([type, all]) => {
  const { app } = document.querySelector("loop-shell")
  let done = 0
  const left = all.map(fields => "cid" in fields ? { ...fields, cid: crypto.randomUUID() } : fields)
  const work = async () => {
    while (left.length) {
      const answer = await app.socket.ask(type, left.shift()).catch(refused => refused)
      if (answer.type === "ok") done += 1
      else if (answer.code !== "bad_request" && answer.code !== "too_large") throw answer
    }
  }
  await Promise.all(Array.from({ length: 8 }, work))
  return done
}
"""

# What is wrong with the page as it is drawn now.
_LOOK = """
() => {
  const wrong = []
  const page = document.documentElement
  if (page.scrollWidth > innerWidth) wrong.push(`page: ${page.scrollWidth} > ${innerWidth}`)
  const boxes = ".timeline__box, .sidebar__list, .dialog__body, .details__page, .composer"
  for (const { className, scrollWidth, clientWidth } of document.querySelectorAll(boxes))
    if (scrollWidth > clientWidth + 1) wrong.push(`${className}: ${scrollWidth} > ${clientWidth}`)
  const isTooWide = one => one.getBoundingClientRect().right > innerWidth + 1
  if (wrong.length) wrong.push([...document.querySelectorAll("main *")].find(isTooWide)?.outerHTML)
  const box = document.querySelector(".timeline__box")?.getBoundingClientRect()
  for (const bubble of document.querySelectorAll(".bubble")) {
    const { left, right } = bubble.getBoundingClientRect()
    const isInside = left >= box.left - 1 && right <= box.right + 1
    if (!isInside) wrong.push(`bubble: ${bubble.textContent.slice(0, 80)}`)
  }
  const foreign = ".bubble, .row, .said, .quote, .note, .conversation__who"
  const never = "img, script, iframe, style, link, form, object, embed, base, meta, math, input"
  for (const element of document.querySelectorAll(foreign))
    for (const inside of element.querySelectorAll(`${never}, svg:not(.icon, .ticks svg)`))
      wrong.push(`element: ${inside.outerHTML.slice(0, 80)}`)
  for (const link of document.querySelectorAll(".bubble a, .said a"))
    if (!["http:", "https:", "mailto:"].includes(link.protocol)) wrong.push(`link: ${link.href}`)
  return wrong
}
"""


@pytest.fixture
def server(start_server: StartServer) -> Server:
    """A server where nobody is too quick."""
    off = ("SEND", "COMMAND", "SIGN_IN")
    return start_server(env={f"LOOPCHAT_RATE_{name}": "off" for name in off}, owner=OWNER)


def test_hostile_messages(enter: Enter) -> None:
    ann, eve = in_a_room(enter, "ann", "eve")
    ann.context.add_init_script(_ALARM)
    room = eve.page.evaluate("document.querySelector('loop-shell').app.shown.id")
    ann.open("/chat/")
    all_texts = texts()
    assert len(all_texts) >= 500

    sent = _send(eve, "chat_message", [_message(room, text) for text in all_texts])
    assert sent >= 500
    ids = _ids(eve, room)
    _send(eve, "chat_message", [_message(room, "and?", reply_to=one) for one in ids[::4]])
    _send(ann, "save", [{"room": room, "id": one, "on": True} for one in ids[::3]])
    _send(ann, "pin", [{"room": room, "id": one, "on": True} for one in ids[:50]])
    _is_well(ann)

    for size in (DESK, PHONE):
        ann.page.set_viewport_size(size)  # type: ignore[arg-type]
        ann.open("/chat/room/garden/").is_online()
        _reads_upwards(ann, sent)
    ann.page.get_by_role("button", name="Pinned messages").click()
    expect(ann.page.get_by_role("dialog").get_by_role("listitem").nth(40)).to_be_attached()
    _is_well(ann)
    ann.page.keyboard.press("Escape")
    ann.page.evaluate("document.querySelector('loop-shell').app.open({ name: 'saved' })")
    expect(ann.page.get_by_role("dialog").get_by_role("listitem").nth(40)).to_be_attached()
    _is_well(ann)


def test_hostile_names_topics_drafts_titles_and_calls(enter: Enter) -> None:
    ann, eve = in_a_room(enter, "ann", "eve")
    ann.context.add_init_script(_ALARM)
    # Only friends bring somebody into so many rooms.
    _send(eve, "friend", [{"username": "ann", "action": "request"}])
    _send(ann, "friend", [{"username": "eve", "action": "accept"}])
    made = _create_rooms(eve, lines())
    assert len(made) >= 50
    _send(
        eve,
        "chat_message",
        [
            _message(room, f"@ann {text}"[:8000])
            for room, text in zip(made, texts()[::3], strict=False)
        ],
    )
    ann.open("/chat/").is_online()
    _is_well(ann)

    _send(
        ann,
        "draft",
        [{"room": room, "message": text} for room, text in zip(made, texts()[1::3], strict=False)],
    )
    for size in (DESK, PHONE):
        ann.page.set_viewport_size(size)  # type: ignore[arg-type]
        ann.open("/chat/").is_online()
        _is_well(ann)
        for room in made[::6]:
            ann.open(f"/room/{room}/").is_online()
            expect(ann.page).to_have_title(re.compile(" – Loopchat$"))
            expect(ann.composer).not_to_have_value("")
            _is_well(ann)
    ann.page.set_viewport_size(DESK)  # type: ignore[arg-type]
    ann.page.get_by_role("button", name="Details").last.click()
    _is_well(ann)
    ann.page.keyboard.press("ControlOrMeta+k")
    expect(ann.page.get_by_role("option").first).to_be_visible()
    _is_well(ann)


def test_people_with_names_of_the_machinery(enter: Enter) -> None:
    people = in_a_room(enter, "ann", "constructor", "__proto__", "toString")
    ann = people[0]
    for person in people[1:]:
        person.say(f"I am {person.name}, @ann").say("⚙️").act("⚙️", "React")
        person.page.get_by_role("button", name="React with 👍").click()
    ann.composer.press_sequentially("@__")
    ann.page.get_by_role("option", name="__proto__").click()
    ann.composer.press("Enter")

    expect(people[2].messages.get_by_text("@__proto__")).to_be_visible()
    for person in people:
        _is_well(person)


def _reads_upwards(person: Person, messages: int) -> None:
    """Scroll from the end to the beginning; each message was drawn on the way."""
    seen: set[str] = set()
    box = person.page.get_by_role("region", name="Messages")
    for _ in range(400):
        _is_well(person)
        seen.update(box.evaluate("box => [...box.querySelectorAll('.message')].map(one => one.id)"))
        if person.page.get_by_text("This is the beginning of the room").count():
            break
        before = box.evaluate("box => box.querySelector('.message').id")
        box.evaluate("box => { box.scrollTop = 0 }")
        person.page.wait_for_function(
            "before => document.querySelector('.message')?.id !== before", arg=before
        )
    assert len(seen) >= messages


def _message(room: int, text: str, **more: Any) -> dict[str, Any]:
    return {"room": room, "cid": "", "message": text, **more}


def _send(person: Person, command: str, all_fields: list[dict[str, Any]]) -> int:
    done: int = person.page.evaluate(_SEND, [command, all_fields])
    return done


def _ids(person: Person, room: int) -> list[int]:
    found: list[int] = person.page.evaluate(
        """async room => {
          const { app } = document.querySelector("loop-shell")
          const found = []
          let before
          for (;;) {
            const range = before ? { before } : {}
            const page = await app.socket.ask("history", { room, limit: 100, ...range })
            for (const { type, id } of page.items) if (type === "chat_message") found.push(id)
            if (page.complete) return found
            before = page.from
          }
        }""",
        room,
    )
    return found


def _create_rooms(person: Person, names: list[str]) -> list[int]:
    """Rooms with these names and topics, Ann in them; those that the server accepts."""
    made: list[int] = person.page.evaluate(
        """async names => {
          const { app } = document.querySelector("loop-shell")
          const token = document.querySelector('meta[name="csrf-token"]').content
          const made = []
          for (const name of names) {
            const body = new URLSearchParams({ kind: "private", name, topic: name, people: "ann" })
            const headers = { "X-CSRFToken": token, Accept: "application/json" }
            const answer = await fetch(app.urls.create_room, { method: "POST", body, headers })
            if (answer.ok) made.push((await answer.json()).room.room)
          }
          return made
        }""",
        names,
    )
    return made


def _is_well(person: Person) -> None:
    assert person.page.evaluate(_LOOK) == []
    assert person.problems == []
