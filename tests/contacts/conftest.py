"""Fixtures of the tests of `contacts`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from loopchat.accounts.models import User
from tests.chat.stage import Told, listening, people


@pytest.fixture
def told() -> Iterator[Told]:
    """What is told after commits."""
    with listening() as told:
        yield told


@pytest.fixture
def three(transactional_db: None) -> list[User]:
    """Three people."""
    return people("ann", "ben", "cyd")
