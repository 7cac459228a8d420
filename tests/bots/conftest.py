"""Somebody who makes bots, and a room for them to talk in."""

from __future__ import annotations

import pytest
from django.conf import settings

from loopchat.accounts import rates
from loopchat.accounts.models import User
from loopchat.bots import founding
from loopchat.bots.models import Bot
from loopchat.chat import rooms
from loopchat.chat.models import Room
from loopchat.core.limits import Buckets
from tests.accounts.conftest import PASSWORD, ann, fresh_throttle, owner, quick_hashing

__all__ = ["PASSWORD", "ann", "fresh_throttle", "owner", "quick_hashing"]


@pytest.fixture(autouse=True)
def fresh_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    """One test's haste is not the next one's."""
    monkeypatch.setattr(rates, "sends", Buckets(settings.RATE_SEND))
    monkeypatch.setattr(rates, "looks", Buckets(None))


@pytest.fixture
def bot(owner: User) -> Bot:
    """A bot of the one who runs the server."""
    return founding.create(owner, name="Deploys")


@pytest.fixture
def board(owner: User, ann: User) -> Room:
    """A private room of the owner's with Ann in it."""
    return rooms.create(owner, kind="private", name="Board", people=[ann])
