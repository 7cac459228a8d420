"""People and passwords for tests about accounts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from pytest_django import Settings

from loopchat.accounts import people, sign_in
from loopchat.accounts.models import User
from loopchat.accounts.throttle import Delays
from loopchat.core.limits import Buckets
from loopchat.realtime import publish
from loopchat.realtime.outbox import Committed, Replies

PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def quick_hashing(settings: Settings) -> None:
    """Argon2 is slow on purpose; tests about hashing itself ask for it."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def fresh_throttle(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """What one test does too often must not slow down the next."""
    monkeypatch.setattr(sign_in, "delays", Delays())
    for name in ("visits", "keys"):
        monkeypatch.setattr(sign_in, name, Buckets(settings.RATE_SIGN_IN))
    cache.clear()


@pytest.fixture
def owner(db: None) -> User:
    """The owner, so that this installation is set up."""
    return people.create_owner("olga", PASSWORD)


@pytest.fixture
def ann(owner: User) -> User:
    """Somebody with a password."""
    return people.create("Ann", PASSWORD)


class _Ears:
    """Hears at once what is told after a commit, without an event loop."""

    def __init__(self) -> None:
        self.people: list[set[int]] = []

    def take(self, committed: Committed, _replies: Replies) -> None:
        self.people.append(committed.people)

    def call_soon_threadsafe(self, call: Callable[..., None], *arguments: object) -> None:
        call(*arguments)


@pytest.fixture
def told() -> Iterator[list[set[int]]]:
    """The people whose sockets were told that something changed, in order."""
    ears = _Ears()
    publish.attach(ears, ears)  # type: ignore[arg-type]
    yield ears.people
    publish.detach()
