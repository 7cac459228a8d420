"""From a link to the first message, with the keyboard alone, on a phone."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser.conftest import Enter
from tests.browser.people import PASSWORD, PHONE, Person
from tests.services import Server


def link_of(host: Person, room: str, kind: str) -> str:
    """Make a link by the plain page, and read it there."""
    page = host.open("/chat/invitations/").page
    page.get_by_label("It leads to").select_option(label=room)
    page.get_by_role("radio", name=kind).check()
    page.get_by_role("button", name="Make the link").click()
    expect(page.get_by_role("img", name="The link as a QR code")).to_be_visible()
    return page.get_by_label("Link").input_value()


def test_a_guest_comes_says_something_and_stays(
    browser: Browser, server: Server, enter: Enter, visitors: list[Person]
) -> None:
    host = enter("ann").create_room("Board", kind="Private")
    address = link_of(host, "Board", "Guests")
    visitors.append(Person(browser, server, "zoe", size=PHONE))
    guest = visitors[-1].open(address.removeprefix(server.url.rstrip("/")))
    assert "/join/" in address
    assert guest.page.url.endswith("/join/")

    guest.page.keyboard.type("Zoe")
    guest.page.keyboard.press("Enter")
    guest.composer.focus()
    guest.page.keyboard.type("hello from outside")
    guest.page.keyboard.press("Enter")
    guest.has_sent("hello from outside")
    host.open("/chat/room/board/").sees("hello from outside")

    for path in ("/chat/", "/chat/settings/"):
        buttons = guest.open(path).page.get_by_role("button")
        expect(guest.page.get_by_role("heading", level=1)).to_be_visible()
        expect(buttons.filter(has_text="New message")).to_have_count(0)
        expect(buttons.filter(has_text="New room")).to_have_count(0)
        expect(guest.page.get_by_label("New conversation")).to_have_count(0)
        expect(guest.page.get_by_role("link", name="People")).to_have_count(0)

    guest.open("/users/guest/").page.keyboard.type("zoe")
    guest.page.keyboard.press("Tab")
    guest.page.keyboard.type(PASSWORD)
    guest.page.keyboard.press("Enter")
    guest.page.wait_for_url("**/chat/")
    guest.open("/chat/room/board/").sees("hello from outside").say("now as myself")
    guest.has_sent("now as myself")


def test_a_newcomer_signs_up_and_lands_in_the_room(
    browser: Browser, server: Server, enter: Enter, visitors: list[Person]
) -> None:
    host = enter("ann").create_room("Board", kind="Private")
    address = link_of(host, "Board", "People with an account")
    visitors.append(Person(browser, server, "ben", size=PHONE))
    ben = visitors[-1].open(address.removeprefix(server.url.rstrip("/")))

    ben.page.get_by_role("button", name="Create an account").press("Enter")
    ben.page.wait_for_url("**/users/signup/**")
    ben.page.keyboard.type("ben")
    ben.page.keyboard.press("Tab")
    ben.page.keyboard.type(PASSWORD)
    ben.page.keyboard.press("Enter")
    ben.page.wait_for_url("**/chat/room/board/**")
    ben.say("hello").has_sent("hello")
