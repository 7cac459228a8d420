"""Blocks and message requests, with three people: what folds, what vanishes, what comes back."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.browser.attention import in_a_room, look_away, notices, to_lobby, with_desktop
from tests.browser.axe import is_clean
from tests.browser.conftest import Enter
from tests.browser.people import Person

_FOLDED = "Message of a blocked person"


def test_what_a_blocked_person_says_is_folded_everywhere(enter: Enter) -> None:
    ann, ben, cyd = in_a_room(enter, "ann", "ben", "cyd")
    ben.begin_with("ann").say("Only for ann").has_sent("Only for ann")
    expect(ann.row("ben")).to_be_visible()
    ben.open("/chat/room/garden/").say("Loud").has_sent("Loud")
    cyd.sees("Loud").act("Loud", "Reply").say("Not so loud").has_sent("Not so loud")
    ann.sees("Not so loud").act("Loud", "Pin").act("Loud", "Profile of ben")
    ann.page.get_by_role("dialog").get_by_role("button", name="Block ben").click()
    question = ann.page.get_by_role("dialog", name="Block ben?")
    question.get_by_role("button", name="Block", exact=True).click()

    expect(ann.row("ben")).to_have_count(0)
    expect(ann.message("Loud")).to_have_count(0)
    folded = ann.messages.filter(has=ann.page.get_by_role("button", name="Show", exact=True))
    expect(folded).to_have_count(1)
    answer = ann.message("Not so loud")
    expect(answer.get_by_role("button", name=_FOLDED)).to_be_visible()
    is_clean(ann.page)
    ann.page.get_by_role("button", name="Pinned messages").click()
    pins = ann.page.get_by_role("dialog", name="Pinned messages")
    expect(pins.get_by_text(_FOLDED)).to_be_visible()
    expect(pins.get_by_text("Loud", exact=True)).to_be_hidden()
    ann.page.keyboard.press("Escape")
    with_desktop(ann).page.evaluate("localStorage.setItem('permission', 'granted')")
    look_away(ann.page)
    ben.say("Louder").has_sent("Louder")
    expect(ann.row("Garden").get_by_text(_FOLDED)).to_be_visible()
    assert notices(ann.page) == []
    folded.first.get_by_role("button", name="Show", exact=True).click()
    ann.sees("Loud")

    ben.sees("Not so loud")
    expect(ben.page.get_by_text(_FOLDED)).to_have_count(0)


def test_the_conversation_comes_back_with_the_end_of_a_block(enter: Enter) -> None:
    ann, ben = enter("ann"), enter("ben")
    ben.begin_with("ann").say("Hello").has_sent("Hello")
    ann.row("ben").click()
    ann.sees("Hello").say("Go away").has_sent("Go away")
    ann.page.get_by_role("button", name="Details", exact=True).click()
    block = ann.page.get_by_role("complementary").get_by_role("button", name="Block ben")
    expect(block).to_be_visible()
    is_clean(ann.page)
    block.click()
    ann.page.get_by_role("dialog").get_by_role("button", name="Block", exact=True).click()
    ann.was_told("You have blocked ben.")
    expect(ann.header("Hello, ann")).to_be_visible()
    expect(ann.row("ben")).to_have_count(0)

    ann.page.get_by_role("link", name="People").first.click()
    ann.page.get_by_role("tab", name="Blocked").click()
    is_clean(ann.page)
    ann.page.get_by_role("button", name="Unblock ben").click()

    expect(ann.page.get_by_text("You have blocked nobody.")).to_be_visible()
    ann.row("ben").click()
    ann.sees("Go away")
    ben.say("Thank you").has_sent("Thank you")
    ann.sees("Thank you")


def test_a_message_request_waits_for_an_answer(enter: Enter) -> None:
    ann, ben, cyd = enter("ann"), enter("ben"), enter("cyd")
    ann.open("/chat/settings/")
    group = ann.page.get_by_role("group", name="Who may write to you")
    group.get_by_role("radio", name="Friends").check()
    ann.page.get_by_role("button", name="Save privacy").click()
    expect(ann.page.get_by_text("Saved.")).to_be_visible()
    ann.open("/chat/").is_online()
    for person in (ben, cyd):
        person.begin_with("ann").say(f"I am {person.name}").has_sent(f"I am {person.name}")

    requests = ann.page.get_by_role("navigation", name="Conversations")
    expect(requests.get_by_role("heading", name="Requests")).to_be_visible()
    expect(ann.row("cyd")).to_be_visible()
    expect(ann.page).to_have_title("Lobby – Loopchat")
    ann.row("ben").click()
    ann.sees("I am ben")
    bar = ann.page.get_by_role("group", name="Message request")
    expect(bar.get_by_text("ben wants to write to you")).to_be_visible()
    expect(ann.composer).to_be_hidden()
    is_clean(ann.page)
    bar.get_by_role("button", name="Accept").click()
    expect(bar).to_have_count(0)
    ann.say("Welcome").has_sent("Welcome")
    ben.sees("Welcome")

    ann.row("cyd").click()
    ann.sees("I am cyd")
    ann.page.get_by_role("button", name="Decline").click()
    ann.was_told("Declined. They are not told.")
    expect(ann.row("cyd")).to_have_count(0)
    expect(requests.get_by_role("heading", name="Requests")).to_have_count(0)
    expect(cyd.message("I am cyd").get_by_text(re.compile("^Sent$"))).to_be_attached()


def test_a_group_becomes_a_room_and_notes_are_for_oneself(enter: Enter) -> None:
    ann, ben = enter("ann"), enter("ben")
    dialog = _new(ann)
    dialog.get_by_role("button", name="Notes to yourself").click()
    expect(ann.header("Notes to yourself")).to_be_visible()
    ann.say("Buy seeds").has_sent("Buy seeds")
    expect(ann.row("Notes to yourself").get_by_text("Buy seeds")).to_be_visible()

    dialog = _new(ann)
    dialog.get_by_role("radio", name="Group", exact=True).click()
    dialog.get_by_role("button", name="ben").first.click()
    dialog.get_by_role("button", name="Create group").click()
    expect(ann.header("ben")).to_be_visible()
    ann.say("Just us").has_sent("Just us")
    ben.row("ann").click()
    ann.page.get_by_role("button", name="Details", exact=True).click()
    ann.page.get_by_role("complementary").get_by_role("button", name="Turn into a room").click()
    dialog = ann.page.get_by_role("dialog", name="Turn into a room")
    dialog.get_by_label("Name", exact=True).fill("Shed")
    dialog.get_by_role("button", name="Turn into a room").click()
    for person in (ann, ben):
        expect(person.header("Shed")).to_be_visible()
        person.sees("Just us")
    expect(ann.page.get_by_text("Private room: by invitation")).to_be_visible()
    to_lobby(ben)
    ben.row("Shed").click()
    ben.page.wait_for_url("**/chat/room/shed/")


def _new(person: Person) -> Locator:
    person.page.get_by_role("button", name="New conversation").click()
    return person.page.get_by_role("dialog", name="New conversation")
