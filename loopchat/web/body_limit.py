"""A bound on request bodies, before anything reads or stores them.

Django writes a body to disk before a view can refuse it, also for people who have not signed in.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

from loopchat.web.refusals import PROGRAMS

BODY_MAX: Final = 1024 * 1024
"""Bytes: no form and no command of ours is longer."""

_PICTURE: Final = 5 * 1024 * 1024 + 64 * 1024
UPLOADS: Final = {
    "/chat/settings/avatar/": _PICTURE,
    "/chat/bots/avatar/": _PICTURE,
    "/api/v1/avatar": _PICTURE,
    "/api/v1/avatar/": _PICTURE,
}
"""Addresses that take a file, and how long a body may be there: the file and its form."""

_PROBLEM: Final = json.dumps(
    {
        "type": "about:blank",
        "title": "Content Too Large",
        "status": 413,
        "code": "too_large",
        "detail": "This is more than this server takes.",
    }
).encode()

App = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


class TooLarge(Exception):
    """The body goes on beyond the bound."""


class BodyLimit:
    """An ASGI application that answers 413 instead of passing a larger body on."""

    def __init__(self, app: App, most: int = BODY_MAX) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        most = UPLOADS.get(scope.get("path", ""), self._most)
        if _announced(scope) > most:
            await _refuse(scope, send)
            return
        read = 0
        has_begun = False

        async def counted() -> dict[str, Any]:
            nonlocal read
            message: dict[str, Any] = await receive()
            read += len(message.get("body", b""))
            if read > most:
                raise TooLarge
            return message

        async def watched(message: dict[str, Any]) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, counted, watched)
        except TooLarge:
            if not has_begun:
                await _refuse(scope, send)


def _announced(scope: dict[str, Any]) -> int:
    """What `Content-Length` says; the server has checked that it is a number."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:20])
    return 0


async def _refuse(scope: dict[str, Any], send: Any) -> None:
    kind, body = b"text/plain; charset=utf-8", b"This is more than this server takes.\n"
    if scope.get("path", "").startswith(PROGRAMS):
        kind, body = b"application/problem+json", _PROBLEM
    headers = [(b"content-type", kind), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
