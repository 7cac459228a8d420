"""The way over a provider, with the browser minding the policy of our pages."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser.people import OWNER, Person
from tests.services import StartServer
from tests.web.provider import Provider, provider

__all__ = ["provider"]


def test_the_button_leads_there_and_back(
    browser: Browser, start_server: StartServer, provider: Provider
) -> None:
    env = {"LOOPCHAT_RATE_SIGN_IN": "off", "LOOPCHAT_OIDC": provider.setting()}
    server = start_server(env=env, owner=OWNER)
    provider.claims = {"sub": "7", "preferred_username": "ann", "email": "ann@example.org"}
    ann = Person(browser, server, "ann").open("/users/login/")

    ann.page.get_by_role("button", name="Sign in with Example Corp").click()
    expect(ann.page.get_by_role("heading", name="Choose your name")).to_be_visible()
    expect(ann.page.get_by_label("Name")).to_have_value("ann")
    ann.page.get_by_role("button", name="Create account").click()

    ann.page.wait_for_url("**/chat/")
    ann.context.close()
    assert ann.problems == []
