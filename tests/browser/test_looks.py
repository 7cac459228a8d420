"""Every screen in both themes: axe finds nothing to complain about."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.axe import is_clean
from tests.browser.conftest import Enter
from tests.browser.people import DESK, PHONE
from tests.services import Server


def test_the_pages_without_an_account(browser: Browser, server: Server) -> None:
    context = browser.new_context(base_url=server.url)
    page = context.new_page()
    for path in ("/users/login/", "/users/signup/", "/setup/nothing/"):
        page.goto(path)
        is_clean(page)
    context.close()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_screen_of_the_client(enter: Enter, size: dict[str, int]) -> None:
    ann = enter("ann", size=size)
    ben = enter("ben")
    is_clean(ann.page)

    ann.create_room("Garden", topic="What grows where").say("See https://example.com").say("🌱")
    ben.open("/chat/room/garden/").page.get_by_role("button", name="Join Garden").click()
    ben.sees("🌱").act("🌱", "Reply").say("Nice")
    ann.sees("Nice").act("Nice", "React")
    ann.page.get_by_role("button", name="React with 👍").click()
    expect(ann.page.get_by_role("button", name="👍, 1")).to_be_visible()
    is_clean(ann.page)

    ann.point_at(ann.message("Nice"))
    is_clean(ann.page)
    ann.page.get_by_role("button", name="Details").last.click()
    expect(ann.page.get_by_role("heading", name="2 members")).to_be_visible()
    is_clean(ann.page)
    ann.page.get_by_role("button", name="Name and topic").click()
    dialog = ann.page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    is_clean(ann.page)
    ann.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    ann.open("/chat/")
    ann.page.get_by_role("button", name="Account and settings").click()
    expect(ann.page.get_by_role("button", name="Sign out")).to_be_visible()
    is_clean(ann.page)
    ann.page.keyboard.press("Escape")
    for kind in ("Person", "Room", "Group"):
        ann.page.get_by_role("button", name="New conversation").click()
        ann.page.get_by_role("radio", name=kind, exact=True).click()
        expect(ann.page.get_by_role("radio", name=kind, exact=True)).to_be_checked()
        is_clean(ann.page)
        ann.page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
    for path in ("/chat/friends/", "/chat/settings/", "/chat/room/nothing/"):
        ann.open(path)
        is_clean(ann.page)


def test_the_theme_is_kept_and_painted_by_the_server(enter: Enter) -> None:
    ann = enter("ann", color_scheme="light")
    ann.page.get_by_role("button", name="Account and settings").click()
    ann.page.get_by_role("radio", name="Dark").click()
    expect(ann.page.locator("html")).to_have_attribute("data-theme", "dark")

    assert 'data-theme="dark"' in ann.page.request.get("/chat/settings/").text()
