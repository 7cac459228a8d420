"""Pages beside the chat, settings for instance: connected too, and gone when the sign-in is."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.attention import in_a_room
from tests.browser.conftest import Enter
from tests.browser.people import PHONE, Person
from tests.browser.test_invitations import link_of
from tests.services import Server

SETTINGS = "/chat/settings/"
LIMIT_MS = 20_000

_DISABLE = """
from loopchat.accounts import people
people.disable(people.find("ann"))
"""


def test_the_settings_are_live(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    ann.open(SETTINGS)
    expect(ann.page).to_have_title("Settings – Loopchat")
    dot = ben.page.locator(".conversation__status")
    expect(dot).to_contain_text("2 online")

    ben.say("hello").has_sent("hello")

    expect(ann.page).to_have_title("(1) Settings – Loopchat")
    row = ann.row("Garden")
    expect(row).to_contain_text("ben: hello")
    expect(row.get_by_text("1 unread")).to_be_visible()
    expect(ben.message("hello").get_by_text("Delivered", exact=True)).to_have_count(1)
    expect(dot).to_contain_text("2 online")
    ann.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    expect(ann.page.get_by_role("button", name="Conversations 1 unread")).to_be_visible()
    ben.say("and more").has_sent("and more")
    ann.page.get_by_role("button", name="Conversations 2 unread").click()
    row.click()
    ann.sees("and more")


def test_who_is_signed_out_elsewhere_leaves_the_settings(enter: Enter, again: Enter) -> None:
    ann = enter("ann")
    other = again("ann").open(SETTINGS)
    ann.open("/users/devices/")
    ann.page.get_by_role("button", name="Sign out everywhere else").click()

    other.page.wait_for_url("**/users/login/?next=*settings*", timeout=LIMIT_MS)
    expect(other.page.get_by_role("status")).to_contain_text("You were signed out here")
    expect(ann.page.get_by_role("heading", name="Devices")).to_be_visible()
    other.sign_in().open("/chat/settings/profile/")
    ann.open(SETTINGS).page.get_by_role("button", name="Sign out").click()
    ann.page.wait_for_url("**/users/login/")
    expect(ann.page.get_by_role("status")).to_have_count(0)
    expect(other.page.get_by_role("heading", name="Profile")).to_be_visible()


def test_whose_account_is_disabled_reads_why(enter: Enter, server: Server) -> None:
    ann = enter("ann").open(SETTINGS)
    expect(ann.page.locator("loop-rows")).to_have_count(1)

    server.manage("manage", "shell", "--command", _DISABLE)

    ann.page.wait_for_url("**/users/login/**", timeout=LIMIT_MS)
    expect(ann.page.get_by_role("status")).to_contain_text("Your account is disabled")


@pytest.mark.parametrize("path", ["", SETTINGS])
def test_a_guest_reads_why_the_visit_is_over(
    path: str, browser: Browser, server: Server, enter: Enter, visitors: list[Person]
) -> None:
    host = enter("ann").create_room("Board", kind="Private")
    address = link_of(host, "Board", "Guests")
    visitors.append(Person(browser, server, "zoe", size=PHONE))
    guest = visitors[-1].open(address.removeprefix(server.url.rstrip("/")))
    guest.page.get_by_label("Your name").fill("Zoe")
    guest.page.get_by_role("button", name="Come in as a guest").click()
    guest.is_online()
    if path:
        guest.open(path)
        expect(guest.page.locator("loop-rows")).to_have_count(1)

    host.open("/chat/invitations/").page.get_by_role("button", name="End this link").click()

    guest.page.wait_for_url("**/users/login/**", timeout=LIMIT_MS)
    told = guest.page.get_by_role("status")
    expect(told).to_contain_text("Your visit has ended")
    expect(told).to_contain_text("The link that brought you to “Board” was ended.")
    expect(told).to_contain_text("Ask ann for a new link")


def test_who_is_removed_reads_by_whom(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    ann.page.get_by_role("button", name="Details").last.click()
    ann.page.get_by_role("button", name="Actions for ben").click()
    ann.page.get_by_role("button", name="Ban from room").click()
    ann.page.get_by_role("button", name="Ban", exact=True).click()

    told = ben.page.locator(".toast")
    expect(told).to_contain_text("ann has banned you from Garden.")
    told.get_by_role("button", name="Close").click()
    expect(told.get_by_role("button")).to_have_count(0)
