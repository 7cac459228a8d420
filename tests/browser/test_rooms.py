"""What rooms are told by their people: who is shut out, what new members may read."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.attention import in_a_room
from tests.browser.conftest import Enter


def test_who_is_banned_comes_back_when_it_is_lifted(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    ann.page.get_by_role("button", name="Details", exact=True).click()
    panel = ann.page.get_by_role("complementary")
    panel.get_by_role("button", name="Actions for ben").click()
    panel.get_by_role("button", name="Ban from room").click()
    ann.page.get_by_role("dialog").get_by_role("button", name="Ban", exact=True).click()

    expect(ben.page.get_by_text("ann has banned you from Garden.")).to_be_visible()
    expect(panel.get_by_role("heading", name="1 member")).to_be_visible()
    ben.open("/chat/room/garden/")
    ben.page.get_by_role("button", name="Join Garden").click()
    ben.was_told("You were banned from this room.")
    panel.get_by_role("button", name="Banned people").click()
    dialog = ann.page.get_by_role("dialog", name="Banned people")
    dialog.get_by_role("button", name="Lift the ban of ben").click()
    expect(dialog.get_by_text("Nobody is banned here.")).to_be_visible()
    ben.page.get_by_role("button", name="Join Garden").click()

    expect(ben.composer).to_be_visible()


def test_new_members_may_be_kept_from_what_was_said_before(enter: Enter) -> None:
    ann, ben = enter("ann"), enter("ben")
    ann.page.get_by_role("button", name="New conversation").click()
    dialog = ann.page.get_by_role("dialog", name="New conversation")
    dialog.get_by_role("radio", name="Room", exact=True).click()
    dialog.get_by_role("button", name="Create room").click()
    expect(dialog.get_by_text("A room needs a name.")).to_be_visible()
    dialog.get_by_label("Name", exact=True).fill("Garden")
    dialog.get_by_role("checkbox", name="Keep what was said before").check()
    dialog.get_by_role("button", name="Create room").click()
    ann.say("Before you came").has_sent("Before you came")

    ben.page.get_by_role("main").get_by_role("button", name="Join Garden").click()
    expect(ben.composer).to_be_visible()
    ann.say("Welcome")

    ben.sees("Welcome")
    expect(ben.message("Before you came")).to_have_count(0)
    ben.page.get_by_role("button", name="Details", exact=True).click()
    panel = ben.page.get_by_role("complementary")
    expect(panel.get_by_text("New members read from their joining on")).to_be_visible()
    expect(panel.get_by_role("button", name="Banned people")).to_have_count(0)


def test_leaving_says_what_was_left(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    ben.page.get_by_role("button", name="Details", exact=True).click()
    ben.page.get_by_role("complementary").get_by_role("button", name="Leave").click()
    ben.page.get_by_role("dialog").get_by_role("button", name="Leave").click()

    ben.was_told("You have left Garden.")
    expect(ann.page.get_by_text("ben left", exact=True)).to_be_visible()
