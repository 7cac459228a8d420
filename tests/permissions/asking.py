"""Asking for one address as one actor, and what came of it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.signals import request_finished
from django.db import close_old_connections, connection, transaction
from django.http import HttpResponse
from django.test import Client

from loopchat.accounts.models import User
from tests.permissions.cast import ANONYMOUS, NOWHERE, Cast
from tests.permissions.sitemap import path
from tests.permissions.table import Row, put_in

SIGN_IN = ("/users/login/", "/admin/login/")
PROOFS = ("/users/reauthenticate/", "/users/2fa/reauthenticate/", "/users/2fa/authenticate/")
_WRITING = ("INSERT", "UPDATE", "DELETE")
_PASSING = re.compile(r'"(django_session|accounts_device)"')
"""Tables of who is signed in where: a visit is written down whatever it leads to."""
_CHANGING = re.compile(
    r'(nonce=|value=|"nonce": ?|"csrf\w*": ?)"[^"]*"|csrfmiddlewaretoken[^>]*|\d{4,}'
)


@dataclass
class Answer:
    """What came back, and what was written meanwhile."""

    response: HttpResponse
    writes: list[str]

    @property
    def letter(self) -> str:
        """As the tables have it."""
        status = self.response.status_code
        if status in (301, 302, 303, 307, 308):
            target = self.response.headers["Location"]
            return "?" if target.startswith(SIGN_IN) else "p" if target.startswith(PROOFS) else ">"
        if status < 400:
            return "+"
        if status >= 500:
            return "5"
        return {401: "?", 403: "x", 404: "-", 405: "m"}.get(status, "!")

    @property
    def shape(self) -> tuple[int, str]:
        """The status and the body without what is new with each answer."""
        assert not self.response.streaming
        return self.response.status_code, _CHANGING.sub("", self.response.content.decode())


class Asker:
    """The actors' browsers. Whatever is asked, everything is as before afterwards."""

    def __init__(self, cast: Cast, look: Callable[[], None] = lambda: None) -> None:
        self._cast = cast
        self.look = look
        self._sessions = {name: _session(person) for name, person in cast.everybody.items()}

    def ask(
        self, actor: str, row: Row, place: str, *, missing: bool = False, **more: object
    ) -> Answer:
        """One row of the table, with `more` fields; `missing`: about a room and a message that
        there are not.
        """
        words = self._cast.words(actor, place)
        if missing:
            nothing = dict.fromkeys(("room", "room_id", "message", "message_id"), NOWHERE)
            words |= nothing | {"slug": "nowhere"}
        named = words | {name: put_in(text, words) for name, text in row.filled.items()}
        address = path(row.what, named) + put_in(row.query, words)
        return self.send(actor, row.method, address, row.sent(words) | more)

    def send(self, actor: str, method: str, address: str, fields: Mapping[str, object]) -> Answer:
        """One request of somebody."""
        client = Client(HTTP_HOST="localhost:8000", raise_request_exception=False)
        if actor != ANONYMOUS:
            client.cookies[settings.SESSION_COOKIE_NAME] = self._sessions[actor]
        is_api = address.startswith("/api/")
        headers = {"Accept": "application/json" if method != "GET" or is_api else "text/html"}
        options: dict[str, Any] = {"headers": headers}
        if is_api and method != "GET":
            options |= {"data": json.dumps(fields), "content_type": "application/json"}
        elif fields:
            options["data"] = fields
        with _undone(self.look) as writes:
            response: Any = getattr(client, method.lower())(address, **options)
            if response.streaming:
                async_to_sync(_read)(response)
            _close(response)
        return Answer(response, writes)


def _session(person: User) -> str:
    client = Client()
    client.force_login(person)
    session = client.session  # as a sign-in a moment ago leaves it
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()
    return client.cookies[settings.SESSION_COOKIE_NAME].value


async def _read(response: Any) -> None:
    async for _ in response.streaming_content:
        pass


def _close(response: HttpResponse) -> None:
    """Let go of what it holds, but not of the database."""
    request_finished.disconnect(close_old_connections)
    try:
        response.close()
    finally:
        request_finished.connect(close_old_connections)


@contextmanager
def _undone(look: Callable[[], None]) -> Iterator[list[str]]:
    """What is written in this block, which is looked at and taken back at its end."""
    writes: list[str] = []

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(_WRITING) and not _PASSING.search(sql):
            writes.append(sql)
        return execute(sql, params, many, context)

    with transaction.atomic():
        with connection.execute_wrapper(watch):
            yield writes
        look()
        transaction.set_rollback(True)
