"""Who is brought into a room, and who is gone: what the others are told, at once and later."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser import clock
from tests.browser.attention import (
    in_a_room,
    look_away,
    notices,
    to_lobby,
    wait_for_notice,
    with_desktop,
)
from tests.browser.conftest import Enter
from tests.browser.people import PASSWORD, Person

_GONE = "Deleted account"
AGREED_MS = 250
"""After this long the tabs have agreed on the one that shows a notice."""


def test_who_is_put_into_a_group_is_told(enter: Enter) -> None:
    ann, ben = enter("ann"), enter("ben")
    ben.page.evaluate("localStorage.setItem('permission', 'granted')")
    with_desktop(ben)
    look_away(ben.page)
    clock.stop(ben.page)
    ann.page.get_by_role("button", name="New conversation").click()
    dialog = ann.page.get_by_role("dialog", name="New conversation")
    dialog.get_by_role("radio", name="Group", exact=True).click()
    dialog.get_by_role("button", name="ben").first.click()
    dialog.get_by_role("button", name="Create group").click()
    expect(ann.header("ben")).to_be_visible()

    toast = ben.page.get_by_role("status").filter(has_text="ann added you to a group")
    expect(toast).to_be_visible()
    ben.page.clock.run_for(AGREED_MS)
    wait_for_notice(ben.page)
    assert [one["title"] for one in notices(ben.page)] == ["ann added you to a group"]
    ben.page.get_by_role("button", name="Show", exact=True).click()
    expect(ben.header("ann")).to_be_visible()


def test_nothing_is_there_for_the_other_until_something_is_said(enter: Enter) -> None:
    ann, ben = enter("ann"), enter("ben")
    ann.begin_with("ben").is_online()
    ben.open("/chat/user/ann/")
    expect(ben.page.get_by_role("button", name="Begin a conversation")).to_be_visible()
    ben.open("/chat/").is_online()
    ann.say("Hello").has_sent("Hello")
    ben.row("ann").click()
    ben.sees("Hello").say("Good to see you").has_sent("Good to see you")
    ann.sees("Good to see you")


def test_the_only_owner_hands_a_room_over_and_goes(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    ann.page.get_by_role("button", name="Details", exact=True).click()
    details = ann.page.get_by_role("complementary")
    details.get_by_role("button", name="Actions for ben").click()
    details.get_by_role("button", name="Make owner").click()
    question = ann.page.get_by_role("dialog", name="Make ben an owner?")
    question.get_by_role("button", name="Make owner").click()
    ben.page.get_by_text("You are now owner", exact=True).wait_for()
    details.get_by_role("button", name="Leave", exact=True).click()
    ann.page.get_by_role("dialog").get_by_role("button", name="Leave", exact=True).click()
    expect(ann.header("Hello, ann")).to_be_visible()
    expect(ben.page.get_by_text("ann left", exact=True)).to_be_visible()


def test_who_is_gone_is_called_that_everywhere_at_once_and_later(enter: Enter) -> None:
    cyd, ann, ben = in_a_room(enter, "cyd", "ann", "ben")
    ben.say("What I said").has_sent("What I said")
    ann.sees("What I said").act("What I said", "Reply").say("I heard").has_sent("I heard")
    ben.begin_with("ann").say("Only for you").has_sent("Only for you")
    ann.row("ben").click()
    ann.sees("Only for you")

    ben.open("/users/delete/")
    expect(ben.page.get_by_role("heading", name="Delete my account")).to_be_visible()
    ben.page.get_by_label("Your password").fill(PASSWORD)
    ben.page.get_by_role("button", name="Delete my account").click()
    expect(ben.page.get_by_role("heading", name="Your account is deleted")).to_be_visible()

    for _ in ("at once", "after a reload"):
        _is_closed(ann)
        _is_nameless(cyd)
        for person in (ann, cyd):
            person.page.reload()
            person.is_online()
    ann.page.keyboard.press("Control+k")
    places = ann.page.get_by_role("dialog", name="Go to")
    places.get_by_role("combobox").fill("Deleted")
    expect(places.get_by_role("option").filter(has_text=_GONE)).to_have_count(1)
    expect(places.get_by_text("deleted-")).to_have_count(0)


def _is_closed(person: Person) -> None:
    """The conversation with who is gone says so, in its head and instead of the composer."""
    expect(person.header(_GONE)).to_be_visible()
    expect(person.page.get_by_text("nobody would read an answer")).to_be_visible()
    expect(person.composer).to_have_count(0)
    expect(person.row(_GONE)).to_be_visible()
    person.sees("Only for you")


def _is_nameless(person: Person) -> None:
    """In a room: the author, the quote and the line about the leaving."""
    said = person.message("What I said")
    expect(said.get_by_role("button", name=_GONE, exact=True)).to_be_visible()
    answer = person.message("I heard").get_by_role("button", name=_GONE)
    expect(answer).to_be_visible()
    expect(person.page.get_by_text(f"{_GONE} left", exact=True)).to_be_visible()
    expect(person.page.get_by_text("ben", exact=True)).to_have_count(0)
    expect(person.page.get_by_text("deleted-")).to_have_count(0)
    to_lobby(person)
    person.row("Garden").click()
