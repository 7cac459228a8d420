"""Bots and webhooks, as those see them who make them and those who read what they say."""

from __future__ import annotations

import json

from playwright.sync_api import expect

from tests.browser import axe
from tests.browser.conftest import Enter
from tests.services import direct


def test_a_webhook_is_made_in_the_room_and_what_it_posts_is_marked(again: Enter) -> None:
    owner = again("owner").create_room("Garden")
    page = owner.page
    page.get_by_role("button", name="Details").click()
    page.get_by_role("button", name="Webhooks").click()
    dialog = page.get_by_role("dialog", name="Webhooks")
    dialog.get_by_label("Name of the bot").fill("Deploys")
    dialog.get_by_role("button", name="Make a webhook").click()
    address = dialog.get_by_label("Address").input_value()
    expect(dialog.get_by_role("listitem").filter(has_text="Deploys")).to_contain_text("Bot")
    axe.is_clean(page)
    dialog.get_by_role("button", name="Close").click()

    _post(address, {"text": "Version 3 is *out*"})
    _post(address, {"text": "Disk is full", "username": "Watch", "icon_emoji": ":rotating_light:"})
    log = page.get_by_role("log")
    expect(log.get_by_role("button", name="Deploys Bot")).to_be_visible()
    expect(log.locator("strong", has_text="out")).to_be_visible()
    disguised = log.get_by_role("article").filter(has_text="Disk is full")
    expect(disguised.locator(".bubble__name")).to_have_text("Watch Bot")
    expect(disguised.locator(".avatar")).to_have_text("🚨")
    disguised.locator(".bubble__name").click()
    expect(page.get_by_role("dialog", name="Profile")).to_contain_text("@deploys")

    owner.open("/chat/room/garden/")  # also where the page was loaded with them
    expect(log.get_by_role("button", name="Deploys Bot")).to_be_visible()

    owner.open("/chat/bots/").page.get_by_role("link", name="Manage Deploys").click()
    page.get_by_role("button", name="Make a token").click()
    assert page.get_by_label("Token").input_value().startswith("lct_")
    page.get_by_role("link", name="Deploys", exact=True).click()
    expect(page.get_by_role("button", name="End the token")).to_be_visible()
    axe.is_clean(page)
    page.get_by_role("button", name="Switch it off").click()
    expect(page.get_by_text("This bot is switched off")).to_be_visible()


def _post(address: str, payload: dict[str, str]) -> None:
    """As the program of somebody else does."""
    with direct.open(address, json.dumps(payload).encode()) as answer:
        assert answer.read() == b"ok"
