"""One person with two tabs, a laptop and a phone: all of them say the same, at once."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from playwright.sync_api import Page, expect

from tests.browser.attention import (
    in_a_room,
    look_away,
    look_back,
    mark_unread,
    notices,
    wait_for_notice,
    with_desktop,
)
from tests.browser.conftest import Enter
from tests.browser.people import PHONE, Person


@pytest.fixture
def home(enter: Enter, again: Enter) -> tuple[Person, Person, Person, Person]:
    """Ann at her desk with two tabs, her laptop and her phone, and Ben, who writes to her."""
    ben, desk = in_a_room(enter, "ben", "ann")
    laptop, phone = again("ann"), again("ann", size=PHONE, has_touch=True)
    for device in (desk, laptop, phone):
        device.page.evaluate("localStorage.setItem('permission', 'granted')")
        with_desktop(device).open("/chat/").is_online()
    return ben, desk, laptop, phone


def test_badges_notices_cursors_and_drafts_agree(
    home: tuple[Person, Person, Person, Person],
) -> None:
    ben, desk, laptop, phone = home
    first = desk.page
    second = desk.new_page()
    desk.open("/chat/").is_online()
    pages = [first, second, laptop.page, phone.page]
    for page in pages:
        look_away(page)
    ben.say("Hello").say("@ann are you there?").has_sent("@ann are you there?")

    _all_have_the_title(pages, "(2) Lobby – Loopchat")
    for page in pages:
        row = page.get_by_role("navigation", name="Conversations").get_by_role("link")
        expect(row.filter(has_text="2 unread")).to_have_count(1)
        expect(row.filter(has_text="you were mentioned")).to_have_count(1)
    for tabs in ((first, second), (laptop.page,), (phone.page,)):
        _shows_each_once(*tabs)

    look_back(phone.page)
    phone.row("Garden").tap()
    phone.sees("@ann are you there?")

    _all_have_the_title(pages[:3], "Lobby – Loopchat")
    for page in pages:
        page.wait_for_function("() => notices.every(one => !one.open)")
    expect(ben.message("Hello").get_by_text("Read", exact=True)).to_be_attached()
    mark_unread(phone, "@ann are you there?")
    for page in pages[:3]:
        expect(page.get_by_text("marked as unread").first).to_be_attached()

    _one_draft(ben, desk, laptop, phone, lobby=first)


def _one_draft(ben: Person, desk: Person, laptop: Person, phone: Person, *, lobby: Page) -> None:
    """It stands wherever the room is open, in the list elsewhere, and goes when it is sent."""
    for device in (desk, laptop):
        look_back(device.page)
        device.open("/chat/room/garden/").is_online().sees("Hello")
    expect(phone.page.get_by_text("marked as unread")).to_have_count(0)
    phone.composer.press_sequentially("Yes, I am")
    for device in (desk, laptop):
        expect(device.composer).to_have_value("Yes, I am")
    expect(lobby.get_by_text("Draft: Yes, I am")).to_be_visible()
    laptop.composer.press("Enter")

    for device in (desk, phone):
        expect(device.composer).to_have_value("")
    expect(lobby.get_by_text("Draft:")).to_have_count(0)
    expect(ben.message("Yes, I am")).to_have_count(1)
    for device in (desk, laptop, phone):
        read = device.message("Yes, I am").get_by_text("Read", exact=True)
        expect(read).to_be_attached()
        expect(device.messages).to_have_count(3)


def _all_have_the_title(pages: Sequence[Page], title: str) -> None:
    for page in pages:
        expect(page).to_have_title(re.compile(f"^{re.escape(title)}$"))


def _shows_each_once(*tabs: Page) -> None:
    """A device has one notice of each message, in whichever of its tabs."""
    wait_for_notice(tabs[0], 2)
    shown = [(one["title"], one["body"]) for one in notices(*tabs)]
    assert sorted(shown) == [
        ("ben in Garden", "Hello"),
        ("ben mentioned you in Garden", "@ann are you there?"),
    ]
