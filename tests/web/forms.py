"""Filling in forms as a browser without JavaScript does."""

from __future__ import annotations

import re
import time
from typing import Any

from allauth.account.internal.flows import login
from django.test import Client

from loopchat.accounts.models import User

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def fill(visitor: Client, path: str, *, query: str = "", to: str = "", **fields: str) -> Any:
    """Open the page, fill in its form and send it, to the same address or another."""
    page = text(visitor.get(path + query))
    token = _TOKEN.search(page)
    assert token is not None, page
    return visitor.post(
        to or path + query,
        {"csrfmiddlewaretoken": token[1], **fields},
        HTTP_ORIGIN="http://localhost:8000",
    )


def text(response: Any) -> str:
    """What the browser shows."""
    return str(response.content.decode())


def person_in(visitor: Client) -> str | None:
    """Who is signed in."""
    user_id = visitor.session.get("_auth_user_id")
    return User.objects.get(pk=user_id).username if user_id else None


def browser_of(person: User, *, seconds_ago: float) -> Client:
    """Where somebody has signed in some time ago."""
    browser = Client(HTTP_HOST="localhost:8000", HTTP_ACCEPT="text/html")
    browser.force_login(person)
    session = browser.session
    came = {"method": "socialaccount", "at": time.time() - seconds_ago}
    session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [came]
    session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(person.pk)
    session.save()
    return browser
