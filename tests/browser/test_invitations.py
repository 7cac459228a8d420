"""From a link to the first message, with the keyboard alone, on a phone."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser.conftest import Enter
from tests.browser.people import PASSWORD, PHONE, Person
from tests.services import Server

# What a password manager goes by, and what a phone does with the first letter.
_ASKED = "all => all.map(one => [one.autocomplete, one.type, one.autocapitalize])"

# A password manager writes into the fields and says so.
_FILL = """values => {
  for (const [kind, value] of Object.entries(values)) {
    const field = document.querySelector(`[autocomplete="${kind}"]`)
    field.value = value
    field.dispatchEvent(new Event("input", { bubbles: true }))
  }
}"""

# Links within a text may be as small as the text, and a date is one; a box is touched by its words.
_SMALL = """() => [...document.querySelectorAll("a, button, input, textarea, select")]
  .filter(one => one.type !== "hidden" && one.checkVisibility({ visibilityProperty: true }))
  .flatMap(one => {
    const { width, height } = (one.closest("label") ?? one).getBoundingClientRect()
    const isField = one.matches("input, textarea, select")
    const zooms = isField && parseFloat(getComputedStyle(one).fontSize) < 16
    const isInText = one.matches("p a, .skip, .brand, .date__chip") || width < 2
    const isSmall = !isInText && (width < 43.5 || height < 43.5)
    return zooms || isSmall ? [`${one.outerHTML.slice(0, 90)} ${width}x${height}`] : []
  })"""


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

    expect(guest.page.get_by_label("Your name")).to_be_focused()
    guest.page.keyboard.type("Zoe")
    guest.page.keyboard.press("Enter")
    expect(guest.composer).to_be_focused()
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

    guest.open("/users/guest/")
    expect(guest.page.get_by_label("Name", exact=True)).to_be_focused()
    guest.page.keyboard.type("zoe")
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

    expect(ben.page.get_by_role("button", name="Create an account")).to_be_focused()
    ben.page.keyboard.press("Enter")
    ben.page.wait_for_url("**/users/signup/**")
    expect(ben.page.get_by_label("Name", exact=True)).to_be_focused()
    ben.page.keyboard.type("ben")
    ben.page.keyboard.press("Tab")
    ben.page.keyboard.type(PASSWORD)
    ben.page.keyboard.press("Enter")
    ben.page.wait_for_url("**/chat/room/board/**")
    expect(ben.composer).to_be_focused()
    ben.page.keyboard.type("hello")
    ben.page.keyboard.press("Enter")
    ben.has_sent("hello")


def test_a_thumb_and_a_password_manager_are_enough(
    browser: Browser, server: Server, enter: Enter, visitors: list[Person]
) -> None:
    host = enter("ann").create_room("Board", kind="Private")
    address = link_of(host, "Board", "People with an account")
    visitors.append(Person(browser, server, "ben", size=PHONE, has_touch=True, is_mobile=True))
    ben = visitors[-1].open(address.removeprefix(server.url.rstrip("/")))
    fits_a_thumb(ben)
    ben.page.get_by_role("button", name="Create an account").tap()
    ben.page.wait_for_url("**/users/signup/**")
    fits_a_thumb(ben)
    asked = ben.page.locator("input:not([type=hidden])").evaluate_all(_ASKED)
    assert asked == [["username", "text", "none"], ["new-password", "password", ""]]
    ben.page.evaluate(_FILL, {"username": "ben", "new-password": PASSWORD})
    ben.page.get_by_role("button", name="Create account").tap()
    ben.page.wait_for_url("**/chat/room/board/**")
    ben.is_online()
    fits_a_thumb(ben)
    ben.composer.tap()
    expect(ben.composer).to_be_focused()
    ben.page.keyboard.type("hello")
    ben.page.get_by_role("button", name="Send").tap()
    ben.has_sent("hello")

    ben.open("/chat/settings/").page.get_by_role("button", name="Sign out").tap()
    ben.page.wait_for_url("**/users/login/**")
    fits_a_thumb(ben)
    asked = ben.page.locator("input:not([type=hidden])").evaluate_all(_ASKED)
    assert asked == [["username", "text", "none"], ["current-password", "password", ""]]


def fits_a_thumb(person: Person) -> None:
    """Whatever one touches is 44 pixels large, and no field is so small that a phone zooms in."""
    assert person.page.evaluate(_SMALL) == []
