"""390 pixels wide: one pane at a time."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.people import PHONE


def test_two_people_talk_on_their_phones(enter: Enter) -> None:
    ann = enter("ann", size=PHONE, has_touch=True)
    ben = enter("ben", size=PHONE, has_touch=True)
    ann.create_room("Garden").say("Good morning")

    ben.open("/chat/")
    ben.page.get_by_role("button", name="Join Garden").tap()
    ben.sees("Good morning").say("It is").sees("It is")

    ann.sees("It is")
    expect(ann.page.get_by_role("navigation", name="Conversations")).to_be_hidden()


def test_the_back_button_leads_to_the_list(enter: Enter) -> None:
    ann = enter("ann", size=PHONE, has_touch=True)
    ann.create_room("Garden")

    ann.page.get_by_role("link", name="Back to the list").tap()
    expect(ann.page).to_have_url(re.compile("/chat/$"))
    expect(ann.composer).to_have_count(0)
    ann.row("Garden").tap()

    expect(ann.header("Garden")).to_be_in_viewport()
    expect(ann.composer).to_be_in_viewport()
    ann.page.go_back()
    expect(ann.row("Garden")).to_be_visible()


def test_nothing_is_wider_than_the_screen(enter: Enter) -> None:
    ann = enter("ann", size=PHONE, has_touch=True)
    ann.create_room("A" * 60, topic="b" * 240).say("c" * 600).say("d " * 300)
    expect(ann.messages).to_have_count(2)

    for open_next in ("", "Details"):
        if open_next:
            ann.page.get_by_role("button", name=open_next).last.tap()
        wide = ann.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE["width"]
