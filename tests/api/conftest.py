"""Programs with tokens, and rooms for them to talk in."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from loopchat.accounts import people, rates, tokens
from loopchat.accounts.grants import FULL, Grant
from loopchat.accounts.models import User
from loopchat.chat import rooms
from loopchat.chat.models import Room
from loopchat.core.limits import Buckets
from tests.accounts.conftest import fresh_throttle, owner, quick_hashing

__all__ = ["fresh_throttle", "owner", "quick_hashing"]


@dataclass
class Program:
    """Asks for one person, as a program does."""

    user: User
    token: str
    last: HttpResponse = field(default_factory=HttpResponse)

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """What was answered, read; `last` has the rest."""
        address = path if path.startswith("/api/") else f"/api/v1/{path}"
        data = b"" if body is None else json.dumps(body).encode()
        kind = "application/json"
        given = {"Authorization": f"Bearer {self.token}", **headers}
        given = {name.replace("_", "-"): text for name, text in given.items() if text}
        client = Client(enforce_csrf_checks=True, HTTP_HOST="localhost:8000")
        self.last = client.generic(method, address, data, kind, headers=given)
        return json.loads(self.last.content) if self.last.content else None

    def get(self, path: str, **headers: str) -> Any:
        """Read something; it has to be there."""
        found = self.ask("GET", path, **headers)
        assert self.last.status_code == 200, found
        return found

    def do(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """Do something; it has to work."""
        found = self.ask(method, path, body, **headers)
        assert self.last.status_code in (200, 201, 204), found
        return found

    def refused(self, method: str, path: str, body: object = None, **headers: str) -> str:
        """The code of a refusal, with its status before it."""
        found = self.ask(method, path, body, **headers)
        assert self.last.headers["Content-Type"] == "application/problem+json", found
        assert found["status"] == self.last.status_code
        assert found["detail"]
        return f"{found['status']} {found['code']}"


def program(user: User, grant: Grant = FULL) -> Program:
    """A new token of somebody, in use."""
    return Program(user, tokens.create(user, grant=grant)[1])


@pytest.fixture(autouse=True)
def fresh_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    """One test's haste is not the next one's."""
    monkeypatch.setattr(rates, "sends", Buckets(settings.RATE_SEND))
    monkeypatch.setattr(rates, "commands", Buckets(None))
    monkeypatch.setattr(rates, "looks", Buckets(None))


@pytest.fixture
def ann(owner: User) -> Program:
    """Somebody."""
    return program(people.create("ann", None))


@pytest.fixture
def ben(owner: User) -> Program:
    """Somebody else."""
    return program(people.create("ben", None))


@pytest.fixture
def cyd(owner: User) -> Program:
    """Somebody who is in none of the others' rooms."""
    return program(people.create("cyd", None))


@pytest.fixture
def room(ann: Program, ben: Program) -> Room:
    """A private room of ann with ben in it."""
    return rooms.create(ann.user, kind="private", name="Board", people=[ben.user])


@pytest.fixture
def hall(ann: Program) -> Room:
    """A public room of ann."""
    return rooms.create(ann.user, kind="public", name="Hall")
