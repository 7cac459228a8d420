"""Faults around accounts, on every address there is.

The other rows of the groups F and H stand where their subject is tested:

* F01, F03, F04, H11 at sign-in: tests/web/test_account_pages.py; F03 at sign-up and for addresses:
  tests/web/test_sign_up_modes.py and tests/web/test_mail_pages.py
* F02: tests/accounts/test_sign_in.py, tests/accounts/test_throttle.py, and for codes
  tests/web/test_second_steps.py
* F05, H08: tests/web/test_account_middleware.py
* F07, F11: tests/web/test_device_pages.py, tests/web/test_mail_pages.py; with sockets
  tests/faults/test_account_sockets.py
* F12: tests/web/test_mail_pages.py
* F13: tests/accounts/test_people.py; F14: tests/accounts/test_passwords.py
* F16: tests/accounts/test_setup.py
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from loopchat.accounts.models import Application, Device, Token, User
from tests.accounts.conftest import PASSWORD, ann, fresh_throttle, owner, quick_hashing
from tests.web.forms import fill, person_in, text
from tests.web.test_second_steps import activated

__all__ = ["ann", "fresh_throttle", "owner", "quick_hashing"]
pytestmark = pytest.mark.django_db

_FILLINGS = (
    (re.compile(r"\(\?P<\w+>(?:\[[^\]]*\]|\\w|\.)\+\)"), "x"),
    (re.compile(r"\(\?P<\w+>\[[^\]]*\]\{[\d,]+\}\)"), "x"),
    (re.compile(r"\(\?:[^)]*\)\?"), ""),
    (re.compile(r"/\?$"), "/"),
    (re.compile(r"<int:\w+>"), "1"),
    (re.compile(r"<(?:\w+:)?\w+>"), "x"),
)
EVIL = (
    "//evil.example",
    "/\\evil.example",
    "https:evil.example",
    "https://evil.example",
    "\t//e.x",
)


def addresses() -> list[str]:
    """Every address of the site map with something in its places; Django's admin has its own."""
    found = {f"/{path}" for path in _walk(get_resolver(), "")}
    return sorted(path for path in found if not path.startswith("/admin/"))


def _walk(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for entry in resolver.url_patterns:
        route = str(entry.pattern).lstrip("^").removesuffix("$").removesuffix("\\Z")
        for pattern, filling in _FILLINGS:
            route = pattern.sub(filling, route)
        if isinstance(entry, URLPattern):
            yield prefix + route
        else:
            yield from _walk(entry, prefix + route)


def client(**more: Any) -> Client:
    """A browser of somebody who has signed in nowhere yet."""
    return Client(
        enforce_csrf_checks=True, HTTP_ACCEPT="text/html", HTTP_HOST="localhost:8000", **more
    )


def state() -> tuple[object, ...]:
    """Everything about accounts that a request could change."""
    people = list(User.objects.order_by("pk").values_list("pk", "password", "is_active", "name"))
    counted = [model.objects.count() for model in (Application, Device, Token, Session)]
    return (people, counted)


def test_the_site_map_is_read() -> None:
    found = addresses()

    assert {"/users/login/", "/users/2fa/totp/activate/", "/users/devices/1/end/"} <= set(found)
    assert len(found) > 60
    assert not [path for path in found if "<" in path or "(" in path]


class TestForeignForms:
    """H02: what another site sends in somebody's name."""

    @pytest.mark.parametrize("body", ["application/x-www-form-urlencoded", "text/plain"])
    def test_nothing_is_changed_without_our_token(self, owner: User, body: str) -> None:
        visitor = client()
        fill(visitor, "/users/login/", username="olga", password=PASSWORD)
        before = state()

        answers = {
            path: visitor.post(path, '{"username": "olga"}', content_type=body).status_code
            for path in addresses()
        }

        # Below /api/ are answers for programs, and /hooks/ knows no session: nothing is there.
        expected = {401, 403, 405}
        elsewhere = ("/api/", "/hooks/")
        odd = {path: status for path, status in answers.items() if status not in expected}
        assert {path for path in odd if not path.startswith(elsewhere)} == set()
        assert set(odd.values()) <= {404, 406}
        assert state() == before

    def test_links_change_nothing(self, owner: User) -> None:
        visitor = client()
        fill(visitor, "/users/login/", username="olga", password=PASSWORD)
        before = state()

        answers = {path: visitor.get(path).status_code for path in addresses()}

        assert {path: status for path, status in answers.items() if status >= 500} == {}
        assert state() == before


class TestHeaders:
    """H07, H08: on every answer, to strangers and to owners."""

    @pytest.mark.parametrize("signed_in", [False, True])
    def test_they_are_on_every_answer(self, owner: User, signed_in: bool) -> None:
        visitor = client()
        if signed_in:
            visitor.force_login(owner)
        for path in [*addresses(), "/nothing/here/"]:
            for answer in (visitor.get(path), visitor.post(path), visitor.options(path)):
                policy = answer.headers["Content-Security-Policy"]
                assert "frame-ancestors 'none'" in policy, path
                assert "unsafe" not in policy, path
                assert "require-trusted-types-for 'script'" in policy, path
                assert answer.headers["X-Content-Type-Options"] == "nosniff", path
                assert answer.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}, path
                assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", path

    def test_no_account_page_has_a_script_or_a_style_of_its_own(self, ann: User) -> None:
        visitor = client()
        fill(visitor, "/users/login/", username="ann", password=PASSWORD)
        for path in (each for each in addresses() if each.startswith("/users/")):
            page = text(visitor.get(path))
            scripts = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", page)
            assert [each for each in scripts if "application/json" not in each] == [], path
            assert " style=" not in page, path
            assert not re.search(r"\son\w+=", page), path


class TestOnwards:
    """H11: after each step of signing in, people stay on this site."""

    @pytest.mark.parametrize("evil", EVIL)
    def test_after_the_password(self, ann: User, evil: str) -> None:
        answer = fill(client(), "/users/login/", username="ann", password=PASSWORD, next=evil)

        assert answer["Location"] == "/chat/"

    @pytest.mark.parametrize("evil", EVIL)
    def test_after_the_password_again(self, ann: User, evil: str) -> None:
        visitor = client()
        visitor.force_login(ann)

        answer = fill(visitor, "/users/reauthenticate/", password=PASSWORD, next=evil)

        assert answer["Location"] == "/chat/"

    def test_after_the_second_step(self, ann: User) -> None:
        first = client()
        fill(first, "/users/login/", username="ann", password=PASSWORD)
        activated(first)
        codes = re.findall(r"<code>(\w+)</code>", text(first.get("/users/2fa/recovery-codes/")))
        for evil, code in zip(EVIL, codes, strict=False):
            visitor = client()
            fill(visitor, "/users/login/", username="ann", password=PASSWORD, next=evil)
            answer = fill(visitor, "/users/2fa/authenticate/", code=code, next=evil)
            assert answer["Location"] == "/chat/", evil


def test_a_planted_session_is_not_the_one_after_the_second_step(ann: User) -> None:
    """F04, with a code between."""
    first = client()
    fill(first, "/users/login/", username="ann", password=PASSWORD)
    activated(first)
    codes = re.findall(r"<code>(\w+)</code>", text(first.get("/users/2fa/recovery-codes/")))
    visitor = client()
    planted = visitor.session
    planted["colour"] = "blue"
    planted.save()
    visitor.cookies["loopchat_session"] = planted.session_key or ""

    fill(visitor, "/users/login/", username="ann", password=PASSWORD)
    fill(visitor, "/users/2fa/authenticate/", code=codes[0])

    assert person_in(visitor) == "Ann"
    assert visitor.cookies["loopchat_session"].value != planted.session_key
    assert not Session.objects.filter(pk=planted.session_key).exists()


def test_half_a_sign_in_opens_nothing(ann: User) -> None:
    """F01: the password alone, where a code is asked for."""
    first = client()
    fill(first, "/users/login/", username="ann", password=PASSWORD)
    activated(first)
    visitor = client()
    fill(visitor, "/users/login/", username="ann", password=PASSWORD)

    pages = [
        path
        for path in addresses()
        if path.startswith(("/chat/", "/users/2fa/", "/users/devices/"))
        and path not in {"/users/2fa/authenticate/", "/users/2fa/webauthn/login/"}
    ]

    assert {visitor.get(path).status_code for path in pages} <= {302, 403, 404, 405}
    assert person_in(visitor) is None
