"""Whatever is sent to the API, on a real server: no 5xx, and answers as the schema says.

First each operation is asked for something that works, then for what the schema allows, then for
what it does not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from loopchat.client import Rest
from tests.api import trials
from tests.faults.backstage import Backstage, Person
from tests.services import Server, StartServer, direct

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]

NEVER: dict[str, str] = {}
"""What cannot work here, and why."""

RANKS = ("PUT", "PATCH", "POST", "GET", "DELETE")
WHOLES = ("/bots/{bot_id}/", "/devices/", "/messages/{message_id}/", "/rooms/{room_id}/")
CSRF = "c" * 32

SETTINGS = {
    **{f"LOOPCHAT_RATE_{rate}": "off" for rate in ("SEND", "COMMAND", "SIGN_IN")},
    "LOOPCHAT_WEBHOOK_ALLOW": "127.0.0.1",
}


@dataclass
class Walk:
    """Asks every operation about the same things."""

    base_url: str
    session: requests.Session
    person: Person
    about: dict[str, Any]

    def ask(self, operation: Any, case: Any) -> int:
        """One request, its answer looked at; the status."""
        options = {"base_url": self.base_url, "session": self.session, "timeout": 30}
        headers = self._signed_in(operation)
        return int(case.call_and_validate(checks=CHECKS, headers=headers, **options).status_code)

    def _signed_in(self, operation: Any) -> dict[str, str]:
        """By session where a token is not enough; what ends the token has one to spare."""
        if operation.definition.raw["security"] == [{"session": []}]:
            cookie = f"{self.person.cookie}; loopchat_session_csrf={CSRF}"
            return {"Cookie": cookie, "X-CSRFToken": CSRF}
        ends_itself = named(operation) == "DELETE /api/v1/tokens/"
        token = self.about["spare"] if ends_itself else self.person.token
        return {"Authorization": f"Bearer {token}"}


def test_nothing_that_is_sent_breaks_it(start_server: StartServer) -> None:
    server = start_server(workers=1, env=SETTINGS)
    with Backstage(server) as backstage:
        people = backstage.people("ann", "ben", "cyd", "dan", "eve", "fay")
        first, second = (trials.words(backstage, server, people) for _ in range(2))
    Rest(server.url, people[1].token).call("POST", "friend-requests", {"username": "ann"})
    operations = sorted(described(server), key=turn)
    assert len(operations) > 90
    with talking() as session:
        walk = Walk(server.url, session, people[0], first)
        answers = {named(one): walk.ask(one, trials.working(one, first)) for one in operations}
        failed = {name: status for name, status in answers.items() if not 200 <= status < 300}
        assert failed.keys() == NEVER.keys(), failed
        walk = Walk(server.url, session, people[0], second)
        for operation in operations:
            send = partial(walk.ask, operation)
            places = trials.pinned(operation.path, second) or None
            vary(operation.as_strategy(path_parameters=places), send, examples=2)
            vary(operation.as_strategy(GenerationMode.NEGATIVE), send, examples=1)
    assert "Traceback" not in server.log


def described(server: Server) -> Iterator[Any]:
    """All that the server says it can do."""
    with direct.open(f"{server.url}/api/schema/", timeout=60) as answer:
        schema = schemathesis.openapi.from_dict(json.load(answer))
    for result in schema.get_all_operations():
        yield result.ok()


@contextmanager
def talking() -> Iterator[requests.Session]:
    """Connections that keep no cookies."""
    with requests.Session() as session:
        session.trust_env = False
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        yield session


def named(operation: Any) -> str:
    """As people write it."""
    return f"{operation.method.upper()} {operation.path}"


def turn(operation: Any) -> tuple[bool, bool, bool, int, str]:
    """When it is asked: what makes goes before what ends, and a part ends before the whole."""
    method, path = operation.method.upper(), operation.path
    ends = method == "DELETE" or path.endswith("/leave/")
    ends_much = ends and path.endswith(WHOLES)
    ends_all = ends and path.startswith("/api/sessions/")
    return ends, ends_much or ends_all, ends_all, RANKS.index(method), path


def vary(cases: Any, send: Callable[[Any], int], *, examples: int) -> None:
    """So many requests of one operation: as the schema wants it, or otherwise."""
    setting = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    def each(case: Any) -> None:
        for condition in ("If-Match", "If-None-Match"):  # tests/api/test_answers.py has those
            (case.headers or {}).pop(condition, None)
        send(case)

    setting(given(cases)(each))()
