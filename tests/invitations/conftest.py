"""People, a room with a link to it, and quick passwords."""

from __future__ import annotations

import pytest

from loopchat.accounts import people
from loopchat.accounts.models import User
from loopchat.chat import rooms
from loopchat.chat.models import Room
from tests.accounts.conftest import PASSWORD, ann, fresh_throttle, owner, quick_hashing, told

__all__ = ["PASSWORD", "ann", "fresh_throttle", "owner", "quick_hashing", "told"]


@pytest.fixture
def ben(owner: User) -> User:
    """Somebody who is invited."""
    return people.create("ben", PASSWORD)


@pytest.fixture
def board(ann: User) -> Room:
    """A private room of Ann's."""
    return rooms.create(ann, kind="private", name="Board")
