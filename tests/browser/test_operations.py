"""The page on which owners see how the server is: live, with all workers, wide and narrow."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.backends import POSTGRES
from tests.browser import axe
from tests.browser.people import PASSWORD, PHONE, Person
from tests.services import Server, StartServer

_SIDEWAYS = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
WITHIN = 20_000


@pytest.fixture
def server(start_server: StartServer) -> Server:
    quick = {"LOOPCHAT_RATE_SIGN_IN": "off", "LOOPCHAT_RATE_SEND": "off"}
    started = start_server(backend=POSTGRES, workers=3, env=quick)
    started.manage("adduser", "owner", "--owner", "--password-stdin", stdin=PASSWORD)
    return started


@pytest.mark.timeout(180)
def test_owners_see_all_workers_live(
    browser: Browser, server: Server, visitors: list[Person]
) -> None:
    visitors += [Person(browser, server, "ann"), Person(browser, server, "owner")]
    visitors[0].sign_up().create_room("Garden")
    ann, owner = visitors[0], visitors[1].sign_in("/chat/operations/")
    page = owner.page
    rows = page.locator("#workers tr")
    expect(rows).to_have_count(3, timeout=WITHIN)
    expect(figure(page, "sockets")).to_have_text("2", timeout=WITHIN)  # this page has one, too
    expect(figure(page, "bus")).to_have_text("works")
    expect(figure(page, "database")).to_contain_text("PostgreSQL")
    expect(figure(page, "messages")).to_have_text("0", timeout=WITHIN)
    ann.say("Hello").has_sent("Hello")
    expect(figure(page, "messages")).to_have_text(re.compile(r"^0\.\d+$"), timeout=WITHIN)
    expect(figure(page, "commit")).to_contain_text("ms", timeout=WITHIN)
    axe.is_clean(page)

    page.set_viewport_size(PHONE)
    assert page.evaluate(_SIDEWAYS) == 0
    expect(page.get_by_text("The server does not answer")).to_be_hidden()
    ann.expects_outage = owner.expects_outage = True
    server.stop()
    expect(page.get_by_text("The server does not answer")).to_be_visible(timeout=WITHIN)
    server.start()
    expect(page.get_by_text("The server does not answer")).to_be_hidden(timeout=WITHIN)
    expect(rows).to_have_count(3, timeout=WITHIN)


def figure(page: Page, name: str) -> Locator:
    return page.locator(f'[data-figure="{name}"]')
