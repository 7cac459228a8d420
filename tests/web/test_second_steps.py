"""Codes from an app and recovery codes beside the password; the password again for what matters."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from loopchat.accounts import people, tokens
from loopchat.accounts.models import User
from tests.accounts.conftest import PASSWORD
from tests.web.forms import fill, person_in, text

pytestmark = pytest.mark.django_db
ACTIVATE = "/users/2fa/totp/activate/"


@pytest.fixture
def browser(visitor: Client, ann: User) -> Client:
    """Ann's browser, signed in by the form."""
    fill(visitor, "/users/login/", username="ann", password=PASSWORD)
    return visitor


def code(secret: str) -> str:
    """What the app shows now."""
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def activated(browser: Client) -> str:
    """Switch codes on; the secret that is in the app."""
    found = re.search(r"<code>([A-Z2-7]+)</code>", text(browser.get(ACTIVATE)))
    assert found is not None
    answer = fill_same(browser, ACTIVATE, code=code(found[1]))
    assert answer.status_code == 302, text(answer)
    return found[1]


def fill_same(browser: Client, path: str, **fields: str) -> Any:
    """Send the form of a page that is open already: loading it again would change it."""
    token = browser.cookies["loopchat_session_csrf"].value
    return browser.post(
        path, {"csrfmiddlewaretoken": token, **fields}, HTTP_ORIGIN="http://localhost:8000"
    )


def test_the_code_is_asked_for_at_the_next_sign_in(browser: Client) -> None:
    secret = activated(browser)
    fill(browser, "/users/password/", to="/users/logout/")

    first = fill(browser, "/users/login/", username="ann", password=PASSWORD)
    assert first["Location"] == "/users/2fa/authenticate/"
    assert person_in(browser) is None
    assert browser.get("/chat/").status_code == 302
    wrong = fill(browser, "/users/2fa/authenticate/", code="000000")
    assert person_in(browser) is None
    assert "Incorrect code" in text(wrong)
    Authenticator.objects.filter(type="totp").update(last_used_at=None)
    cache.clear()
    answer = fill(browser, "/users/2fa/authenticate/", code=code(secret))

    assert person_in(browser) == "Ann"
    assert answer["Location"] == "/chat/"


def test_a_code_works_once_whatever_the_process_remembers(browser: Client) -> None:
    secret = activated(browser)
    shown = code(secret)

    for expected in ("Ann", None):
        cache.clear()  # as in another process, or after the half minute that allauth remembers
        other = Client(
            enforce_csrf_checks=True, HTTP_ACCEPT="text/html", HTTP_HOST="localhost:8000"
        )
        fill(other, "/users/login/", username="ann", password=PASSWORD)
        answer = fill(other, "/users/2fa/authenticate/", code=f"{shown[:3]} {shown[3:]}")
        assert person_in(other) == expected
    assert "Incorrect code" in text(answer)


def test_used_codes_count_as_wrong_ones(browser: Client) -> None:
    secret = activated(browser)
    shown = code(secret)
    other = Client(enforce_csrf_checks=True, HTTP_ACCEPT="text/html", HTTP_HOST="localhost:8000")
    fill(browser, "/users/2fa/reauthenticate/", code=shown)
    fill(other, "/users/login/", username="ann", password=PASSWORD)

    for _ in range(6):
        answer = fill(other, "/users/2fa/authenticate/", code=shown)

    assert "Too many" in text(answer)


def test_without_the_secret_key_it_says_so(browser: Client, settings: Settings) -> None:
    activated(browser)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another secret key, long enough, 0123456789"
    settings.SECRET_KEY_FALLBACKS = []
    other = Client(enforce_csrf_checks=True, HTTP_ACCEPT="text/html", HTTP_HOST="localhost:8000")
    fill(other, "/users/login/", username="ann", password=PASSWORD)

    answer = fill(other, "/users/2fa/authenticate/", code="123456")

    assert "cannot check codes any more" in text(answer)
    assert person_in(other) is None
    settings.SECRET_KEY = old


def test_without_a_second_step_only_this_browser_goes_on(browser: Client, ann: User) -> None:
    activated(browser)
    elsewhere = Client(HTTP_HOST="localhost:8000")
    elsewhere.force_login(ann)

    fill(browser, "/users/2fa/totp/deactivate/")

    assert not Authenticator.objects.exists()
    assert person_in(browser) == "Ann"
    assert elsewhere.get("/chat/settings/").status_code == 302


def test_a_recovery_code_works_once(browser: Client) -> None:
    activated(browser)
    page = text(browser.get("/users/2fa/recovery-codes/"))
    codes = re.findall(r"<code>(\w+)</code>", page)
    assert len(codes) == 10

    for expected in ("Ann", None):
        other = Client(
            enforce_csrf_checks=True, HTTP_ACCEPT="text/html", HTTP_HOST="localhost:8000"
        )
        fill(other, "/users/login/", username="ann", password=PASSWORD)
        fill(other, "/users/2fa/authenticate/", code=codes[0])
        assert person_in(other) == expected


def test_guessing_codes_is_slowed_down(browser: Client) -> None:
    secret = activated(browser)
    cache.clear()
    other = Client(enforce_csrf_checks=True, HTTP_ACCEPT="text/html", HTTP_HOST="localhost:8000")
    fill(other, "/users/login/", username="ann", password=PASSWORD)
    for _ in range(6):
        fill(other, "/users/2fa/authenticate/", code="000000")

    answer = fill(other, "/users/2fa/authenticate/", code=code(secret))

    assert person_in(other) is None
    assert "Too many" in text(answer)


def test_the_page_that_was_asked_for_comes_after_the_code(browser: Client) -> None:
    activated(browser)
    codes = re.findall(r"<code>(\w+)</code>", text(browser.get("/users/2fa/recovery-codes/")))
    other = Client(enforce_csrf_checks=True, HTTP_ACCEPT="text/html", HTTP_HOST="localhost:8000")
    fill(other, "/users/login/", query="?next=/chat/settings/", username="ann", password=PASSWORD)

    answer = fill(other, "/users/2fa/authenticate/", code=codes[0])

    assert answer["Location"] == "/chat/settings/"


@pytest.mark.parametrize(
    "path",
    [
        ACTIVATE,
        "/users/2fa/webauthn/add/",
        "/users/2fa/recovery-codes/generate/",
    ],
)
def test_what_matters_asks_for_the_password_again(visitor: Client, ann: User, path: str) -> None:
    visitor.force_login(ann)

    asked = visitor.get(path)
    assert asked["Location"].startswith("/users/reauthenticate/")
    wrong = fill(visitor, asked["Location"], password="something else")
    assert wrong.status_code == 200
    assert visitor.get(path).status_code == 302
    right = fill(visitor, asked["Location"], password=PASSWORD)

    assert right["Location"] == path


def test_the_password_again_is_guessed_slowly(visitor: Client, ann: User) -> None:
    visitor.force_login(ann)
    for _ in range(8):
        fill(visitor, "/users/reauthenticate/", password="something else")

    answer = fill(visitor, "/users/reauthenticate/", password=PASSWORD)

    assert "Too many" in text(answer)


def test_a_token_does_not_change_how_people_sign_in(ann: User) -> None:
    _, secret = tokens.create(ann)
    program = Client(HTTP_HOST="localhost:8000", HTTP_AUTHORIZATION=f"Bearer {secret}")

    answer = program.post(ACTIVATE, {"code": "000000"})

    assert answer.status_code == 403
    assert not Authenticator.objects.exists()


def test_a_password_that_was_reset_does_not_switch_codes_off(browser: Client, ann: User) -> None:
    activated(browser)
    people.set_password(ann, "another fine secret")
    other = Client(enforce_csrf_checks=True, HTTP_ACCEPT="text/html", HTTP_HOST="localhost:8000")

    answer = fill(other, "/users/login/", username="ann", password="another fine secret")

    assert answer["Location"] == "/users/2fa/authenticate/"
    assert person_in(other) is None
