"""Every screen in both themes: axe finds nothing to complain about."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Enter
from tests.browser.people import DESK, PHONE
from tests.services import Server

THEMES = ("light", "dark")


@pytest.mark.parametrize("theme", THEMES)
def test_the_pages_without_an_account(browser: Browser, server: Server, theme: str) -> None:
    context = browser.new_context(base_url=server.url, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    for path in ("/users/login/", "/users/signup/", "/setup/nothing/"):
        page.goto(path)
        _is_clean(page)
    context.close()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_screen_of_the_client(enter: Enter, theme: str, size: dict[str, int]) -> None:
    ann = enter("ann", color_scheme=theme, size=size)
    ben = enter("ben")
    _is_clean(ann.page)

    ann.create_room("Garden", topic="What grows where").say("See https://example.com").say("🌱")
    ben.open("/chat/room/garden/").page.get_by_role("button", name="Join Garden").click()
    ben.sees("🌱").act("🌱", "Reply").say("Nice")
    ann.sees("Nice").act("Nice", "React")
    ann.page.get_by_role("button", name="React with 👍").click()
    expect(ann.page.get_by_role("button", name="👍, 1")).to_be_visible()
    _is_clean(ann.page)

    ann.message("Nice").hover()
    _is_clean(ann.page)
    ann.page.get_by_role("button", name="Details").last.click()
    expect(ann.page.get_by_role("heading", name="2 members")).to_be_visible()
    _is_clean(ann.page)
    ann.page.get_by_role("button", name="Name and topic").click()
    _is_clean(ann.page)
    ann.page.keyboard.press("Escape")
    ann.open("/chat/")
    ann.page.get_by_role("button", name="Account and settings").click()
    _is_clean(ann.page)
    ann.page.keyboard.press("Escape")
    for kind in ("Person", "Room", "Group"):
        ann.page.get_by_role("button", name="New conversation").click()
        ann.page.get_by_role("radio", name=kind, exact=True).click()
        _is_clean(ann.page)
        ann.page.keyboard.press("Escape")
    for path in ("/chat/friends/", "/chat/settings/", "/chat/room/nothing/"):
        ann.open(path)
        _is_clean(ann.page)


def test_the_theme_is_kept_and_painted_by_the_server(enter: Enter) -> None:
    ann = enter("ann", color_scheme="light")
    ann.page.get_by_role("button", name="Account and settings").click()
    ann.page.get_by_role("radio", name="Dark").click()
    expect(ann.page.locator("html")).to_have_attribute("data-theme", "dark")

    assert 'data-theme="dark"' in ann.page.request.get("/chat/settings/").text()


def _is_clean(page: Page) -> None:
    page.evaluate("Promise.allSettled(document.getAnimations().map(one => one.finished))")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
