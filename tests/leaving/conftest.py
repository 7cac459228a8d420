"""People, and quick passwords."""

from __future__ import annotations

import pytest

from loopchat.accounts import people
from loopchat.accounts.models import User
from tests.accounts.conftest import PASSWORD, ann, fresh_throttle, owner, quick_hashing, told

__all__ = ["PASSWORD", "ann", "fresh_throttle", "owner", "quick_hashing", "told"]


@pytest.fixture
def ben(owner: User) -> User:
    """Somebody who stays."""
    return people.create("ben", PASSWORD)
