"""Sign in, sign up, sign out, set-up, another password: as a browser without JavaScript sees it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django import Settings

from loopchat.accounts import people, setup
from loopchat.accounts.models import User
from loopchat.accounts.throttle import FREE
from tests.accounts.conftest import PASSWORD

pytestmark = pytest.mark.django_db
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def fill(visitor: Client, path: str, *, query: str = "", **fields: str) -> Any:
    """Open the page, fill in its form and send it."""
    page = text(visitor.get(path + query))
    token = _TOKEN.search(page)
    assert token is not None, page
    return visitor.post(
        path + query,
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


class TestSignIn:
    """`/users/login/` and its short form."""

    @pytest.mark.parametrize("path", ["/users/login/", "/login/"])
    def test_it_works(self, visitor: Client, ann: User, path: str) -> None:
        answer = fill(visitor, path, username="ANN", password=PASSWORD)

        assert (answer.status_code, answer["Location"]) == (302, "/chat/")
        assert person_in(visitor) == "Ann"

    def test_the_session_is_a_new_one(self, visitor: Client, ann: User) -> None:
        planted = visitor.session
        planted["colour"] = "blue"
        planted.save()
        visitor.cookies["loopchat_session"] = planted.session_key or ""

        fill(visitor, "/users/login/", username="ann", password=PASSWORD)

        assert visitor.cookies["loopchat_session"].value != planted.session_key
        assert not Session.objects.filter(pk=planted.session_key).exists()

    @pytest.mark.parametrize("password", ["wrong", "", " ", "x" * 1001, "x" * 500_000])
    def test_it_refuses_a_wrong_password(self, visitor: Client, ann: User, password: str) -> None:
        answer = fill(visitor, "/users/login/", username="ann", password=password)

        assert answer.status_code == 400
        assert "field__error" in text(answer) or "Name or password is wrong." in text(answer)
        assert person_in(visitor) is None

    def test_a_bare_name_is_not_enough(self, visitor: Client, ann: User) -> None:
        answer = fill(visitor, "/users/login/", username="newcomer")

        assert answer.status_code == 400
        assert people.find("newcomer") is None

    def test_the_answer_is_the_same_for_names_that_nobody_has(
        self, visitor: Client, ann: User
    ) -> None:
        wrong = fill(visitor, "/users/login/", username="ann", password="wrong horse")
        nobody = fill(visitor, "/users/login/", username="nob", password="wrong horse")

        assert wrong.status_code == nobody.status_code
        assert _TOKEN.sub("", text(wrong)) == _TOKEN.sub("", text(nobody)).replace('"nob"', '"ann"')

    def test_guessing_is_slowed_down(self, visitor: Client, ann: User) -> None:
        for _ in range(FREE):
            fill(visitor, "/users/login/", username="ann", password="wrong horse")

        answer = fill(visitor, "/users/login/", username="ann", password=PASSWORD)

        assert (answer.status_code, answer["Retry-After"]) == (429, "1")
        assert "Too many tries" in text(answer)

    def test_the_password_is_never_shown_again(self, visitor: Client, ann: User) -> None:
        answer = fill(visitor, "/users/login/", username="ann", password="my secret typo")

        assert "my secret typo" not in text(answer)

    @pytest.mark.parametrize("wanted", ["/chat/room/general/", "/chat/?a=1&b=2", "/"])
    def test_it_goes_on_to_the_page_that_was_wanted(
        self, visitor: Client, ann: User, wanted: str
    ) -> None:
        answer = fill(visitor, "/login/", username="ann", password=PASSWORD, next=wanted)

        assert answer["Location"] == wanted

    @pytest.mark.parametrize(
        "wanted",
        [
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https:evil.example",
            "https://evil.example/",
            "http:///evil.example",
            "javascript:alert(1)",
            " //evil.example",
            "/\t/evil.example",
            "\x08//evil.example",
            "evil.example",
        ],
    )
    def test_it_does_not_go_on_to_other_sites(
        self, visitor: Client, ann: User, wanted: str
    ) -> None:
        answer = fill(visitor, "/login/", username="ann", password=PASSWORD, next=wanted)

        assert answer["Location"] == "/chat/"

    def test_the_wanted_page_survives_a_mistake(self, visitor: Client, ann: User) -> None:
        page = text(visitor.get("/login/", {"next": "/chat/friends/"}))
        assert '<input type="hidden" name="next" value="/chat/friends/">' in page

        answer = fill(visitor, "/login/", username="ann", password="no horse", next="/chat/x/")
        assert '<input type="hidden" name="next" value="/chat/x/">' in text(answer)

    def test_somebody_who_is_signed_in_goes_on(self, visitor: Client, ann: User) -> None:
        visitor.force_login(ann)

        assert visitor.get("/login/", {"next": "/chat/x/"})["Location"] == "/chat/x/"

    def test_password_managers_know_the_fields(self, visitor: Client, ann: User) -> None:
        page = text(visitor.get("/login/"))

        assert 'autocomplete="username"' in page
        assert 'autocomplete="current-password"' in page

    @pytest.mark.parametrize("method", ["put", "patch", "delete"])
    def test_it_knows_no_other_methods(self, ann: User, method: str) -> None:
        assert getattr(Client(), method)("/login/").status_code == 405


class TestEntry:
    """A name alone, where that is enough."""

    @pytest.fixture(autouse=True)
    def open_door(self, settings: Settings, owner: User) -> None:
        settings.PASSWORDLESS = "on"

    def test_it_works_and_says_what_it_means(self, visitor: Client) -> None:
        assert "anybody can enter under any name" in text(visitor.get("/login/"))

        answer = fill(visitor, "/login/", username="zoe")

        assert answer.status_code == 302
        assert person_in(visitor) == "zoe"

    @pytest.mark.parametrize("name", ["olga", "ann", "helper"])
    def test_it_does_not_open_protected_accounts(
        self, visitor: Client, ann: User, name: str
    ) -> None:
        people.create("helper", None, is_bot=True)

        answer = fill(visitor, "/login/", username=name)

        assert answer.status_code == 403
        assert "belongs to an account with a password" in text(answer)
        assert person_in(visitor) is None

    def test_people_with_a_password_still_sign_in(self, visitor: Client, ann: User) -> None:
        page = text(visitor.get("/login/?password"))
        assert 'type="password"' in page

        fill(visitor, "/login/", query="?password", username="ann", password=PASSWORD)
        assert person_in(visitor) == "Ann"

    def test_a_wrong_password_is_not_an_entry(self, visitor: Client) -> None:
        answer = fill(visitor, "/login/", query="?password", username="zoe", password="x horse")

        assert answer.status_code == 400
        assert people.find("zoe") is None

    def test_an_empty_password_asked_for_is_not_an_entry(self, visitor: Client) -> None:
        answer = fill(visitor, "/login/", query="?password", username="zoe", password="")

        assert answer.status_code == 400
        assert people.find("zoe") is None


class TestSignUp:
    """`/users/signup/`."""

    def test_it_works_and_signs_in(self, visitor: Client, owner: User) -> None:
        answer = fill(visitor, "/users/signup/", username="Ann", password=PASSWORD, next="/chat/x/")

        assert (answer.status_code, answer["Location"]) == (302, "/chat/x/")
        assert person_in(visitor) == "Ann"

    def test_it_says_all_that_is_wrong_at_once(self, visitor: Client, ann: User) -> None:
        answer = fill(visitor, "/users/signup/", username="ANN", password="password1")

        shown = re.findall(r'_error">([^<]+)<', text(answer))
        assert [one.split(".")[0] for one in shown] == [
            "This name is taken",
            "This password is too common",
        ]

    @pytest.mark.parametrize(
        ("fields", "field", "error"),
        [
            ({"username": "ANN", "password": PASSWORD}, "username", "This name is taken."),
            ({"username": "a b", "password": PASSWORD}, "username", "made of letters"),
            ({"username": "", "password": PASSWORD}, "username", "required"),
            ({"username": "zoe", "password": "short"}, "password", "too short"),
            ({"username": "zoe", "password": "password1"}, "password", "too common"),
            ({"username": "zoezoezoe", "password": "zoezoezoe"}, "password", "too similar"),
            ({"username": "zoe", "password": ""}, "password", "required"),
        ],
    )
    def test_it_says_what_is_wrong_beside_the_field(
        self, visitor: Client, ann: User, fields: dict[str, str], field: str, error: str
    ) -> None:
        answer = fill(visitor, "/users/signup/", **fields)

        assert answer.status_code == 400
        shown = re.search(rf'id="id_{field}_error">([^<]+)<', text(answer))
        assert shown is not None
        assert error in shown[1]
        assert f'id="id_{field}"' in text(answer)
        assert 'aria-invalid="true"' in text(answer)

    def test_what_was_typed_is_shown_as_text(self, visitor: Client, owner: User) -> None:
        answer = fill(visitor, "/users/signup/", username='"><b>x', password=PASSWORD)

        assert "<b>x" not in text(answer)

    @pytest.mark.parametrize(("signup", "words"), [("invite", "invitation"), ("closed", "new acc")])
    def test_it_is_refused_where_it_is_not_open(
        self, visitor: Client, owner: User, settings: Settings, signup: str, words: str
    ) -> None:
        settings.SIGNUP = signup

        answer = visitor.get("/users/signup/")

        assert answer.status_code == 403
        assert words in text(answer)
        assert "/users/signup/" not in text(visitor.get("/users/login/"))

    def test_posting_is_refused_where_it_is_not_open(self, owner: User, settings: Settings) -> None:
        settings.SIGNUP = "closed"

        Client().post("/users/signup/", {"username": "zoe", "password": PASSWORD})

        assert people.find("zoe") is None

    def test_password_managers_know_the_fields(self, visitor: Client, owner: User) -> None:
        assert 'autocomplete="new-password"' in text(visitor.get("/users/signup/"))


class TestSignOut:
    """`/users/logout/`."""

    @pytest.mark.django_db(transaction=True)
    def test_it_ends_this_session_and_is_told(self, ann: User, told: list[set[int]]) -> None:
        here, there = Client(), Client()
        here.force_login(ann)
        there.force_login(ann)

        answer = here.post("/users/logout/")

        assert answer["Location"] == "/users/login/"
        assert person_in(here) is None
        assert person_in(there) == "Ann"
        assert told == [{ann.pk}]
        ann.refresh_from_db()
        assert ann.version == 1

    def test_a_link_cannot_do_it(self, ann: User) -> None:
        here = Client()
        here.force_login(ann)

        assert here.get("/users/logout/").status_code == 405
        assert person_in(here) == "Ann"

    def test_another_site_cannot_do_it(self, visitor: Client, ann: User) -> None:
        visitor.force_login(ann)

        assert visitor.post("/users/logout/").status_code == 403
        assert person_in(visitor) == "Ann"

    def test_it_does_no_harm_to_strangers(self, owner: User) -> None:
        assert Client().post("/users/logout/").status_code == 302


class TestSetup:
    """The one-time link."""

    def test_it_makes_the_owner_and_signs_in(self, visitor: Client) -> None:
        path = f"/setup/{setup.new_secret()}/"

        answer = fill(visitor, path, username="olga", password=PASSWORD)

        assert (answer.status_code, answer["Location"]) == (302, "/chat/")
        assert person_in(visitor) == "olga"
        assert User.objects.get().is_owner

    def test_looking_at_it_changes_nothing(self, visitor: Client) -> None:
        path = f"/setup/{setup.new_secret()}/"

        for _ in range(3):
            assert visitor.get(path).status_code == 200

        assert not User.objects.exists()
        assert fill(visitor, path, username="olga", password=PASSWORD).status_code == 302

    def test_it_works_once(self, visitor: Client) -> None:
        path = f"/setup/{setup.new_secret()}/"
        fill(visitor, path, username="olga", password=PASSWORD)

        answer = Client(HTTP_ACCEPT="text/html").get(path)

        assert answer.status_code == 404
        assert "does not work any more" in text(answer)

    def test_a_wrong_link_does_not_work(self, visitor: Client) -> None:
        setup.new_secret()

        assert visitor.get("/setup/AAAAAAAAAAAAAAAAAAAAAA/").status_code == 404

    def test_a_bad_password_is_said_beside_the_field(self, visitor: Client) -> None:
        path = f"/setup/{setup.new_secret()}/"

        answer = fill(visitor, path, username="olga", password="short")

        assert answer.status_code == 400
        assert "too short" in text(answer)


class TestBeforeTheOwner:
    """Nothing works but the set-up."""

    @pytest.mark.parametrize(
        "path", ["/", "/chat/", "/login/", "/users/signup/", "/admin/", "/nowhere/", "/room/1/"]
    )
    def test_every_page_says_so(self, visitor: Client, path: str) -> None:
        answer = visitor.get(path)

        assert answer.status_code == 200
        assert "Not set up yet" in text(answer)

    def test_programs_are_told_in_their_words(self, visitor: Client) -> None:
        answer = visitor.get("/api/v1/rooms/", HTTP_ACCEPT="application/json")

        assert answer.status_code == 503
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "unavailable"

    def test_nobody_signs_up(self) -> None:
        Client().post("/users/signup/", {"username": "eve", "password": PASSWORD})

        assert not User.objects.exists()

    def test_nobody_enters(self, settings: Settings) -> None:
        settings.PASSWORDLESS = "on"

        Client().post("/login/", {"username": "eve"})

        assert not User.objects.exists()

    @pytest.mark.parametrize("path", ["/healthz", "/readyz"])
    def test_monitors_are_answered(self, visitor: Client, path: str) -> None:
        assert visitor.get(path).status_code == 200


@pytest.mark.django_db(transaction=True)
class TestPassword:
    """`/users/password/`."""

    def test_it_works_and_ends_the_other_sessions(
        self, visitor: Client, ann: User, told: list[set[int]]
    ) -> None:
        there = Client()
        there.force_login(ann)
        visitor.force_login(ann)
        key = visitor.session.session_key

        answer = fill(
            visitor, "/users/password/", old_password=PASSWORD, new_password="another horse"
        )

        assert answer.status_code == 302
        assert visitor.get("/users/password/").status_code == 200
        assert visitor.session.session_key == key
        assert there.get("/users/password/").status_code == 302
        assert told == [{ann.pk}]

    @pytest.mark.parametrize(
        ("old", "new", "field"),
        [("wrong horse", "another horse", "old_password"), (PASSWORD, "short", "new_password")],
    )
    def test_it_refuses(self, visitor: Client, ann: User, old: str, new: str, field: str) -> None:
        visitor.force_login(ann)

        answer = fill(visitor, "/users/password/", old_password=old, new_password=new)

        assert answer.status_code in {400, 403}
        assert f'id="id_{field}_error"' in text(answer)
        assert text(visitor.get("/users/password/"))

    def test_guessing_is_slowed_down(self, visitor: Client, ann: User) -> None:
        visitor.force_login(ann)
        guess = {"old_password": "wrong horse", "new_password": "another horse"}
        for _ in range(FREE):
            fill(visitor, "/users/password/", **guess)

        assert fill(visitor, "/users/password/", **guess).status_code == 429

    def test_strangers_sign_in_first(self, visitor: Client, owner: User) -> None:
        assert visitor.get("/users/password/")["Location"] == "/users/login/?next=/users/password/"


class TestAdmin:
    """Django's admin, entered by our own door."""

    def test_the_owner_gets_in(self, owner: User) -> None:
        browser = Client()
        browser.force_login(owner)

        assert browser.get("/admin/").status_code == 200
        assert browser.get(f"/admin/accounts/user/{owner.pk}/change/").status_code == 200

    def test_strangers_sign_in_at_our_page(self, visitor: Client, owner: User) -> None:
        answer = visitor.get("/admin/", follow=True)

        assert [step for step, _ in answer.redirect_chain] == [
            "/admin/login/?next=/admin/",
            "/users/login/?next=/admin/",
        ]

    def test_people_who_are_not_staff_are_told_so(self, visitor: Client, ann: User) -> None:
        visitor.force_login(ann)

        answer = visitor.get("/admin/", follow=True)

        assert answer.status_code == 403
        assert "Only the staff" in text(answer)

    @pytest.mark.django_db(transaction=True)
    def test_disabling_somebody_is_told(self, owner: User, ann: User, told: list[set[int]]) -> None:
        browser = Client()
        browser.force_login(owner)

        answer = browser.post(
            f"/admin/accounts/user/{ann.pk}/change/", {"name": "", "email": "", "is_staff": ""}
        )

        assert answer.status_code == 302
        ann.refresh_from_db()
        assert (ann.is_active, ann.version) == (False, 1)
        assert told == [{ann.pk}]

    @pytest.mark.parametrize("action", ["add/", "{}/delete/", "{}/password/"])
    def test_it_does_not_make_or_delete_people(self, owner: User, action: str) -> None:
        browser = Client()
        browser.force_login(owner)

        path = f"/admin/accounts/user/{action.format(owner.pk)}"
        assert browser.get(path).status_code in {302, 403, 404}
        assert browser.post(path).status_code in {302, 403, 404}
        assert User.objects.count() == 1
