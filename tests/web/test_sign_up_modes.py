"""Who gets an account: with an address, with an invitation, with the consent of an owner."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import Settings

from loopchat.accounts import invited, joining, mail, people
from loopchat.accounts.models import Application, User
from loopchat.core.errors import Refused
from tests.accounts.conftest import PASSWORD
from tests.web.forms import fill, person_in, text
from tests.web.letters import Letters, letters

__all__ = ["letters"]
pytestmark = pytest.mark.django_db
SIGN_UP = "/users/signup/"


class OneUse:
    """An invitation for one account."""

    def __init__(self) -> None:
        self.used_by: list[str] = []

    def use(self, person: User) -> None:
        if self.used_by:
            raise Refused("forbidden", "This invitation is used up.")
        self.used_by.append(person.username)


@pytest.fixture
def invitation(monkeypatch: pytest.MonkeyPatch) -> OneUse:
    """The code `let-me-in` works once."""
    found = OneUse()
    monkeypatch.setattr(invited, "_openers", [])
    invited.accept(lambda code: found if code == "let-me-in" else None)
    return found


class TestInvite:
    """`LOOPCHAT_SIGNUP=invite`"""

    @pytest.fixture(autouse=True)
    def mode(self, settings: Settings, owner: User) -> None:
        settings.SIGNUP = "invite"

    def test_a_code_in_the_link_opens_the_form(self, visitor: Client, invitation: OneUse) -> None:
        answer = fill(
            visitor, SIGN_UP, query="?invite=let-me-in", username="ben", password=PASSWORD
        )

        assert answer.status_code == 302
        assert person_in(visitor) == "ben"
        assert invitation.used_by == ["ben"]

    @pytest.mark.parametrize("query", ["", "?invite=", "?invite=wrong", "?invite=%F0%9F%92%A9"])
    def test_nothing_else_does(self, visitor: Client, invitation: OneUse, query: str) -> None:
        assert visitor.get(SIGN_UP + query).status_code == 403

    def test_a_used_up_code_leaves_no_account(self, visitor: Client, invitation: OneUse) -> None:
        invitation.used_by.append("somebody")

        fill(visitor, SIGN_UP, query="?invite=let-me-in", username="ben", password=PASSWORD)

        assert people.find("ben") is None

    def test_closed_is_closed(
        self, visitor: Client, invitation: OneUse, settings: Settings
    ) -> None:
        settings.SIGNUP = "closed"

        assert visitor.get(SIGN_UP + "?invite=let-me-in").status_code == 403


class TestApproval:
    """`LOOPCHAT_SIGNUP=approval`"""

    @pytest.fixture(autouse=True)
    def mode(self, settings: Settings, owner: User) -> None:
        settings.SIGNUP = "approval"

    @pytest.fixture
    def office(self, owner: User) -> Client:
        """The owner's browser."""
        client = Client(
            enforce_csrf_checks=True, HTTP_ACCEPT="text/html", HTTP_HOST="localhost:8000"
        )
        client.force_login(owner)
        return client

    def test_an_owner_lets_people_in(self, visitor: Client, office: Client) -> None:
        asked = fill(visitor, SIGN_UP, username="ben", password=PASSWORD)
        assert "has to let you in" in text(asked)
        assert person_in(visitor) is None
        ben = people.find("ben")
        assert ben is not None

        early = fill(visitor, "/users/login/", username="ben", password=PASSWORD)
        assert early.status_code == 403
        assert "has to let you in first" in text(early)
        fill(office, "/users/requests/", to=f"/users/requests/{ben.pk}/approve/")
        fill(visitor, "/users/login/", username="ben", password=PASSWORD)

        assert person_in(visitor) == "ben"
        assert not Application.objects.exists()

    def test_an_owner_turns_people_away(self, visitor: Client, office: Client) -> None:
        fill(visitor, SIGN_UP, username="ben", password=PASSWORD)
        ben = people.find("ben")
        assert ben is not None

        fill(office, "/users/requests/", to=f"/users/requests/{ben.pk}/refuse/")

        assert people.find("ben") is None

    def test_a_wrong_password_does_not_tell_that_somebody_waits(self, visitor: Client) -> None:
        fill(visitor, SIGN_UP, username="ben", password=PASSWORD)

        waiting = fill(visitor, "/users/login/", username="ben", password="something else")
        nobody = fill(visitor, "/users/login/", username="bob", password="something else")

        assert waiting.status_code == nobody.status_code
        assert "let you in" not in text(waiting)

    def test_only_owners_decide(self, visitor: Client, ann: User) -> None:
        fill(visitor, SIGN_UP, username="ben", password=PASSWORD)
        ben = people.find("ben")
        assert ben is not None
        visitor.force_login(ann)

        assert visitor.get("/users/requests/").status_code == 404
        fill(visitor, "/users/password/", to=f"/users/requests/{ben.pk}/approve/")
        fill(visitor, "/users/password/", to=f"/users/requests/{ben.pk}/refuse/")

        assert Application.objects.filter(user=ben).exists()

    def test_an_account_that_is_no_application_cannot_be_turned_away(
        self, owner: User, ann: User
    ) -> None:
        with pytest.raises(Refused):
            joining.refuse(owner, ann.pk)

        assert people.find("ann") is not None

    def test_a_bare_name_is_no_way_around(self, settings: Settings) -> None:
        settings.PASSWORDLESS = "on"

        with pytest.raises(Refused):
            people.enter("ben")

    def test_an_invitation_needs_no_consent(self, visitor: Client, invitation: OneUse) -> None:
        fill(visitor, SIGN_UP, query="?invite=let-me-in", username="ben", password=PASSWORD)

        assert person_in(visitor) == "ben"


class TestDomains:
    """`LOOPCHAT_SIGNUP_DOMAINS=example.org`"""

    @pytest.fixture(autouse=True)
    def mode(self, settings: Settings, owner: User, letters: Letters) -> Iterator[None]:
        settings.SIGNUP_DOMAINS = ("example.org",)
        yield
        mail.wait()

    def test_the_link_in_the_mail_opens_the_account(
        self, visitor: Client, letters: Letters
    ) -> None:
        asked = fill(visitor, SIGN_UP, username="ben", password=PASSWORD, email="Ben@Example.org")
        assert "mail is on its way" in text(asked)
        early = fill(visitor, "/users/login/", username="ben", password=PASSWORD)
        assert early.status_code == 403

        fill(visitor, letters.path_to("ben@example.org"))
        fill(visitor, "/users/login/", username="ben", password=PASSWORD)

        assert person_in(visitor) == "ben"

    @pytest.mark.parametrize(
        "email", ["", "ben@example.com", "ben@example.org.evil", "ben@sub.example.org", "x"]
    )
    def test_other_addresses_do_not_do(self, visitor: Client, email: str) -> None:
        answer = fill(visitor, SIGN_UP, username="ben", password=PASSWORD, email=email)

        assert answer.status_code in {400, 403}
        assert people.find("ben") is None

    def test_a_taken_address_looks_like_a_free_one(
        self, visitor: Client, letters: Letters, ann: User
    ) -> None:
        ann.emailaddress_set.create(email="ann@example.org", verified=True, primary=True)

        free = fill(visitor, SIGN_UP, username="ben", password=PASSWORD, email="b@example.org")
        taken = fill(visitor, SIGN_UP, username="eve", password=PASSWORD, email="ann@example.org")

        assert (free.status_code, taken.status_code) == (200, 200)
        assert text(free) == text(taken)
        assert person_in(visitor) is None
        assert "already exists" in str(letters.to("ann@example.org").body)

    def test_names_that_nobody_confirms_become_free(self, visitor: Client) -> None:
        fill(visitor, SIGN_UP, username="ben", password=PASSWORD, email="b@example.org")
        joining.forget_stale()
        assert people.find("ben") is not None

        old = Application.objects.get()
        old.created_at = old.created_at.replace(year=2020)
        old.save()
        joining.forget_stale()

        assert people.find("ben") is None


class TestAddress:
    """An address that may be given, and need not."""

    def test_it_is_verified_later(self, visitor: Client, owner: User, letters: Letters) -> None:
        fill(visitor, SIGN_UP, username="ben", password=PASSWORD, email="ben@example.org")
        assert person_in(visitor) == "ben"

        fill(visitor, letters.path_to("ben@example.org"))

        ben = people.find("ben")
        assert ben is not None
        assert ben.email == "ben@example.org"

    def test_without_mail_nobody_is_asked(self, visitor: Client, owner: User) -> None:
        assert 'name="email"' not in text(visitor.get(SIGN_UP))
