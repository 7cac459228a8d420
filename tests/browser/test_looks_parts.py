"""Every dialog, menu and line that can lie above a room: axe is content in light and dark, and
Escape closes it and leads back to where the keyboard was."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

import loopchat.web
from tests.browser import clock
from tests.browser.attention import in_a_room, look_away, mark_unread, say_lines, scroll_up
from tests.browser.axe import is_clean
from tests.browser.conftest import Enter
from tests.browser.people import Person
from tests.services import Server

_TABLE = Path(loopchat.web.__file__).parent / "static/loopchat/js/elements/dialogs.js"
_DIALOGS = re.findall(r"^  (\w+): (?:app|\()", _TABLE.read_text(encoding="utf-8"), re.MULTILINE)

_OPEN = """name => {
  const { app } = document.querySelector("loop-shell")
  const items = app.shown.log.items().filter(item => item.type === "chat_message")
  const question = { title: "Leave?", text: "You need somebody to let you in again.", yes: "Leave" }
  app.open({ name, room: app.shown, item: items.at(-1), items, kind: "group", question,
    answer() {}, pick() {}, person: app.shown.summary, uid: items[0].uid, who: items[0] })
}"""


_FOCUS_INSIDE = "document.querySelector('dialog[open]').contains(document.activeElement)"


@pytest.mark.timeout(180)
def test_dialogs(enter: Enter) -> None:
    ann, _ben = _with_something_to_show(enter)
    assert len(_DIALOGS) > 10
    for name in _DIALOGS:
        ann.composer.focus()
        ann.page.evaluate(_OPEN, name)
        dialog = ann.page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        expect(dialog.locator("[aria-busy=true]")).to_have_count(0)
        is_clean(ann.page, "dialog[open]")
        ann.page.wait_for_function(_FOCUS_INSIDE)
        ann.page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        expect(ann.composer).to_be_focused()


def test_menus(enter: Enter) -> None:
    ann, _ben = _with_something_to_show(enter)
    ann.page.get_by_role("button", name="Details").last.click()
    expect(ann.page.get_by_role("button", name="Actions for ben")).to_be_visible()
    openers = ann.page.locator("[popovertarget]:not([popovertargetaction]):visible")
    assert openers.count() >= 4
    for opener in openers.all():
        opener.focus()
        ann.page.keyboard.press("Enter")
        _is_menu(ann.page, ann.page.locator(":popover-open"), back=opener)
    message = ann.message("Beans")
    message.focus()
    ann.page.keyboard.press("Enter")
    _is_menu(ann.page, ann.page.locator(":popover-open"), back=message)


def test_lines_marks_and_warnings(enter: Enter, server: Server) -> None:
    ann, ben = _with_something_to_show(enter)
    ann.page.reload()  # a word that shows already has a timer, which no clock stops
    ann.say("To be deleted").has_sent("To be deleted")
    clock.stop(ann.page)
    ann.act("To be deleted", "Delete")
    expect(ann.page.get_by_role("button", name="Undo")).to_be_visible()
    look_away(ann.page)
    say_lines(ben, 30)
    ben.say("New").has_sent("New")
    mark_unread(ann.sees("New"), "New")
    expect(ann.page.get_by_text("1 new message", exact=True)).to_be_attached()
    is_clean(ann.page)
    scroll_up(ann)
    is_clean(ann.page)
    expect(ann.page.get_by_role("button", name="Undo")).to_be_visible()
    clock.go_on(ann.page)

    ann.expects_outage = ben.expects_outage = True
    server.kill()
    expect(ann.page.get_by_role("button", name="Retry now")).to_be_visible()
    ann.say("Waiting")
    expect(ann.message("Waiting")).to_have_count(1)
    is_clean(ann.page)


def _with_something_to_show(enter: Enter) -> tuple[Person, Person]:
    ann, ben = in_a_room(enter, "ann", "ben")
    ben.say("```python\nprint('beans')\n```").say("> a ||quote|| with `code`").say("Fine")
    ann.say("Teh beans").has_sent("Teh beans").composer.press("ArrowUp")
    ann.say("Beans")
    expect(ann.message("Beans").get_by_text("edited")).to_be_visible()
    for action in ("Pin", "Save"):
        ann.act("Beans", action)
    expect(ann.page.get_by_role("button", name="Pinned messages")).to_be_visible()
    return ann, ben


def _is_menu(page: Page, menu: Locator, *, back: Locator) -> None:
    expect(menu).to_be_visible()
    is_clean(page, ":popover-open")
    page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    expect(back).to_be_focused()
