"""The lobby: what can be joined and who is here, as it changes; what to do where nothing is yet."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.browser.attention import in_a_room, to_lobby
from tests.browser.conftest import Enter
from tests.browser.people import Person


def test_rooms_to_join_come_change_and_go_without_a_reload(enter: Enter) -> None:
    ann, ben = enter("ann"), enter("ben")
    ann.is_online()
    expect(ann.page.get_by_role("heading", name="First steps")).to_be_visible()

    ben.create_room("Attic", kind="Private")
    ben.create_room("Garden", topic="What grows where")
    expect(offer(ann, "Garden")).to_contain_text("1 member · What grows where")
    expect(ann.page.get_by_role("heading", name="First steps")).to_have_count(0)
    cat = enter("cat")
    offer(cat, "Garden").get_by_role("button", name="Join Garden").click()
    expect(offer(ann, "Garden")).to_contain_text("2 members")
    rename(ben, "Orchard")
    expect(offer(ann, "Orchard")).to_be_visible()
    expect(offer(ann, "Garden")).to_have_count(0)
    press(ben, "Archive")
    expect(offer(ann, "Orchard")).to_have_count(0)
    press(ben, "Reopen")
    expect(offer(ann, "Orchard")).to_be_visible()
    press(ben, "Delete room")
    ben.page.get_by_role("dialog").get_by_role("button", name="Delete room").click()

    expect(offer(ann, "Orchard")).to_have_count(0)
    expect(ann.page.get_by_text("Attic")).to_have_count(0)


def test_who_comes_is_here_at_once_also_when_they_were_not_known(enter: Enter) -> None:
    (ann,) = in_a_room(enter, "ann")
    to_lobby(ann)
    expect(ann.page.get_by_role("heading", name="Here now")).to_have_count(0)

    ben = enter("ben")
    offer(ben, "Garden").get_by_role("button", name="Join Garden").click()

    here = ann.page.locator(".panel__people")
    expect(here.get_by_role("button", name="ben")).to_be_visible()
    to_lobby(ben)
    expect(ben.page.locator(".panel__people").get_by_role("button", name="ann")).to_be_visible()


def test_each_first_step_does_what_it_says(enter: Enter) -> None:
    ann = enter("ann")
    steps = ann.page.locator(".panel--first").get_by_role("button")
    expect(steps).to_have_text(
        [re.compile("Create a room"), re.compile("Say hello"), re.compile("Keep notes")]
    )
    leads = ann.page.get_by_role("link", name="Invite people with a link")
    expect(leads).to_have_attribute("href", "/chat/invitations/")
    steps.nth(0).click()
    dialog = ann.page.get_by_role("dialog", name="New conversation")
    expect(dialog.get_by_role("radio", name="Room", exact=True)).to_be_checked()
    ann.page.keyboard.press("Escape")
    steps.nth(1).click()
    expect(dialog.get_by_role("radio", name="Person")).to_be_checked()
    ann.page.keyboard.press("Escape")
    steps.nth(2).click()
    expect(ann.composer).to_be_visible()


def offer(person: Person, name: str) -> Locator:
    """A room that this person could join, in their lobby."""
    rows = person.page.get_by_role("main").get_by_role("listitem")
    return rows.filter(has=person.page.get_by_text(name, exact=True))


def rename(person: Person, name: str) -> None:
    """Give the open room another name, by its details."""
    press(person, "Name and topic")
    dialog = person.page.get_by_role("dialog", name="Name and topic")
    dialog.get_by_label("Name", exact=True).fill(name)
    dialog.get_by_role("button", name="Save").click()


def press(person: Person, label: str) -> None:
    """A button of the open room's details."""
    panel = person.page.get_by_role("complementary")
    if not panel.count():
        person.page.get_by_role("button", name="Details", exact=True).click()
    panel.get_by_role("button", name=label).click()
