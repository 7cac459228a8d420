"""What can be done with a message: menu, forward, link, pin, save, undo, several at once."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.browser import clock
from tests.browser.attention import in_a_room, say_lines
from tests.browser.conftest import Enter
from tests.browser.people import PHONE, Person

ALMOST_TOO_LATE_MS = 4_900
TOO_LATE_MS = 5_000
"""So long after a deletion it can be undone; then the server is told."""


def test_a_reaction_from_all_emoji_in_the_tone_that_one_likes(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    ann.say("The beans are up").has_sent("The beans are up")

    ben.act("The beans are up", "More emoji")
    picker = ben.page.get_by_role("dialog", name="Emoji")
    picker.get_by_role("searchbox", name="Search emoji").fill("wav")
    picker.get_by_role("button", name=re.compile("^Tone of skin")).click()
    picker.get_by_role("button", name="waving hand").click()

    expect(ann.page.get_by_role("button", name="👋🏻, 1")).to_be_visible()
    ben.page.get_by_role("button", name="👋🏻, 1").click()
    expect(ann.page.get_by_role("button", name="👋🏻, 1")).to_have_count(0)


def test_the_menu_by_keyboard(enter: Enter) -> None:
    ann, _ben = in_a_room(enter, "ann", "ben")
    ann.say("One").has_sent("One")
    ann.page.get_by_role("region", name="Messages").focus()
    for key in ("ArrowUp", "Enter"):
        ann.page.keyboard.press(key)

    menu = ann.page.get_by_role("menu", name="Message menu")
    expect(menu.get_by_role("menuitem", name="Reply")).to_be_focused()
    ann.page.keyboard.press("ArrowDown")
    expect(menu.get_by_role("menuitem", name="Forward")).to_be_focused()
    ann.page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(ann.message("One")).to_be_focused()


def test_a_finger_that_rests_opens_the_menu(enter: Enter) -> None:
    ann = enter("ann", size=PHONE, has_touch=True, is_mobile=True)
    ann.create_room("Garden").say("One").has_sent("One")
    text = ann.message("One").get_by_text("One", exact=True)
    touch = {"pointerType": "touch", "bubbles": True, "clientX": 200, "clientY": 400}

    text.dispatch_event("pointerdown", touch)
    expect(_menu(ann)).to_be_visible()
    text.dispatch_event("pointerup", touch)


def test_forwarding_quotes_who_said_it(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    ben.say("Ask @ann about the **beans**")
    ann.create_room("Kitchen").row("Garden").click()
    message = ann.messages.filter(has_text="Ask @ann about the beans")
    expect(message).to_have_count(1)
    clock.stop(ann.page)
    ann.point_at(message)
    message.get_by_role("button", name="More", exact=True).click()
    _menu(ann).get_by_role("menuitem", name="Forward").click()
    dialog = ann.page.get_by_role("dialog", name="Forward to")
    dialog.get_by_role("searchbox").fill("kit")
    dialog.get_by_role("button", name="Kitchen").click()
    ann.page.get_by_role("button", name="Show", exact=True).click()

    expect(ann.header("Kitchen")).to_be_visible()
    quote = ann.messages.get_by_role("blockquote")
    expect(quote).to_contain_text("ben:")
    expect(quote.get_by_text("beans")).to_be_visible()
    expect(quote.locator("strong")).to_have_count(2)


def test_a_link_opens_on_its_message_with_what_was_around(enter: Enter) -> None:
    ann, _ben = in_a_room(enter, "ann", "ben")
    ann.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ann.say("The first").has_sent("The first").act("The first", "Copy link")
    ann.was_told("Link copied")
    link = ann.page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(r".*/chat/room/garden/\?at=\d+", link)
    say_lines(ann, 150)

    ann.page.goto(link)
    first = ann.message("The first")
    expect(first).to_be_in_viewport()
    expect(first).to_have_attribute("data-flash", "true")
    expect(ann.message("Line 150")).to_have_count(0)
    ann.is_online()
    expect(first).to_be_in_viewport()

    ann.page.get_by_role("button", name="To the newest message").click()
    expect(ann.message("Line 150")).to_be_in_viewport()


def test_links_of_direct_conversations_lead_each_to_their_own_page(enter: Enter) -> None:
    ann, ben = enter("ann"), enter("ben")
    ann.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ann.begin_with("ben").is_online().say("For you").has_sent("For you")
    ann.act("For you", "Copy link")
    ann.was_told("Link copied")
    link = ann.page.evaluate("navigator.clipboard.readText()")

    ben.page.goto(link)
    expect(ben.page).to_have_url(re.compile(r"/chat/user/ann/\?at=\d+$"))
    expect(ben.message("For you")).to_have_attribute("data-flash", "true")


def test_pinning_and_letting_go(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    ann.say("The key is under the pot").has_sent("The key is under the pot")
    ann.act("The key is under the pot", "Pin")
    expect(ben.page.get_by_text("ann pinned a message")).to_be_visible()

    ben.page.get_by_role("button", name="Pinned messages").click()
    pins = ben.page.get_by_role("dialog", name="Pinned messages")
    expect(pins.get_by_text("The key is under the pot")).to_be_visible()
    expect(pins.get_by_role("button", name="Unpin")).to_have_count(0)
    pins.get_by_role("button", name="Show").click()
    expect(ben.message("The key is under the pot")).to_have_attribute("data-flash", "true")

    ann.act("The key is under the pot", "Unpin")
    expect(ben.page.get_by_role("button", name="Pinned messages")).to_have_count(0)
    buttons = ben.point_at(ben.message("The key is under the pot"))
    buttons.get_by_role("button", name="More", exact=True).click()
    expect(_menu(ben).get_by_role("menuitem", name="Pin")).to_have_count(0)


def test_saving_for_oneself(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    ann.say("Recipe: beans").has_sent("Recipe: beans")
    ben.act("Recipe: beans", "Save")
    ben.page.get_by_role("link", name="Loopchat, to the lobby").click()
    ben.page.get_by_role("button", name="Account and settings").click()
    ben.page.get_by_role("button", name="Saved messages").click()
    saved = ben.page.get_by_role("dialog", name="Saved messages")
    expect(saved.get_by_text("Garden")).to_be_visible()
    saved.get_by_role("button", name="Show").click()

    expect(ben.message("Recipe: beans")).to_be_in_viewport()
    ben.act("Recipe: beans", "Remove from saved")
    ben.was_told("Removed from saved")


def test_the_history_of_an_edited_message(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    ann.say("Teh beans").has_sent("Teh beans")
    ann.composer.press("ArrowUp")
    ann.say("The beans")
    ben.sees("The beans").message("The beans").get_by_role("button", name="edited").click()

    earlier = ben.page.get_by_role("dialog", name="Earlier versions")
    expect(earlier.get_by_text("Teh beans")).to_be_visible()
    expect(earlier.get_by_role("listitem").first).to_contain_text("The beans")


def test_deleting_can_be_undone_for_some_seconds(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    ann.say("Keep me").say("Drop me").has_sent("Drop me")
    clock.stop(ann.page)
    ann.act("Keep me", "Delete")
    expect(ann.message("Keep me")).to_have_count(0)
    ann.page.get_by_role("button", name="Undo").click()
    ann.sees("Keep me")

    ann.act("Drop me", "Delete")
    expect(ann.message("Drop me")).to_have_count(0)
    ann.page.clock.run_for(ALMOST_TOO_LATE_MS)
    ann.say("Not yet").has_sent("Not yet")
    ben.sees("Not yet").sees("Drop me")
    ann.page.clock.run_for(TOO_LATE_MS - ALMOST_TOO_LATE_MS)
    expect(ben.page.get_by_text("This message was deleted")).to_be_visible()
    ben.sees("Keep me")


def test_leaving_the_page_deletes_at_once(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    ann.say("Drop me").has_sent("Drop me").act("Drop me", "Delete")
    expect(ann.message("Drop me")).to_have_count(0)
    ann.open("/chat/settings/")

    expect(ben.page.get_by_text("This message was deleted")).to_be_visible()


def test_several_messages_at_once(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    ann.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ann.say("One").say("Two").has_sent("Two")
    ben.sees("Two").say("Three")
    ann.sees("Three").act("One", "Select")
    bar = ann.page.get_by_role("toolbar", name="Marked messages")
    ann.message("Three").click()
    expect(bar.get_by_text("2 selected")).to_be_visible()

    bar.get_by_role("button", name="Copy text").click()
    ann.was_told("Copied")
    assert ann.page.evaluate("navigator.clipboard.readText()") == "ann: One\nben: Three"
    expect(ann.composer).to_be_visible()

    ann.act("One", "Select")
    ann.message("Two").get_by_role("checkbox", name="Select").click()
    bar.get_by_role("button", name="Delete").click()
    expect(ann.message("One")).to_have_count(0)
    expect(ben.page.get_by_text("This message was deleted")).to_have_count(2)


def _menu(person: Person) -> Locator:
    return person.page.get_by_role("menu", name="Message menu")
