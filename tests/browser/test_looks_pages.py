"""Every page that has an address of its own: axe is content, for whoever may do everything here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import expect

from tests.browser.axe import is_clean
from tests.browser.conftest import Enter
from tests.browser.people import Person

_ELSEWHERE = ("admin/", "api/", "static/")
"""Django's own pages, and what is not for people."""


@pytest.mark.timeout(180)
def test_every_page_with_an_address(again: Enter) -> None:
    owner = again("owner")
    addresses = dict.fromkeys([*_addresses(), "/api/docs/"])
    shown = [path for path in addresses if _is_page(owner, path)]
    assert "/api/docs/" in shown
    assert len(shown) > 8
    for path in shown:
        owner.page.goto(path)
        expect(owner.page.get_by_role("heading", level=1).first).to_be_visible()
        is_clean(owner.page)


def _is_page(owner: Person, path: str) -> bool:
    """Whether there is something to look at: no redirect, no form's target, no data."""
    answer = owner.page.request.get(path, max_redirects=0)
    return answer.ok and answer.headers.get("content-type", "").startswith("text/html")


def _addresses(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    """All addresses without a blank in them, but the way out."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = before + str(entry.pattern)
        if path.startswith(_ELSEWHERE) or "logout" in path:
            continue
        if isinstance(entry, URLResolver):
            yield from _addresses(entry, path)
        elif isinstance(entry, URLPattern) and not set("<^$(\\") & set(path):
            yield f"/{path}"
