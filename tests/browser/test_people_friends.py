"""Friends, with two people: ask, accept, reject, cancel, remove; the people page and cards."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.attention import in_a_room
from tests.browser.axe import is_clean
from tests.browser.conftest import Enter
from tests.browser.people import Person


def test_a_request_with_a_note_is_answered(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    ben.say("Hello").has_sent("Hello")
    ann.message("Hello").get_by_role("button", name="ben", exact=True).click()
    card = ann.page.get_by_role("dialog", name="Profile")
    expect(card.get_by_role("link", name="Garden")).to_be_visible()
    card.get_by_role("button", name="Add ben as a friend").click()
    expect(card.get_by_role("textbox")).to_be_focused()
    ann.page.keyboard.type("From the lake")
    is_clean(ann.page, "dialog[open]")
    ann.page.keyboard.press("Enter")
    expect(card.get_by_role("button", name="Cancel the request to ben")).to_be_visible()
    ann.page.keyboard.press("Escape")
    expect(card).to_have_count(0)

    ben.was_told("ann wants to be your friend")
    ben.page.get_by_role("link", name="People, 1 request").click()
    panel = _panel(ben, "Requests")
    expect(panel.get_by_text("From the lake")).to_be_visible()
    is_clean(ben.page)
    panel.get_by_role("button", name="Accept the request of ann").click()

    ann.was_told("ben is your friend now")
    here = ann.page.get_by_role("list", name="Friends who are here")
    expect(here.get_by_role("button", name="ben")).to_be_visible()
    friends = _panel(ben, "Friends")
    expect(friends.get_by_text("@ann · online")).to_be_visible()
    friends.get_by_role("button", name="Remove ann from your friends").click()
    ben.page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    expect(friends.get_by_text("No friends yet.")).to_be_visible()
    expect(here).to_have_count(0)


def test_a_request_from_the_list_has_its_note_too(enter: Enter) -> None:
    ann, ben = enter("ann"), enter("ben")
    ann.open("/chat/friends/")
    everybody = _panel(ann, "Everybody")
    everybody.get_by_role("button", name="Add ben as a friend").click()
    expect(everybody.get_by_role("textbox", name="A few words, if you like")).to_be_focused()
    is_clean(ann.page)
    ann.page.keyboard.type("From the lake")
    ann.page.keyboard.press("Enter")
    expect(everybody.get_by_role("button", name="Cancel the request to ben")).to_be_visible()
    expect(everybody.get_by_role("button", name="Send request")).to_have_count(0)

    ben.page.get_by_role("link", name="People, 1 request").click()
    expect(_panel(ben, "Requests").get_by_text("From the lake")).to_be_visible()


def _panel(person: Person, tab: str) -> Locator:
    person.page.get_by_role("tab", name=tab).click()
    return person.page.get_by_role("tabpanel", name=tab)
