"""Notices on the desktop: asked for by a button, one for each message, only when nobody looks."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.attention import (
    in_a_room,
    look_away,
    look_back,
    notices,
    to_lobby,
    wait_for_notice,
    with_desktop,
)
from tests.browser.conftest import Enter
from tests.browser.people import Person


def test_they_are_asked_for_by_a_button_and_never_before(enter: Enter) -> None:
    ann = with_desktop(enter("ann"))
    assert ann.page.evaluate("window.asked") == 0

    ann.page.get_by_role("button", name="Turn on notifications").click()
    expect(ann.page.get_by_role("button", name="Turn on notifications")).to_have_count(0)
    assert ann.page.evaluate("window.asked") == 1
    _open_settings(ann)
    dialog = ann.page.get_by_role("dialog", name="Desktop notifications")
    dialog.get_by_role("button", name="Turn off on this device").click()

    expect(dialog.get_by_text("Notifications are switched off on this device.")).to_be_visible()
    dialog.get_by_role("button", name="Turn on").click()
    expect(dialog.get_by_role("button", name="Turn off on this device")).to_be_visible()
    assert ann.page.evaluate("window.asked") == 1


def test_an_address_without_https_says_why_there_are_none(enter: Enter) -> None:
    ann = enter("ann")
    ann.context.add_init_script("Object.defineProperty(window, 'isSecureContext', {value: false})")
    ann.page.reload()
    expect(ann.page.get_by_role("button", name="Turn on notifications")).to_have_count(0)

    _open_settings(ann)

    expect(ann.page.get_by_text("Browsers show notifications only for secure")).to_be_visible()


def test_one_for_each_message_however_many_tabs_are_open(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    first = _turn_on(ben).page
    tabs = [first, ben.new_page(), ben.new_page()]
    for page in tabs[1:]:
        page.goto("/chat/")
        expect(page.locator(".connection[data-state=online]")).to_have_count(1)
    for page in tabs:
        look_away(page)

    for n in (1, 2):
        ann.say(f"number {n}").has_sent(f"number {n}")
        wait_for_notice(first, n)
    look_back(first)
    expect(tabs[2]).to_have_title("Lobby – Loopchat")
    ann.say("number 3")
    expect(ann.message("number 3").get_by_text("Read", exact=True)).to_be_attached()
    expect(first).to_have_title("Garden – Loopchat")
    look_away(first)
    ann.say("number 4").has_sent("number 4")
    wait_for_notice(first, 3)

    found = notices(*tabs)
    assert sorted(notice["body"] for notice in found) == ["number 1", "number 2", "number 4"]
    assert {notice["title"] for notice in found} == {"ann in Garden"}


def test_a_click_leads_to_the_message_and_reading_takes_it_away(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    to_lobby(_turn_on(ben))
    look_away(ben.page)
    ann.say("@ben come, ||a surprise||")
    wait_for_notice(ben.page)
    shown = {"title": "ann mentioned you in Garden", "body": "@ben come, █████", "open": True}
    assert notices(ben.page) == [shown]

    look_back(ben.page)
    ben.page.evaluate("notices[0].onclick()")

    expect(ben.header("Garden")).to_be_visible()
    ben.page.wait_for_function("!notices[0].open")
    assert notices(ben.page) == [shown | {"open": False}]


def test_level_and_mute_of_a_room_decide(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    ben.say("Question").has_sent("Question")
    _turn_on(ben)
    menu = ben.page.locator("#room-menu")
    ben.page.get_by_role("button", name="Menu of this conversation").click()
    menu.get_by_role("radio", name="Mentions").click()
    expect(menu.get_by_role("radio", name="Mentions")).to_be_checked()
    look_away(ben.page)

    ann.say("Nothing special").has_sent("Nothing special")
    ann.act("Question", "Reply").say("Answer")
    wait_for_notice(ben.page)
    menu.get_by_role("button", name="Always").click()
    expect(menu.get_by_text("Muted for ever")).to_be_visible()
    ann.say("@ben psst").say("Over").has_sent("Over")
    ben.sees("Over")
    menu.get_by_role("button", name="Unmute").click()
    expect(menu.get_by_text("Muted for ever")).to_have_count(0)
    ann.say("@all listen").has_sent("@all listen")
    wait_for_notice(ben.page, 2)

    titles = [(notice["title"], notice["body"]) for notice in notices(ben.page)]
    assert titles == [
        ("ann answered you in Garden", "Answer"),
        ("ann mentioned you in Garden", "@all listen"),
    ]


def _turn_on(person: Person) -> Person:
    person.page.evaluate("localStorage.setItem('permission', 'granted')")
    return with_desktop(person)


def _open_settings(person: Person) -> None:
    person.page.get_by_role("button", name="Account and settings").click()
    person.page.get_by_role("button", name="Desktop notifications").click()
