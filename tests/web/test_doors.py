"""F03, F12: no door tells who has an account, by what it answers or by what it does meanwhile; keys
in letters are not to be guessed, and are good once, until something changes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from allauth.account.models import EmailConfirmationHMAC
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils.http import base36_to_int, int_to_base36
from fido2.utils import websafe_encode
from pytest_django import Settings

from loopchat.accounts import people, resets, sign_in
from loopchat.accounts.models import Application, User
from loopchat.accounts.throttle import FREE
from loopchat.core.limits import Buckets, Rate
from tests.accounts.conftest import PASSWORD
from tests.web.forms import fill, person_in, text
from tests.web.letters import Letters, letters
from tests.web.work import HASHER, Work, work

__all__ = ["letters"]
pytestmark = pytest.mark.django_db

RESET = "/users/password/reset/"
NEW = "another fine secret"
AJAX = {"HTTP_ACCEPT": "application/json", "HTTP_X_REQUESTED_WITH": "XMLHttpRequest"}

Ask = Callable[[str], Any]


@pytest.fixture(autouse=True)
def counted(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = [HASHER]


@pytest.fixture
def addressed(ann: User) -> User:
    """Ann has a verified address."""
    ann.emailaddress_set.create(email="ann@example.org", verified=True).set_as_primary()
    return ann


@pytest.fixture
def nameless(ann: User) -> list[str]:
    """Names that nobody has, or that nobody can use: they are all the same from outside."""
    people.disable(people.create("dora", PASSWORD))
    waiting = people.create("wendy", PASSWORD, is_active=False)
    Application.objects.create(user=waiting, needs_approval=True)
    people.create("robot", None, is_bot=True)
    return ["absent", "dora", "wendy", "robot"]


def visitor(**more: Any) -> Client:
    """A browser that minds no CSRF: these tests count work."""
    return Client(HTTP_HOST="localhost:8000", **{"HTTP_ACCEPT": "text/html", **more})


def on_the_page(name: str) -> Any:
    return visitor().post("/users/login/", {"username": name, "password": "wrong"})


def at_the_api(name: str) -> Any:
    body = json.dumps({"username": name, "password": "wrong"})
    program = visitor(HTTP_ACCEPT="application/json")
    return program.post("/api/v1/tokens/", body, content_type="application/json")


class TestSignIn:
    """With a wrong password nothing is learnt about a name."""

    @pytest.mark.parametrize("ask", [on_the_page, at_the_api])
    def test_each_name_is_the_same_work(self, nameless: list[str], ask: Ask) -> None:
        known = work(lambda: ask("ann"))

        for name in nameless:
            assert work(partial(ask, name)) == known, name
        assert known.hashes == 1
        assert known.status in {400, 401}

    def test_a_second_step_is_met_by_who_knows_the_password_alone(self, ann: User) -> None:
        without = work(lambda: on_the_page("ann"))
        Authenticator.objects.create(user=ann, type="totp", data={"secret": "x"})

        assert work(lambda: on_the_page("ann")) == without

    def test_a_key_of_somebody_is_as_wrong_as_one_of_nobody(self, ann: User) -> None:
        def ask(number: int) -> Any:
            browser = visitor()
            browser.get("/users/2fa/webauthn/login/", **AJAX)
            handle = websafe_encode(str(number).encode())
            key = {"id": "AAAA", "rawId": "AAAA", "type": "public-key"}
            seen = json.dumps({"type": "webauthn.get", "origin": "http://localhost:8000"})
            proof = {"authenticatorData": "AAAA", "signature": "AAAA"}
            proof["clientDataJSON"] = websafe_encode(seen.encode())
            key["response"] = {**proof, "userHandle": handle}  # type: ignore[assignment]
            return browser.post("/users/2fa/webauthn/login/", {"credential": json.dumps(key)})

        somebody, nobody = work(lambda: ask(ann.pk)), work(lambda: ask(10**6))

        assert (somebody.status, somebody.leads_to) == (nobody.status, nobody.leads_to)
        assert somebody.queries == nobody.queries

    @pytest.mark.parametrize("key", ["[]", "1", '"x"', "{}", '{"response": 1}', "null", "x", ""])
    def test_what_is_no_key_is_refused(self, ann: User, key: str) -> None:
        browser = visitor(raise_request_exception=False)
        browser.get("/users/2fa/webauthn/login/", **AJAX)

        answer = browser.post("/users/2fa/webauthn/login/", {"credential": key})

        assert answer.status_code in {200, 302}
        assert person_in(browser) is None


class TestSignUp:
    """A taken address is the same work as a free one; that a name is taken, others can see."""

    @pytest.mark.parametrize("domains", [(), ("example.org",)])
    def test_an_address_tells_nothing(
        self, addressed: User, letters: Letters, settings: Settings, domains: tuple[str, ...]
    ) -> None:
        settings.SIGNUP_DOMAINS = domains

        def ask(name: str, email: str) -> Work:
            given = {"username": name, "password": NEW, "email": email}
            return work(lambda: visitor().post("/users/signup/", given), name, email)

        ask("warm", "warm@example.org")
        free, taken = ask("ben", "ben@example.org"), ask("eve", "ann@example.org")

        assert taken == free
        assert free.hashes == 1
        assert people.find("eve") is not None  # a name that stays free would tell
        assert [len(letter.to) for letter in letters.all()] == [1, 1, 1]

    def test_the_account_behind_a_taken_address_opens_to_nobody(
        self, addressed: User, letters: Letters, settings: Settings
    ) -> None:
        settings.SIGNUP_DOMAINS = ("example.org",)
        given = {"username": "eve", "password": NEW, "email": "ann@example.org"}
        visitor().post("/users/signup/", given)

        browser = visitor()
        fill(browser, RESET, email="ann@example.org")
        answer = fill(browser, "/users/login/", username="eve", password=NEW)

        assert answer.status_code == 403
        said = [str(letter.body) for letter in letters.all()]
        assert not any("confirm-email" in one for one in said)


class TestPeople:
    """Who is signed in finds people by name: those who are here, and no others."""

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("post", "/users/friend-request/send/{}/"),
            ("get", "/chat/user/{}/"),
            ("get", "/chat/people/{}/card/"),
            ("post", "/api/v1/directs/"),
            ("get", "/api/v1/users/{}/"),
        ],
    )
    def test_who_waits_is_nobody(self, ann: User, method: str, path: str) -> None:
        waiting = people.create("wendy", PASSWORD, is_active=False)
        Application.objects.create(user=waiting, needs_approval=True)
        browser = visitor(HTTP_ACCEPT="application/json")
        browser.force_login(ann)

        def ask(name: str) -> Work:
            body = {"content_type": "application/json", "data": {"username": name}}
            more = body if method == "post" and path.startswith("/api/") else {}
            return work(lambda: getattr(browser, method)(path.format(name), **more), name)

        waits, absent = ask("wendy"), ask("absent")
        assert (waits.status, waits.shown) == (absent.status, absent.shown)
        assert absent.status == 404


class TestForgotten:
    """`/users/password/reset/`"""

    def test_it_is_the_same_work_for_every_address(
        self, addressed: User, letters: Letters, nameless: list[str]
    ) -> None:
        def ask(email: str) -> Work:
            return work(lambda: visitor().post(RESET, {"email": email}), email)

        assert ask("ann@example.org") == ask("nobody@example.org")
        assert not any("accounts_user" in one for one in ask("ann@example.org").queries)

    @pytest.mark.django_db(transaction=True)
    def test_only_who_has_shown_that_it_is_theirs_gets_a_link(
        self, addressed: User, letters: Letters
    ) -> None:
        addressed.emailaddress_set.create(email="typo@example.org", verified=False)
        zeno = people.create("zeno", PASSWORD)
        zeno.emailaddress_set.create(email="ann@example.org", verified=False)

        for email in ("typo@example.org", "nobody@example.org", " ANN@example.org"):
            visitor(HTTP_ACCEPT_LANGUAGE="de").post(RESET, {"email": email})

        [letter] = letters.all()
        assert letter.to == ["ann@example.org"]
        assert "zeno" not in str(letter.body)
        assert "Passwort" in letter.subject


def reset_link(person: User) -> str:
    """The path of a link to a new password."""
    return "/" + resets.link_for(person).partition("://")[2].partition("/")[2]


def verifying(person: User, email: str) -> str:
    """The path of a link that shows whose address it is."""
    row = person.emailaddress_set.get(email=email)
    return f"/users/confirm-email/{EmailConfirmationHMAC(row).key}/"


def opens(path: str) -> bool:
    """Whether a link works."""
    return "does not work" not in text(visitor().get(path, follow=True))


class TestKeys:
    """Links in letters."""

    def test_a_reset_ends_with_each_change(self, addressed: User) -> None:
        link = reset_link(addressed)
        assert opens(link)
        addressed.emailaddress_set.create(email="new@example.org", verified=True)
        assert not opens(link)

        link = reset_link(addressed)
        people.set_password(addressed, NEW)
        assert not opens(link)

    def test_a_change_of_address_ends_with_the_password(self, addressed: User) -> None:
        addressed.emailaddress_set.create(email="eve@example.org")
        link = verifying(addressed, "eve@example.org")
        assert opens(link)

        people.set_password(addressed, NEW)
        answer = visitor().post(link)

        assert answer.status_code == 404
        assert [row.email for row in addressed.emailaddress_set.all()] == ["ann@example.org"]

    def test_a_first_address_waits_for_another_letter(self, ann: User) -> None:
        ann.emailaddress_set.create(email="ann@example.org", primary=True)
        link = verifying(ann, "ann@example.org")

        people.set_password(ann, NEW)

        assert not opens(link)
        fresh = verifying(ann, "ann@example.org")
        assert visitor().post(fresh).status_code in {200, 302}
        assert ann.emailaddress_set.get().verified
        assert visitor().post(fresh).status_code == 404  # once

    def test_they_are_long_and_random(self, ann: User) -> None:
        ann.emailaddress_set.create(email="ann@example.org", primary=True)
        reset = re.search(r"/key/(\w+)-\w+-([0-9a-f]+)/$", reset_link(ann))
        assert reset is not None
        assert base36_to_int(reset[1]) == ann.pk
        assert len(reset[2]) * 4 >= 128
        signature = verifying(ann, "ann@example.org").rstrip("/").rpartition(":")[2]
        assert len(signature) * 6 >= 128

    def test_guesses_at_an_account_are_slowed_down(self, addressed: User) -> None:
        def tried(uid: str, key: str = "cafe-" + "0" * 32) -> int:
            return visitor().get(f"/users/password/reset/key/{uid}-{key}/").status_code

        uid = int_to_base36(addressed.pk)
        assert [tried(uid) for _ in range(FREE)] == [200] * FREE

        assert tried(f"0{uid}") == 429
        assert visitor().get(reset_link(addressed)).status_code == 429
        assert tried("999") == 200
        elsewhere = visitor(REMOTE_ADDR="192.0.2.7").get(reset_link(addressed))
        assert elsewhere.status_code == 302  # nobody shuts somebody else out

    @pytest.mark.parametrize(
        "path",
        [
            "/users/password/reset/key/{}-cafe-00000000/",
            "/users/confirm-email/{}:1abc:xyz/",
            "/users/signup/?invite={}",
            "/setup/{}/",
        ],
    )
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_so_is_an_address_that_tries_many(
        self, owner: User, monkeypatch: pytest.MonkeyPatch, path: str, method: str
    ) -> None:
        monkeypatch.setattr(sign_in, "keys", Buckets(Rate(1 / 3600, 5)))
        browser = visitor(raise_request_exception=False)

        answers = [getattr(browser, method)(path.format(n)).status_code for n in range(1, 8)]

        assert 429 not in answers[:5]
        assert answers[5:] == [429, 429]

    def test_asked_by_a_script_they_are_no_cheaper(
        self, addressed: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sign_in, "keys", Buckets(Rate(1 / 3600, 5)))
        path = f"/users/password/reset/key/{addressed.pk}-cafe-00000000/"

        answers = [visitor(**AJAX).post(path, {}).status_code for _ in range(7)]

        assert answers[5:] == [429, 429]
