"""People and browsers for tests about pages."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.accounts.conftest import PASSWORD, ann, fresh_throttle, owner, quick_hashing, told

__all__ = [
    "PASSWORD",
    "ann",
    "browser",
    "fresh_throttle",
    "owner",
    "quick_hashing",
    "told",
    "visitor",
]


@pytest.fixture
def visitor(db: None) -> Client:
    """A browser that nobody has used yet. It minds CSRF, as real ones make servers do."""
    return Client(enforce_csrf_checks=True, HTTP_ACCEPT="text/html", HTTP_HOST="localhost:8000")


@pytest.fixture
def browser(visitor: Client) -> Client:
    """The same: these tests need no real browser."""
    return visitor
