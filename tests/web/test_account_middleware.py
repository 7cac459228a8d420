"""Hosts, headers, tokens and forms from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import Settings

from loopchat.accounts import people, tokens
from loopchat.accounts.models import User
from loopchat.web import programs
from tests.accounts.conftest import PASSWORD

pytestmark = pytest.mark.django_db


class TestHosts:
    """Who may be asked for."""

    @pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "192.168.1.7:8000", "[::1]"])
    def test_it_serves_its_own(self, owner: User, host: str) -> None:
        assert Client(HTTP_HOST=host).get("/login/").status_code == 200

    @pytest.mark.parametrize(
        "host",
        ["evil.example", "localhost.evil.example", "*", "a b", "evil@localhost", "testserver."],
    )
    def test_it_refuses_a_rebound_name(self, ann: User, host: str) -> None:
        browser = Client(HTTP_HOST=host)

        answer = browser.post("/login/", {"username": "ann", "password": PASSWORD})

        assert answer.status_code == 400
        assert answer["Content-Type"] == "application/problem+json"
        assert "Set-Cookie" not in answer.headers

    def test_it_serves_its_public_addresses(self, owner: User, settings: Settings) -> None:
        settings.ORIGINS = ("https://chat.example.org",)

        assert Client(HTTP_HOST="chat.example.org").get("/login/").status_code == 200

    def test_a_forwarded_host_never_counts(self, owner: User, settings: Settings) -> None:
        settings.TRUSTED_PROXIES = ("127.0.0.1/32",)

        browser = Client(HTTP_HOST="evil.example", HTTP_X_FORWARDED_HOST="localhost")

        assert browser.get("/login/").status_code == 400


class TestProxies:
    """Whose word counts about address and scheme."""

    def seen(self, settings: Settings, *, trusted: tuple[str, ...]) -> tuple[str, bool]:
        """Client address and https as a view sees them, behind a proxy at 10.0.0.1."""
        settings.TRUSTED_PROXIES = trusted
        answer = Client(REMOTE_ADDR="10.0.0.1", HTTP_HOST="localhost").get(
            "/healthz", HTTP_X_FORWARDED_FOR="203.0.113.7", HTTP_X_FORWARDED_PROTO="https"
        )
        request = answer.wsgi_request
        return request.META["REMOTE_ADDR"], request.is_secure()

    def test_a_trusted_one_is_believed(self, settings: Settings) -> None:
        assert self.seen(settings, trusted=("10.0.0.0/8",)) == ("203.0.113.7", True)

    def test_nobody_else_is(self, settings: Settings) -> None:
        assert self.seen(settings, trusted=()) == ("10.0.0.1", False)
        assert self.seen(settings, trusted=("192.168.0.0/16",)) == ("10.0.0.1", False)


class TestBearer:
    """The token counts, the cookie does not."""

    def ask(self, visitor: Client, authorization: str) -> int:
        """The status of a look-up for those who are signed in."""
        answer = visitor.get("/chat/people/find/?q=a", HTTP_AUTHORIZATION=authorization)
        return int(answer.status_code)

    def test_it_signs_in_without_a_cookie(self, ann: User) -> None:
        _, secret = tokens.create(ann)
        browser = Client()

        assert self.ask(browser, f"Bearer {secret}") == 200
        assert not browser.cookies.get("loopchat_session")

    def test_it_needs_no_csrf_token(self, visitor: Client, ann: User) -> None:
        _, secret = tokens.create(ann)

        answer = visitor.post(
            "/chat/settings/privacy/",
            {"online": "x"},
            HTTP_ACCEPT="application/json",
            HTTP_AUTHORIZATION=f"Bearer {secret}",
        )

        assert answer.status_code == 400  # the form is looked at

    @pytest.mark.parametrize("authorization", ["Bearer wrong", "Bearer", "bearer lct_", "Bearer  "])
    def test_a_wrong_one_is_refused_even_with_a_cookie(self, ann: User, authorization: str) -> None:
        browser = Client()
        browser.force_login(ann)

        answer = browser.get("/users/password/", HTTP_AUTHORIZATION=authorization)

        assert answer.status_code == 401
        assert answer["Content-Type"] == "application/problem+json"
        assert answer["WWW-Authenticate"] == "Bearer"
        assert answer.json()["code"] == "unauthorized"

    def test_the_cookie_does_not_count_beside_it(self, ann: User, owner: User) -> None:
        _, secret = tokens.create(ann)
        browser = Client()
        browser.force_login(owner)

        answer = browser.get("/api/v1/me", HTTP_AUTHORIZATION=f"Bearer {secret}")

        assert answer.json()["username"] == "Ann"

    def test_the_cookie_does_not_count_beside_another_kind(self, ann: User) -> None:
        browser = Client()
        browser.force_login(ann)

        assert self.ask(browser, "Basic YTpi") == 302
        assert browser.get("/users/password/").status_code == 200, "the session itself is unharmed"

    def test_a_disabled_person_is_refused(self, ann: User) -> None:
        _, secret = tokens.create(ann)
        people.disable(ann)

        assert self.ask(Client(), f"Bearer {secret}") == 401

    def test_it_is_not_accepted_in_the_address(self, ann: User) -> None:
        _, secret = tokens.create(ann)

        for name in ("token", "access_token", "authorization"):
            assert Client().get("/users/password/", {name: secret}).status_code == 302

    @pytest.mark.parametrize(
        "path",
        [
            "/users/password/",
            "/users/email/",
            "/users/login/again/",
            "/users/reauthenticate/",
            "/users/2fa/",
            "/users/2fa/totp/activate/",
            "/users/2fa/webauthn/add/",
            "/users/3rdparty/",
            "/users/devices/",
            "/users/requests/",
            "/users/requests/link/",
            "/users/export/",
            "/users/delete/",
            "/chat/settings/",
            "/chat/",
            "/admin/",
        ],
    )
    def test_it_opens_no_page_about_an_account(self, owner: User, path: str) -> None:
        _, secret = tokens.create(owner)
        program = Client(HTTP_AUTHORIZATION=f"Bearer {secret}", HTTP_ACCEPT="text/html")

        for act in (program.get, program.post):
            answer = act(path)
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")

    def test_what_it_opens_is_there(self) -> None:
        named = {pattern.name for pattern in _patterns(get_resolver().url_patterns)}

        assert named >= programs.OPEN


def _patterns(found: Iterable[Any]) -> Iterator[URLPattern]:
    for one in found:
        if isinstance(one, URLResolver):
            yield from _patterns(one.url_patterns)
        else:
            yield one


class TestNul:
    """A byte that PostgreSQL refuses is never an error of the server."""

    @pytest.mark.parametrize(
        "path",
        ["/chat/room/%00/", "/chat/user/a%00b/", "/setup/%00/", "/login/?next=%00", "/?q=a%00"],
    )
    def test_it_is_refused_in_an_address(self, ann: User, path: str) -> None:
        browser = Client()
        browser.force_login(ann)

        assert browser.get(path).status_code == 400

    @pytest.mark.parametrize("cookie", ['"\\000aaaaaaaaaaaaaaaa"', "a'b\"c" * 5, "", "é" * 20])
    def test_a_cookie_that_is_no_key_is_no_session(self, owner: User, cookie: str) -> None:
        answer = Client().get("/chat/", HTTP_COOKIE=f"loopchat_session={cookie}")

        assert answer.status_code == 302

    def test_a_form_with_one_is_refused(self, owner: User) -> None:
        answer = Client().post("/login/", {"username": "a\0b", "password": "a\0b c horse"})

        assert answer.status_code == 400


class TestHeaders:
    """On every answer."""

    @pytest.mark.parametrize(
        ("path", "status"),
        [
            ("/login/", 200),
            ("/", 302),
            ("/nowhere/", 404),
            ("/users/logout/", 405),
            ("/healthz", 200),
        ],
    )
    def test_they_are_there(self, owner: User, path: str, status: int) -> None:
        answer = Client(HTTP_HOST="localhost").get(path)

        assert answer.status_code == status
        assert "default-src 'none'; script-src 'self'" in answer["Content-Security-Policy"]
        assert "trusted-types lit-html loopchat" in answer["Content-Security-Policy"]
        assert "unsafe" not in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "camera=()" in answer["Permissions-Policy"]
        assert answer["Cache-Control"] == "private, no-store"
        assert "Strict-Transport-Security" not in answer.headers

    def test_refused_hosts_and_tokens_get_them_too(self, owner: User) -> None:
        for answer in (
            Client(HTTP_HOST="evil.example").get("/"),
            Client(HTTP_AUTHORIZATION="Bearer x").get("/"),
            Client(enforce_csrf_checks=True).post("/login/"),
        ):
            assert "default-src 'none'" in answer["Content-Security-Policy"]

    def test_the_admin_has_the_same_without_trusted_types(self, owner: User) -> None:
        policy = Client().get("/admin/login/")["Content-Security-Policy"]

        assert "script-src 'self'" in policy
        assert "trusted-types" not in policy

    def test_browsers_stay_on_https_where_it_is_public(
        self, owner: User, settings: Settings
    ) -> None:
        settings.IS_HTTPS = True

        assert "max-age=31536000" in Client().get("/")["Strict-Transport-Security"]

    def test_the_cookies_are_for_this_site_and_not_for_scripts(self, ann: User) -> None:
        browser = Client()
        browser.get("/login/")
        browser.post("/login/", {"username": "ann", "password": PASSWORD})

        for name in ("loopchat_session", "loopchat_session_csrf"):
            cookie = browser.cookies[name]
            assert cookie["httponly"]
            assert cookie["samesite"] == "Lax"
            assert cookie["path"] == "/"
            assert not cookie["domain"]


class TestForeignForms:
    """Nothing changes without a token of ours (walks the whole site map)."""

    @pytest.mark.parametrize(
        "kind", ["application/x-www-form-urlencoded", "text/plain", "application/json"]
    )
    def test_no_address_takes_them(self, ann: User, kind: str) -> None:
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(ann)
        before = list(User.objects.order_by("pk").values())

        answers = {path: browser.post(path, "{}", content_type=kind) for path in _paths()}

        assert len(answers) > 10
        for path, answer in answers.items():
            assert answer.status_code in {403, 405, 404}, path
        assert list(User.objects.order_by("pk").values()) == before

    def test_a_page_of_another_site_with_a_stolen_token_is_refused(
        self, visitor: Client, ann: User
    ) -> None:
        visitor.get("/login/")
        token = visitor.cookies["loopchat_session_csrf"].value

        answer = visitor.post(
            "/login/",
            {"username": "ann", "password": PASSWORD, "csrfmiddlewaretoken": token},
            HTTP_ORIGIN="http://evil.example",
        )

        assert answer.status_code == 403
        assert "Once more, please" in answer.content.decode()

    def test_programs_are_told_in_their_words(self, ann: User) -> None:
        browser = Client(enforce_csrf_checks=True, HTTP_ACCEPT="application/json")

        answer = browser.post("/login/", {})

        assert answer.status_code == 403
        assert answer["Content-Type"] == "application/problem+json"


def _paths() -> list[str]:
    """An address for every pattern of the site map, numbers and words filled in."""
    return ["/" + path for path in _of(get_resolver().url_patterns, "")]


def _of(patterns: list[URLPattern | URLResolver], before: str) -> list[str]:
    found: list[str] = []
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += [] if path.startswith("admin/") else _of(pattern.url_patterns, path)
        else:
            for converter in ("int:room_id", "int:id", "str:slug", "str:username", "str:secret"):
                path = path.replace(f"<{converter}>", "1")
            found.append(path)
    return found
