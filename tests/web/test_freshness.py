"""Accounts without a password: changes to them need a sign-in of a moment ago."""

from __future__ import annotations

import pytest
from django.test import Client

from loopchat.accounts import freshness, people, tokens
from loopchat.accounts.models import Token, User
from tests.web.conftest import PASSWORD
from tests.web.forms import browser_of
from tests.web.letters import Letters, letters

__all__ = ["letters"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def zoe(owner: User) -> User:
    """Somebody who came by a provider."""
    return people.create("zoe", None)


CHANGES = {
    "/users/password/": {"new_password": PASSWORD},
    "/users/email/": {"email": "eve@example.org", "action_add": "1"},
    "/users/2fa/totp/activate/": {"code": "000000"},
    "/users/export/": {},
    "/users/delete/": {"texts": "keep", "username": "zoe"},
}


@pytest.mark.parametrize("path", CHANGES)
def test_an_old_session_signs_in_again(zoe: User, path: str, letters: Letters) -> None:
    for browser in (browser_of(zoe, seconds_ago=freshness.LASTS + 1), Client()):
        browser.force_login(zoe)

        answer = browser.post(path, CHANGES[path], HTTP_HOST="localhost:8000")

        assert answer["Location"].startswith("/users/login/again/"), path
    assert browser.get(answer["Location"], HTTP_HOST="localhost:8000").status_code == 200
    zoe.refresh_from_db()
    assert (zoe.has_usable_password(), zoe.email, zoe.is_active) == (False, "", True)


def test_a_new_session_gives_the_first_password(zoe: User) -> None:
    browser_of(zoe, seconds_ago=1).post("/users/password/", CHANGES["/users/password/"])

    zoe.refresh_from_db()
    assert zoe.check_password(PASSWORD)


@pytest.mark.parametrize(("seconds_ago", "status"), [(1, 201), (freshness.LASTS + 1, 403)])
def test_a_token_needs_it_too(zoe: User, seconds_ago: float, status: int) -> None:
    browser = browser_of(zoe, seconds_ago=seconds_ago)

    body, kind = {"label": "x"}, "application/json"
    answer = browser.post("/api/v1/tokens", body, content_type=kind, HTTP_ACCEPT=kind)

    assert answer.status_code == status
    assert Token.objects.count() == (status == 201)


def test_the_token_of_somebody_without_a_password_opens_no_account(zoe: User) -> None:
    _, secret = tokens.create(zoe)
    program = Client(HTTP_HOST="localhost:8000", HTTP_AUTHORIZATION=f"Bearer {secret}")

    for path, fields in CHANGES.items():
        assert program.post(path, fields).status_code == 403
    zoe.refresh_from_db()
    assert not zoe.has_usable_password()
