"""Who has read what, who types, who is here: the same for everybody, at once and after a reload."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.browser import clock
from tests.browser.attention import in_a_room, look_away, look_back
from tests.browser.conftest import Enter
from tests.browser.people import Person


def test_the_ticks_say_who_received_and_who_read_with_times(enter: Enter) -> None:
    ann, ben, cara = in_a_room(enter, "ann", "ben", "cara")
    look_away(cara.page)
    ann.say("Hello").has_sent("Hello")
    expect(ann.message("Hello").get_by_text("Delivered")).to_be_attached()

    ann.message("Hello").get_by_title("Message info").first.click()
    read, delivered = _list(ann, "Read by"), _list(ann, "Delivered to")
    expect(read.get_by_role("listitem")).to_contain_text(["ben"])
    expect(read.get_by_role("listitem").get_by_role("time")).to_contain_text(["Today, "])
    expect(delivered.get_by_role("listitem")).to_contain_text(["cara"])
    look_back(cara.page)

    expect(read.get_by_role("listitem")).to_have_count(2)
    expect(delivered).to_have_count(0)
    expect(ann.message("Hello").get_by_text("Read", exact=True)).to_be_attached()
    ann.page.keyboard.press("Escape")
    expect(ann.message("Hello").locator(".ticks")).to_have_css("color", "rgb(83, 189, 235)")
    ben.sees("Hello")


def test_whoever_switches_receipts_off_neither_shows_nor_sees_them(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    ann.say("Before")
    expect(ann.message("Before").get_by_text("Read", exact=True)).to_be_attached()
    room = ben.page
    ben.new_page()
    ben.open("/chat/settings/")
    asked = ben.page.get_by_role("group", name="Who sees what you have received and read")
    asked.get_by_role("radio", name="Nobody").check()
    ben.page.get_by_role("button", name="Save privacy").click()
    expect(ben.page.get_by_text("Saved.")).to_be_visible()
    expect(asked.get_by_role("radio", name="Nobody")).to_be_checked()
    ben.page = room

    ben.say("Do you see this?")
    ann.sees("Do you see this?").say("After").has_sent("After")
    ben.sees("After").has_sent("Do you see this?")
    ben.message("Do you see this?").get_by_title("Message info").first.click()
    expect(ben.page.get_by_text("You have switched receipts off")).to_be_visible()
    ben.page.keyboard.press("Escape")
    for person in (ann, ben):
        person.page.reload()
        person.is_online()
    expect(ann.message("After").get_by_text("Sent", exact=True)).to_be_attached()
    expect(ben.message("Do you see this?").get_by_text("Sent", exact=True)).to_be_attached()


def test_one_two_and_several_people_type(enter: Enter) -> None:
    ann, *others = in_a_room(enter, "ann", "ben", "cara", "dan")
    status = ann.page.locator(".conversation__status")
    clock.stop(ann.page, *(person.page for person in others))

    others[0].composer.press_sequentially("I")
    expect(status).to_have_text("ben is typing…")
    others[1].composer.press_sequentially("I")
    others[0].composer.press_sequentially("t")
    expect(status).to_have_text("ben and cara are typing…")
    for person in others:
        person.composer.press_sequentially("s")
    expect(status).to_have_text("Several people are typing…")
    for person in others:
        person.composer.press("Enter")

    expect(status).to_contain_text("4 members · 4 online")


def test_who_leaves_was_last_seen_and_is_not_counted_in_any_tab(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    room, bens_first = ann.page, ben.page
    status = room.locator(".conversation__status")
    expect(status).to_contain_text("2 members · 2 online")
    here = ann.new_page().locator(".panel__people")
    ann.open("/chat/")
    expect(here.get_by_role("button", name="ben")).to_be_visible()
    ann.new_page()
    ann.begin_with("ben")
    about_ben = ann.page.locator(".conversation__status")
    expect(about_ben).to_have_text("online")
    expect(ann.page.locator(".conversation__who [data-state=online]")).to_be_visible()

    ben.new_page()
    ben.open("/chat/").is_online()
    bens_first.close()
    ann.say("Still there?").has_sent("Still there?")
    expect(ben.page).to_have_title("(1) Lobby – Loopchat")
    expect(about_ben).to_have_text("online")
    ben.page.close()

    expect(about_ben).to_have_text(
        re.compile("^last seen (this minute|1 minute ago)$"), timeout=60_000
    )
    expect(ann.page.locator(".conversation__who [data-state=online]")).to_have_count(0)
    expect(status).to_contain_text("2 members · 1 online")
    expect(here).to_have_count(0)


def _list(person: Person, name: str) -> Locator:
    return person.page.get_by_role("dialog").get_by_role("region", name=name)
