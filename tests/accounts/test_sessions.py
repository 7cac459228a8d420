"""Sign-ins as sockets see them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from loopchat.accounts import people, sessions, tokens
from loopchat.accounts.models import User
from loopchat.accounts.sessions import Login
from tests.accounts.conftest import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


def browser_of(person: User) -> Client:
    """A browser in which this person is signed in."""
    browser = Client()
    browser.force_login(person)
    return browser


def login_in(browser: Client) -> Login:
    """The sign-in of that browser."""
    login = sessions.login_of_session(browser.session.session_key or "")
    assert login is not None
    return login


def test_it_knows_the_person_of_a_session(ann: User) -> None:
    browser = browser_of(ann)

    assert login_in(browser) == Login(ann.pk, "Ann", browser.session.session_key, None)


def test_it_knows_the_person_of_a_token(ann: User) -> None:
    token, secret = tokens.create(ann)

    assert sessions.login_of_token(secret) == Login(ann.pk, "Ann", None, token.pk)


def test_a_session_from_before_a_change_of_the_secret_key_goes_on(
    ann: User, settings: Settings
) -> None:
    key = browser_of(ann).session.session_key or ""
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another secret key, long enough, 0123456789"
    for keys, known in (([old], True), ([], False)):
        settings.SECRET_KEY_FALLBACKS = keys
        for remembered in (sessions._hashes_for, sessions._decoded):
            remembered.cache_clear()
        assert (sessions.login_of_session(key) is not None) is known


@pytest.mark.parametrize("key", ["", "x" * 32, "\x00", "a" * 10_000])
def test_it_knows_nobody_without_a_session(ann: User, key: str) -> None:
    browser_of(ann)

    assert sessions.login_of_session(key) is None


def test_a_session_in_which_nobody_signed_in_is_nobody() -> None:
    browser = Client()
    session = browser.session
    session["colour"] = "blue"
    session.save()

    assert sessions.login_of_session(session.session_key or "") is None


def test_nothing_ends_by_itself(ann: User) -> None:
    _, secret = tokens.create(ann)
    by_token = sessions.login_of_token(secret)
    assert by_token is not None

    assert sessions.ended([login_in(browser_of(ann)), by_token]) == {}


def test_signing_out_ends_that_session_alone(ann: User) -> None:
    here, there = browser_of(ann), browser_of(ann)
    logins = [login_in(here), login_in(there)]

    here.post("/users/logout/")

    assert sessions.ended(logins) == {logins[0]: "signed_out"}
    assert sessions.login_of_session(logins[0].session_key or "") is None


def test_a_new_password_ends_the_sessions_and_not_the_tokens(ann: User) -> None:
    login = login_in(browser_of(ann))
    _, secret = tokens.create(ann)
    by_token = sessions.login_of_token(secret)
    assert by_token is not None

    people.set_password(ann, "another horse")

    assert sessions.ended([login, by_token]) == {login: "signed_out"}
    assert sessions.login_of_session(login.session_key or "") is None


def test_disabling_ends_everything(ann: User) -> None:
    login = login_in(browser_of(ann))
    _, secret = tokens.create(ann)
    by_token = sessions.login_of_token(secret)
    assert by_token is not None

    people.disable(ann)

    assert sessions.ended([login, by_token]) == {login: "disabled", by_token: "disabled"}
    assert sessions.login_of_session(login.session_key or "") is None
    assert sessions.login_of_token(secret) is None


def test_a_person_who_is_gone_is_disabled(ann: User) -> None:
    login = login_in(browser_of(ann))
    ann.delete()

    assert sessions.ended([login]) == {login: "disabled"}


def test_a_session_that_expires_or_is_deleted_ends(ann: User) -> None:
    expired, deleted = login_in(browser_of(ann)), login_in(browser_of(ann))

    Session.objects.filter(pk=expired.session_key).update(
        expire_date=timezone.now() - timedelta(seconds=1)
    )
    Session.objects.filter(pk=deleted.session_key).delete()

    assert sessions.ended([expired, deleted]) == {expired: "signed_out", deleted: "signed_out"}


def test_a_revoked_or_expired_token_ends(ann: User) -> None:
    revoked, first = tokens.create(ann)
    expired, second = tokens.create(ann)
    logins = [sessions.login_of_token(first), sessions.login_of_token(second)]
    known = [login for login in logins if login is not None]

    tokens.revoke(revoked)
    type(expired).objects.filter(pk=expired.pk).update(
        expires_at=timezone.now() - timedelta(seconds=1)
    )

    assert sessions.ended(known) == dict.fromkeys(known, "signed_out")


def test_a_session_taken_over_by_somebody_else_ends(ann: User, owner: User) -> None:
    browser = browser_of(ann)
    login = login_in(browser)
    session = browser.session
    session["_auth_user_id"] = str(owner.pk)
    session["_auth_user_hash"] = owner.get_session_auth_hash()
    session.save()

    assert sessions.ended([login]) == {login: "signed_out"}


def test_it_asks_as_often_for_many_as_for_one(
    ann: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    logins = [login_in(browser_of(ann)) for _ in range(20)]
    for _ in range(5):
        by_token = sessions.login_of_token(tokens.create(ann)[1])
        assert by_token is not None
        logins.append(by_token)

    with django_assert_num_queries(3):
        assert sessions.ended(logins) == {}
    with django_assert_num_queries(2):
        assert sessions.ended(logins[:1]) == {}


def test_the_password_works_from_the_sign_in_page_to_the_socket(ann: User) -> None:
    browser = Client()
    browser.post("/users/login/", {"username": "ann", "password": PASSWORD})

    assert login_in(browser).user_id == ann.pk
