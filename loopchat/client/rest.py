"""The REST API for scripts: one call, one answer, nothing to wait for."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener
from uuid import uuid4

from loopchat.client.errors import AGAIN, Lost, Refusal

TRIES: Final = 5
_TIMEOUT: Final = 30.0
_LONGEST_PAUSE: Final = 30.0


class _NoRedirects(HTTPRedirectHandler):
    """A token is not taken to another address."""

    def redirect_request(self, *_redirect: Any, **_more: Any) -> None:
        return None


class Rest:
    """Somebody's way to a server, by their token."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        if not self._url.startswith(("http://", "https://")):
            raise ValueError("an address begins with http:// or https://")
        self._token = token
        self._opener: OpenerDirector = build_opener(_NoRedirects())

    def call(self, method: str, path: str, body: object = None, **query: object) -> Any:
        """Ask once; `path` is what stands behind `/api/v1/`. Raises `Refusal`, or `Lost`."""
        address = f"{self._url}/api/v1/{path.lstrip('/')}"
        if query:
            address += f"?{urlencode(query)}"
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        request = Request(address, data, headers, method=method)  # noqa: S310 - looked at above
        try:
            with self._opener.open(request, timeout=_TIMEOUT) as answer:
                text = answer.read()
        except HTTPError as refused:
            raise _refusal(refused) from None
        except (OSError, HTTPException) as error:
            raise Lost(str(error)) from None
        return json.loads(text) if text else None

    def rooms(self) -> Iterator[dict[str, Any]]:
        """All my rooms."""
        return self.pages("rooms")

    def pages(self, path: str, **query: object) -> Iterator[Any]:
        """Everything in a list, page after page."""
        while True:
            page = self.call("GET", path, **query)
            yield from page["results"]
            if page["next"] is None:
                return
            path, query = page["next"].partition("/api/v1/")[2], {}

    def send(self, room: int, text: str, *, reply_to: int | None = None) -> dict[str, Any]:
        """Store a message, once, however often it has to be tried; the message."""
        body: dict[str, object] = {"message": text, "cid": str(uuid4())}
        if reply_to is not None:
            body["reply_to"] = reply_to
        for tried in range(TRIES):
            try:
                sent: dict[str, Any] = self.call("POST", f"rooms/{room}/messages", body)
            except (Refusal, Lost) as error:
                if tried == TRIES - 1 or not _passes(error):
                    raise
                time.sleep(min(_pause(error, tried), _LONGEST_PAUSE))
            else:
                return sent
        raise AssertionError


def _passes(error: Exception) -> bool:
    return isinstance(error, Lost) or (isinstance(error, Refusal) and error.code in AGAIN)


def _pause(error: Exception, tried: int) -> float:
    asked = error.retry_after if isinstance(error, Refusal) else None
    return asked if asked is not None else 0.25 * 2.0**tried


def _refusal(answer: HTTPError) -> Refusal:
    try:
        told = json.loads(answer.read())
    except ValueError:
        told = {"detail": answer.reason}
    if not isinstance(told, dict):
        told = {}
    told.setdefault("code", "unavailable" if answer.code >= 500 else "bad_request")
    errors = told.get("errors") or {}
    told["field"] = next(iter(errors), None)
    if (wait := answer.headers.get("Retry-After", "")).isdecimal():
        told["retry_after_ms"] = int(wait) * 1000
    return Refusal(told)
