"""The REST API for scripts: one call, one answer, nothing to wait for."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener
from uuid import uuid4

from loopchat.client.answers import read
from loopchat.client.errors import Lost, Refusal, pause_after
from loopchat.realtime.events import ChatMessage, RoomSummary

_TIMEOUT: Final = 30.0
_SERVER_ERRORS: Final = 500
_CODES: Final = {401: "unauthorized", 403: "forbidden", 404: "not_found", 429: "rate_limited"}
_PLACE: Final = "/api/v1/"


class _NoRedirects(HTTPRedirectHandler):
    """A token is not taken to another address."""

    def redirect_request(self, *_redirect: Any, **_more: Any) -> None:
        return None


class Rest:
    """Somebody's way to a server, by their token. It may be used in several threads."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        if not self._url.startswith(("http://", "https://")):
            raise ValueError("an address begins with http:// or https://")
        self._token = token
        self._opener: OpenerDirector = build_opener(_NoRedirects())

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = None,
        media: str = "application/json",
        **query: object,
    ) -> Any:
        """Ask once; `path` is what stands behind `/api/v1/`, or the `next` of a page, and `key`
        the `Idempotency-Key`. Bytes are a file of the type `media`. Raises `Refusal`, or `Lost`."""
        address = self._url + _PLACE + _behind_the_place(path)
        if wanted := _asked(query):
            address += f"?{urlencode(wanted)}"
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": media}
        if key is not None:
            headers["Idempotency-Key"] = key
        request = Request(address, _written(body), headers, method=method)  # noqa: S310 - looked at above
        try:
            with self._opener.open(request, timeout=_TIMEOUT) as answer:
                return _read(answer.read())
        except HTTPError as refused:
            raise _refusal(refused) from None
        except (OSError, HTTPException) as error:
            raise Lost(str(error)) from None

    def rooms(self) -> Iterator[RoomSummary]:
        """All my rooms."""
        return (read(RoomSummary, one) for one in self.pages("rooms"))

    def pages(self, path: str, **query: Any) -> Iterator[Any]:
        """Everything in a list, page after page."""
        while True:
            page = self.call("GET", path, **query)
            yield from page["results"]
            if page["next"] is None:
                return
            path, query = page["next"], {}

    def send(self, room: int, text: str, *, reply_to: int | None = None) -> ChatMessage:
        """Store a message, once, however often it has to be tried; the message."""
        body: dict[str, object] = {"message": text, "cid": str(uuid4())}
        if reply_to is not None:
            body["reply_to"] = reply_to
        tried = 0
        while True:
            try:
                return read(ChatMessage, self.call("POST", f"rooms/{room}/messages", body))
            except (Refusal, Lost) as error:
                tried += 1
                pause = pause_after(error, tried, idempotent=True)
                if pause is None:
                    raise
                time.sleep(pause)


def _behind_the_place(path: str) -> str:
    """Of a path, or of the whole address of a next page, what this server is asked for."""
    if path.startswith(("http://", "https://", _PLACE)):
        return path.partition(_PLACE)[2]
    return path.lstrip("/")


def _asked(query: Mapping[str, object]) -> dict[str, object]:
    """What was given, in the words of JSON."""
    given = {name: value for name, value in query.items() if value is not None}
    return {name: str(one).lower() if isinstance(one, bool) else one for name, one in given.items()}


def _written(body: object) -> bytes | None:
    return body if body is None or isinstance(body, bytes) else json.dumps(body).encode()


def _read(text: bytes) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        raise Lost("what came is no JSON, so it is not of Loopchat") from None


def _refusal(answer: HTTPError) -> Refusal:
    """The server's no, or that of whatever stands before it: that one knows nothing for certain."""
    try:
        told = json.loads(answer.read())
    except (OSError, HTTPException, ValueError):
        told = {"detail": answer.reason}
    if not isinstance(told, dict):
        told = {}
    if "code" not in told:
        is_error = answer.code >= _SERVER_ERRORS
        code = "unavailable" if is_error else _CODES.get(answer.code, "bad_request")
        told |= {"code": code, "definite": not is_error}
    errors = told.get("errors") or {}
    told |= {"field": next(iter(errors), None), "status": answer.code}
    if (wait := answer.headers.get("Retry-After", "")).isdecimal():
        told["retry_after_ms"] = int(wait) * 1000
    return Refusal(told)
