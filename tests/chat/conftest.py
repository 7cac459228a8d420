"""Fixtures of the tests of `chat`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from loopchat.accounts.models import User
from loopchat.chat.models import Room
from tests.chat.stage import Told, listening, people, room_of


@pytest.fixture
def told() -> Iterator[Told]:
    """What is told after commits."""
    with listening() as told:
        yield told


@pytest.fixture
def three(db: None) -> list[User]:
    """Three people."""
    return people("ann", "ben", "cyd")


@pytest.fixture
def room(three: list[User]) -> Room:
    """A private room of the three; the first is its owner."""
    return room_of(three[0], *three[1:])
