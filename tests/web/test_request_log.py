"""Each request has an id, which the answer, the log and the page about a bug of ours say."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path

from loopchat.core.tally import tally
from loopchat.urls import handler500
from loopchat.web.request_log import RequestLog

ID = b"0af7651916cd43dd"


SCOPE = {
    "type": "http",
    "http_version": "1.1",
    "method": "GET",
    "path": "/healthz/secret-name/",
    "query_string": b"",
    "headers": [(b"host", b"localhost")],
    "client": ("127.0.0.1", 5),
}


def boom(request: HttpRequest, word: str) -> HttpResponse:
    raise ValueError(f"kanarie in {word}")


urlpatterns = [path("healthz/<str:word>/", boom, name="healthz")]
__all__ = ["handler500", "urlpatterns"]


@pytest.fixture(autouse=True)
def _these_addresses() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=__name__):
        yield


async def answer(*headers: tuple[bytes, bytes]) -> tuple[int, dict[bytes, bytes], bytes]:
    """Status, headers and body of the page with a bug."""
    scope = {**SCOPE, "headers": [(b"host", b"localhost"), *headers]}
    line = ApplicationCommunicator(RequestLog(ASGIHandler()), scope)
    await line.send_input({"type": "http.request", "body": b""})
    start, body = await line.receive_output(20), await line.receive_output(20)
    await line.wait(20)
    return start["status"], dict(start["headers"]), body["body"]


async def test_a_bug_is_shown_by_its_number_and_nothing_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = tally.requests.get(500, 0)
    with caplog.at_level(logging.ERROR):
        status, headers, body = await answer((b"x-request-id", ID))
    assert (status, headers[b"x-request-id"]) == (500, ID)
    assert ID in body
    for hidden in (b"ValueError", b"Traceback", b"kanarie", b"secret-name"):
        assert hidden not in body
    assert "Internal Server Error" in caplog.text
    assert tally.requests[500] == before + 1


async def test_who_does_not_wait_is_no_fault_of_ours() -> None:
    faults, given_up = (tally.requests.get(status, 0) for status in (500, 499))
    line = ApplicationCommunicator(RequestLog(ASGIHandler()), SCOPE)
    await line.send_input({"type": "http.request", "body": b"", "more_body": True})
    await line.send_input({"type": "http.disconnect"})
    await line.wait(20)
    assert tally.requests.get(500, 0) == faults
    assert tally.requests[499] == given_up + 1


async def test_an_id_that_could_spoil_the_log_is_replaced() -> None:
    for given in (b"two words", b"short", ID * 9):
        _, headers, _ = await answer((b"x-request-id", given))
        assert headers[b"x-request-id"] not in (given, b"")
    _, headers, _ = await answer((b"x-request-id", ID), (b"x-request-id", ID))
    assert headers[b"x-request-id"] != ID


async def test_what_takes_long_is_said_with_its_pattern(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with override_settings(SLOW_S=0.0, ACCESS_LOG=True), caplog.at_level(logging.INFO):
        await answer()
    [slow] = [r for r in caplog.records if r.getMessage() == "a request was slow"]
    [line] = [r for r in caplog.records if r.name == "loopchat.access"]
    assert slow.__dict__["fields"] == line.__dict__["fields"]
    assert line.__dict__["fields"]["route"] == "/healthz/<word>/"
    assert line.__dict__["fields"]["status"] == 500
