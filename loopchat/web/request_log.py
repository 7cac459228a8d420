"""Around every request: its id, its number in the statistics, a line when it is slow or wanted.

A line names the pattern of the address, not the address: that may hold a name, a room's slug or a
secret.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from loopchat.core import trace
from loopchat.core.routes import readable
from loopchat.core.tally import one_more, tally
from loopchat.core.trace import Trace

access = logging.getLogger("loopchat.access")
logger = logging.getLogger(__name__)

HEADER: Final = b"x-request-id"
GIVEN_UP: Final = 499
"""Nobody waits for the answer any more: the client's doing, and no fault of ours."""

ROUTE: Final = "loopchat.route"
"""Where in the scope the pattern of the address is left."""

App = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


class RequestLog:
    """An ASGI application that notes what the one inside of it does."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        now = Trace(request=trace.request_id(_given(scope)))
        trace.begin(now)
        begun_at = time.monotonic()
        status, is_answered = 500, False

        async def heard() -> Any:
            nonlocal status
            message = await receive()
            if message["type"] == "http.disconnect" and not is_answered:
                status = GIVEN_UP
            return message

        async def watched(message: dict[str, Any]) -> None:
            nonlocal status, is_answered
            if message["type"] == "http.response.start":
                is_answered = True
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (HEADER, now.request.encode())]
            await send(message)

        try:
            await self._app(scope, heard, watched)
        except BaseException as end:
            if not isinstance(end, Exception) and not is_answered:  # cancelled: the client is gone
                status = GIVEN_UP
            raise
        finally:
            _note(scope, status, time.monotonic() - begun_at)


def name_the_route(
    handle: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: tell the log what was asked for, and by whom, if anybody has looked."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        now = trace.current()
        try:
            return handle(request)
        finally:
            person = getattr(request, "_cached_user", None)
            if now is not None and person is not None:
                now.user = person.pk or 0
            if (scope := getattr(request, "scope", None)) is not None:
                scope[ROUTE] = route_of(request)

    return respond


def route_of(request: HttpRequest) -> str:
    """The pattern of the address, with the numbers that stand in it."""
    found = request.resolver_match
    if found is None:
        return "(no such address)"
    numbers = [f"{name}={value}" for name, value in found.kwargs.items() if isinstance(value, int)]
    return " ".join([f"/{readable(found.route)}", *numbers])


def _note(scope: dict[str, Any], status: int, seconds: float) -> None:
    one_more(tally.requests, status)
    tally.answered.add(seconds)
    is_slow = settings.SLOW_S is not None and seconds >= settings.SLOW_S
    if not (settings.ACCESS_LOG or is_slow):
        return
    fields = {
        "method": scope["method"],
        "route": scope.get(ROUTE) or _file(scope["path"]),
        "status": status,
        "ms": round(seconds * 1000, 1),
    }
    if settings.ACCESS_LOG:
        access.info("request", extra={"fields": fields})
    if is_slow:
        logger.warning("a request was slow", extra={"fields": fields})


def _file(path: str) -> str:
    return "/static/" if path.startswith("/static/") else "(not looked at)"


def _given(scope: dict[str, Any]) -> str:
    found = [value for name, value in scope["headers"] if name == HEADER]
    return found[0].decode("latin-1") if len(found) == 1 else ""
