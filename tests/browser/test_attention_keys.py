"""Getting around by the keyboard: the switcher, the rooms above and below, the help sheet."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.attention import in_a_room, mark_unread, to_lobby
from tests.browser.conftest import Enter


def test_the_switcher_leads_to_rooms_and_people(enter: Enter) -> None:
    ann, _ben = enter("ann"), enter("benjamin")
    ann.create_room("Garden").create_room("Kitchen")
    ann.composer.fill("half a thou")

    ann.page.keyboard.press("Control+k")
    switcher = ann.page.get_by_role("dialog", name="Go to")
    field = switcher.get_by_role("combobox", name="Conversation or person")
    expect(field).to_be_focused()
    field.fill("gar")
    expect(switcher.get_by_role("option", name="Garden")).to_have_attribute("aria-selected", "true")
    field.press("Enter")
    expect(ann.header("Garden")).to_be_visible()
    expect(ann.page.get_by_role("dialog")).to_have_count(0)

    ann.page.keyboard.press("Control+k")
    field.fill("benj")
    expect(switcher.get_by_role("option", name="benjamin")).to_be_visible()
    field.press("Enter")
    expect(ann.header("benjamin")).to_be_visible()
    ann.page.keyboard.press("Control+k")
    expect(switcher.get_by_role("option")).not_to_have_count(0)
    field.fill("e")
    field.press("ArrowDown")
    expect(switcher.get_by_role("option").nth(1)).to_have_attribute("aria-selected", "true")
    field.fill("nobody has this name")
    expect(switcher.get_by_text("Nothing found.")).to_be_visible()
    field.press("Escape")

    expect(ann.page.get_by_role("dialog")).to_have_count(0)
    expect(ann.header("benjamin")).to_be_visible()


def test_alt_and_arrows_walk_through_the_list(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    for name in ("Kitchen", "Roof", "Attic"):
        ann.create_room(name)
    for expected in ("Roof", "Kitchen", "Garden", "Attic"):
        ann.page.keyboard.press("Alt+ArrowDown")
        expect(ann.header(expected)).to_be_visible()
    ann.page.keyboard.press("Alt+ArrowUp")
    expect(ann.header("Garden")).to_be_visible()
    ann.page.keyboard.press("Alt+ArrowUp")
    expect(ann.header("Kitchen")).to_be_visible()

    ben.say("Hello").has_sent("Hello")
    expect(ann.row("Garden").get_by_text("1 unread")).to_be_visible()
    ann.page.keyboard.press("Alt+Shift+ArrowDown")

    expect(ann.header("Garden")).to_be_visible()
    ann.page.keyboard.press("Alt+Shift+ArrowDown")
    expect(ann.header("Garden")).to_be_visible()


def test_escape_marks_as_read_and_closes_but_first_what_lies_above(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    ann.say("First").has_sent("First")
    mark_unread(ben.sees("First"), "First")
    expect(ben.row("Garden").get_by_text("marked as unread")).to_be_attached()
    ben.page.keyboard.press("Control+k")
    expect(ben.page.get_by_role("dialog")).to_be_visible()
    ben.page.keyboard.press("Escape")
    expect(ben.page.get_by_role("dialog")).to_have_count(0)
    expect(ben.message("First")).to_be_focused()
    ben.page.keyboard.press("Escape")
    expect(ben.composer).to_be_focused()

    ben.page.keyboard.press("Escape")

    expect(ben.header("Hello, ben")).to_be_visible()
    expect(ben.row("Garden").get_by_text("marked as unread")).to_have_count(0)
    ben.page.reload()
    expect(ben.row("Garden").get_by_text("marked as unread")).to_have_count(0)


def test_the_sheet_shows_every_key(enter: Enter) -> None:
    ann = enter("ann").create_room("Garden")
    ann.composer.press_sequentially("Really?")
    expect(ann.composer).to_have_value("Really?")
    expect(ann.page.get_by_role("dialog")).to_have_count(0)

    to_lobby(ann)
    ann.page.keyboard.press("?")
    sheet = ann.page.get_by_role("dialog", name="Keyboard")
    for keys, work in (
        ("CtrlK", "Go to a conversation or a person"),
        ("Alt↑", "Conversation above"),
        ("AltShift↓", "Unread conversation below"),
        ("Esc", "Mark as read and close"),
        ("ShiftEsc", "Mark everything as read"),
        ("R", "Reply to the focused message"),
        ("?", "Show this sheet"),
    ):
        row = sheet.locator(".keys__row").filter(has=ann.page.get_by_text(work, exact=True))
        expect(row.locator("dd")).to_have_text(re.compile(rf"^\s*{re.escape(keys)}\s*$"))
