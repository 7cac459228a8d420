"""Parts of the client that cannot be had at one moment can be had at the next."""

from __future__ import annotations

import re

from playwright.sync_api import Route, expect

from tests.browser.conftest import Enter

PART = re.compile(r"/elements/")


def test_what_could_not_be_loaded_once_is_loaded_again(enter: Enter) -> None:
    ann = enter("ann").create_room("Garden")
    page = ann.page
    refused: list[str] = []

    def refuse(route: Route) -> None:
        refused.append(route.request.url)
        route.abort()

    page.route(PART, refuse)
    page.reload()
    ann.is_online()
    page.keyboard.press("Control+k")
    ann.was_told("This cannot be loaded now.")
    assert refused
    page.unroute(PART)

    page.keyboard.press("Control+k")

    expect(page.get_by_role("dialog", name="Go to")).to_be_visible()
    ann.problems.clear()  # the browser notes what was refused


def test_everybody_can_be_asked_for_again(enter: Enter) -> None:
    ann = enter("ann")
    enter("ben")
    page = ann.page
    directory = re.compile(r"/chat/people/directory/")
    page.route(directory, lambda route: route.abort())
    page.get_by_role("link", name="People").first.click()
    panel = page.get_by_role("tabpanel", name="Everybody")
    expect(panel.get_by_role("alert")).to_contain_text("The server cannot be reached.")
    page.unroute(directory)

    panel.get_by_role("button", name="Try again").click()

    expect(panel.get_by_role("button", name="Profile of ben")).to_be_visible()
    expect(panel.get_by_role("alert")).to_have_count(0)
    ann.problems.clear()
