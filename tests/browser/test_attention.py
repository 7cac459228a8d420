"""What waits for somebody: badges, titles, lines, marks, mutes; in all tabs, after a reload."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.attention import in_a_room, look_away, look_back, mark_unread, to_lobby
from tests.browser.conftest import Enter


def test_badges_count_live_in_list_and_lobby_and_a_mention_has_its_own(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    to_lobby(ben)

    ann.say("First").say("@ben second")
    lobby = ben.page.get_by_role("main").get_by_role("link").filter(has_text="Garden")
    for row in (ben.row("Garden"), lobby):
        expect(row.get_by_text("2 unread")).to_be_visible()
        expect(row.get_by_text("@ you were mentioned")).to_be_visible()
    expect(ben.page).to_have_title("(2) Lobby – Loopchat")
    _has_icon(ben.page, "favicon-called.svg")
    ben.page.reload()
    expect(ben.row("Garden").get_by_text("@ you were mentioned")).to_be_visible()
    ben.row("Garden").click()

    ben.sees("First")
    expect(ben.row("Garden").get_by_text("unread")).to_have_count(0)
    expect(ben.row("Garden").get_by_text("@ you were mentioned")).to_have_count(0)
    expect(ben.page).to_have_title("Garden – Loopchat")
    _has_icon(ben.page, "favicon.svg")


def test_an_answer_and_all_count_as_mentions(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    ben.say("Beans?").has_sent("Beans?")
    to_lobby(ben)

    ann.sees("Beans?").act("Beans?", "Reply").say("Beans!")
    expect(ben.row("Garden").get_by_text("@ you were mentioned")).to_be_visible()
    ben.page.keyboard.press("Shift+Escape")
    expect(ben.row("Garden").get_by_text("@ you were mentioned")).to_have_count(0)
    ann.say("@all look")

    expect(ben.row("Garden").get_by_text("@ you were mentioned")).to_be_visible()


def test_only_what_a_focused_window_showed_is_read(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    look_away(ben.page)
    ann.say("Psst").has_sent("Psst")

    ben.sees("Psst")
    expect(ben.page).to_have_title("(1) Garden – Loopchat")
    expect(ben.page.get_by_text("1 new message", exact=True)).to_be_visible()
    _has_icon(ben.page, "favicon-unread.svg")
    expect(ann.message("Psst").get_by_text("Delivered")).to_be_attached()
    look_back(ben.page)

    expect(ben.page).to_have_title("Garden – Loopchat")
    _has_icon(ben.page, "favicon.svg")
    expect(ann.message("Psst").get_by_text("Read")).to_be_attached()


def test_the_first_unread_message_is_one_click_away(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    to_lobby(ben)
    ben.page.reload()
    for n in range(70):
        ann.say(f"number {n}")
    ann.has_sent("number 69")
    expect(ben.row("Garden").get_by_text("70 unread")).to_be_visible()

    ben.row("Garden").click()
    jump = ben.page.get_by_role("button", name="70 new messages")
    jump.click()

    expect(ben.message("number 0")).to_be_in_viewport()
    expect(jump).to_have_count(0)
    ann.say("number 70").say("number 71")
    down = ben.page.get_by_role("button", name="To the newest message 2 new")
    down.click()
    expect(ben.message("number 71")).to_be_in_viewport()
    expect(down).to_have_count(0)


def test_marked_as_unread_it_stays_so_until_it_is_opened_again(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    ann.say("First").say("Second").has_sent("Second")
    mark_unread(ben.sees("Second"), "First")

    expect(ben.page.get_by_text("2 new messages")).to_be_visible()
    expect(ben.row("Garden").get_by_text("marked as unread")).to_be_attached()
    to_lobby(ben)
    expect(ben.row("Garden").get_by_text("marked as unread")).to_be_attached()
    ben.page.reload()
    expect(ben.row("Garden").get_by_text("marked as unread")).to_be_attached()
    ben.row("Garden").click()

    expect(ben.page.get_by_text("New messages")).to_be_visible()
    expect(ben.row("Garden").get_by_text("marked as unread")).to_have_count(0)


def test_everything_is_read_at_once_in_all_tabs(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    to_lobby(ben)
    first = ben.page
    ben.new_page()
    ben.open("/chat/")
    ann.say("Hello").say("Anybody?")
    for page in (first, ben.page):
        expect(page).to_have_title("(2) Lobby – Loopchat")

    conversations = ben.page.get_by_role("navigation", name="Conversations")
    conversations.get_by_role("button", name="Mark all as read").click()

    for page in (first, ben.page):
        expect(page).to_have_title("Lobby – Loopchat")
        expect(page.get_by_text("You have read everything.")).to_be_visible()


def test_a_muted_room_is_grey_and_counts_nowhere(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    first = ben.page
    ben.new_page()
    ben.open("/chat/")
    _menu(first).get_by_role("button", name="8 hours").click()
    expect(_menu(first).get_by_text(re.compile("^Muted until "))).to_be_visible()
    expect(ben.row("Garden").get_by_title("Muted")).to_be_visible()
    first.close()

    ann.say("Hello").has_sent("Hello")
    badge = ben.row("Garden").locator(".badge")
    expect(badge).to_have_attribute("data-quiet", "true")
    expect(ben.page).to_have_title("Lobby – Loopchat")
    _has_icon(ben.page, "favicon.svg")
    ben.page.reload()
    expect(badge).to_have_attribute("data-quiet", "true")
    expect(ben.page).to_have_title("Lobby – Loopchat")

    ben.row("Garden").click()
    ben.page.get_by_role("button", name="Details").last.click()
    ben.page.get_by_label("Details").get_by_role("button", name="Unmute").click()
    expect(ben.row("Garden").get_by_title("Muted")).to_have_count(0)
    to_lobby(ben)
    ann.say("Again")
    expect(ben.page).to_have_title("(1) Lobby – Loopchat")


def test_at_the_level_mentions_only_these_count(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    _menu(ben.page).get_by_role("radio", name="Mentions").click()
    expect(_menu(ben.page).get_by_role("radio", name="Mentions")).to_be_checked()
    ben.page.keyboard.press("Escape")
    to_lobby(ben)

    ann.say("Hello").has_sent("Hello")
    expect(ben.row("Garden").get_by_text("1 unread")).to_be_visible()
    expect(ben.page).to_have_title("Lobby – Loopchat")
    ann.say("@ben hello")

    expect(ben.page).to_have_title("(1) Lobby – Loopchat")


def test_other_pages_have_the_conversations_too(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    ben.page.set_viewport_size({"width": 1024, "height": 768})
    ben.open("/chat/settings/")
    ann.say("@ben hello").has_sent("@ben hello")

    for path in ("/chat/friends/?plain", "/chat/settings/"):
        ben.open(path)
        ben.page.get_by_role("button", name="Conversations 1 unread").click()
        row = ben.page.get_by_role("link").filter(has_text="Garden")
        expect(row.get_by_text("@ you were mentioned")).to_be_visible()
    row.click()

    expect(ben.header("Garden")).to_be_visible()


def _menu(page: Page) -> Locator:
    menu = page.locator("#room-menu")
    if not menu.is_visible():
        page.get_by_role("button", name="Menu of this conversation").click()
    return menu


def _has_icon(page: Page, name: str) -> None:
    icon = page.locator('link[rel="icon"]')
    expect(icon).to_have_attribute("href", re.compile(f"/{re.escape(name)}$"))
