"""The cast, without limits: what is tested here is who may do what, not how often."""

from __future__ import annotations

import pytest

from loopchat.accounts import rates
from loopchat.accounts.models import User
from loopchat.contacts import friends
from loopchat.core.limits import Buckets
from loopchat.invitations import letters
from loopchat.web import leaving_views
from tests.accounts.conftest import fresh_throttle, owner, quick_hashing
from tests.gateway.conftest import database, enter, world
from tests.permissions.cast import Cast, gathered

__all__ = ["database", "enter", "fresh_throttle", "owner", "quick_hashing", "world"]

_RATES = (
    (rates, "sends"),
    (rates, "commands"),
    (friends, "_asking"),
    (rates, "looks"),
    (rates, "pictures"),
    (letters, "rate"),
    (leaving_views, "_exports"),
)


@pytest.fixture
def cast(owner: User, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """Everybody in their places; the administrator is who set the server up."""
    for module, name in _RATES:
        monkeypatch.setattr(module, name, Buckets(None))
    return gathered(owner)
