"""Whatever is sent to the API, on a real server: no 5xx, and answers as the schema says."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
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
from tests.faults.backstage import Backstage
from tests.services import StartServer, direct

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]

KEPT = {("DELETE", "/api/v1/tokens/"), ("DELETE", "/api/v1/tokens/{token_id}/")}
"""Not asked: they end the token that all is asked with."""


def test_nothing_that_is_sent_breaks_it(start_server: StartServer) -> None:
    rates = ("SEND", "COMMAND", "SIGN_IN")
    server = start_server(workers=1, env={f"LOOPCHAT_RATE_{rate}": "off" for rate in rates})
    with Backstage(server) as backstage:
        ann, ben = backstage.people("ann", "ben")
        room = backstage.room(ann, "One", ben)
    message = Rest(server.url, ann.token).send(room, "Hello **ben**").id
    there = {"room_id": room, "message_id": message, "username": "ben", "token_id": 1}
    with direct.open(f"{server.url}/api/schema/", timeout=60) as answer:
        schema = schemathesis.openapi.from_dict(json.load(answer))
    operations = [result.ok() for result in schema.get_all_operations()]
    operations = [one for one in operations if (one.method.upper(), one.path) not in KEPT]
    assert len(operations) > 60
    headers = {"Authorization": f"Bearer {ann.token}"}
    with requests.Session() as session:
        session.trust_env = False
        send = partial(_send, base_url=server.url, session=session, headers=headers)
        for operation in sorted(operations, key=_destroys):
            named = {name: pk for name, pk in there.items() if f"{{{name}}}" in operation.path}
            _ask(operation.as_strategy(path_parameters=named or None), send, examples=2)
            _ask(operation.as_strategy(GenerationMode.NEGATIVE), send, examples=1)
    assert "Traceback" not in server.log


def _destroys(operation: Any) -> bool:
    return bool(operation.method.upper() == "DELETE") or operation.path.endswith("/leave/")


def _ask(cases: Any, send: Callable[[Any], None], *, examples: int) -> None:
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
        send(case)

    setting(given(cases)(each))()


def _send(case: Any, **options: Any) -> None:
    case.call_and_validate(checks=CHECKS, timeout=30, **options)
