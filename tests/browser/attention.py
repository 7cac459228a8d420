"""What tests of attention need: people in one room, windows out of focus, notices that are kept."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import Enter
from tests.browser.people import Person

# A browser without a desktop keeps its notices where a test can read them.
_NOTICES = """
window.notices = []
window.asked = 0
const shown = new BroadcastChannel("shown")
const count = () => { const { dataset } = document.documentElement
  dataset.notices = Number(dataset.notices ?? 0) + 1 }
const replace = tag => { for (const one of notices) if (one.options.tag === tag) one.open = false }
shown.onmessage = ({ data }) => { replace(data), count() }
window.Notification = class {
  static get permission() { return localStorage.getItem("permission") ?? "default" }
  static async requestPermission() {
    window.asked += 1
    localStorage.setItem("permission", "granted")
    return "granted"
  }
  constructor(title, options) {
    this.title = title
    this.options = options
    this.open = true
    replace(options.tag)
    window.notices.push(this)
    count()
    shown.postMessage(options.tag)
  }
  close() { this.open = false }
}
"""


_SCROLL_UP = """() => {
  document.querySelector(".timeline__box").scrollTop = 0
  return document.querySelector(".jump:not(.jump--first)")
}"""

_SAY_LINES = """async lines => {
  const { app } = document.querySelector("loop-shell")
  for (let n = 1; n <= lines; n += 1)
    await app.ask("chat_message",
      { room: app.shown.id, cid: crypto.randomUUID(), message: `Line ${n}` })
}"""


def in_a_room(enter: Enter, *names: str, **look: Any) -> list[Person]:
    """People who are all in the room Garden, with the room open; the first one made it."""
    people = [enter(name, **look) for name in names]
    people[0].create_room("Garden")
    for person in people[1:]:
        person.open("/chat/room/garden/")
        person.page.get_by_role("button", name="Join Garden").click()
        expect(person.composer).to_be_visible()
    return people


def say_lines(person: Person, lines: int) -> None:
    """Say "Line 1", "Line 2" … over the socket of the page, in order."""
    person.page.evaluate(_SAY_LINES, lines)
    person.sees(f"Line {lines}")


def scroll_up(person: Person) -> None:
    """Leave the end of the conversation: new messages do not move the view any more."""
    person.page.wait_for_function(_SCROLL_UP)


def to_lobby(person: Person) -> None:
    """Go back to the lobby without loading a page."""
    person.page.get_by_role("link", name="Loopchat, to the lobby").click()
    expect(person.header(f"Hello, {person.name}")).to_be_visible()


def mark_unread(person: Person, text: str) -> None:
    """Mark the messages from this one on as unread, by the keyboard."""
    expect(person.message(text)).to_have_count(1)
    person.message(text).focus()
    person.page.keyboard.press("u")


def look_away(page: Page) -> None:
    """The window loses the focus."""
    page.evaluate("document.hasFocus = () => false; dispatchEvent(new Event('blur'))")


def look_back(page: Page) -> None:
    """The window has the focus again."""
    page.evaluate("delete document.hasFocus; dispatchEvent(new Event('focus'))")


def with_desktop(person: Person) -> Person:
    """Let this person's pages have notices that a test can read; the page is loaded again."""
    person.context.add_init_script(_NOTICES)
    person.page.reload()
    return person.is_online()


def notices(*pages: Page) -> list[dict[str, Any]]:
    """What was shown on the desktop by these pages: title, text and whether it is still there."""
    read = "notices.map(one => ({title: one.title, body: one.options.body, open: one.open}))"
    return [notice for page in pages for notice in page.evaluate(read)]


def wait_for_notice(page: Page, number: int = 1) -> None:
    """Wait until all tabs together have shown so many notices since this page was loaded."""
    expect(page.locator("html")).to_have_attribute("data-notices", str(number))
