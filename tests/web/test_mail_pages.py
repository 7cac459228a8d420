"""An address of one's own, a new password by a link, and what happens without mail."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from loopchat.accounts import people, resets
from loopchat.accounts.models import User
from loopchat.core.errors import Refused
from tests.accounts.conftest import PASSWORD
from tests.web.forms import fill, person_in, text
from tests.web.letters import Letters, letters

__all__ = ["letters"]
pytestmark = pytest.mark.django_db
RESET = "/users/password/reset/"
NEW = "another fine secret"


@pytest.fixture
def addressed(ann: User) -> User:
    """Ann has a verified address."""
    ann.emailaddress_set.create(email="ann@example.org", verified=True).set_as_primary()
    return ann


def choose(visitor: Client, link: str, password: str = NEW) -> str:
    """Open a link to a new password and choose one; the page that follows."""
    opened = visitor.get(link)
    place = opened["Location"] if opened.status_code == 302 else link
    page = text(visitor.get(place))
    if "csrfmiddlewaretoken" not in page:
        return page
    answer = fill(visitor, place, password1=password)
    return text(visitor.get(answer["Location"])) if answer.status_code == 302 else text(answer)


@pytest.mark.django_db(transaction=True)  # the thread that writes letters has to see who has which
class TestReset:
    """`/users/password/reset/`"""

    def test_the_link_gives_a_new_password_once(
        self, visitor: Client, addressed: User, letters: Letters, told: list[set[int]]
    ) -> None:
        elsewhere = Client(HTTP_HOST="localhost")
        elsewhere.force_login(addressed)
        fill(visitor, RESET, email="ANN@example.org")
        link = letters.path_to("ann@example.org")

        assert "is changed" in choose(visitor, link)

        assert person_in(visitor) is None
        fill(visitor, "/users/login/", username="ann", password=NEW)
        assert person_in(visitor) == "Ann"
        assert elsewhere.get("/chat/settings/").status_code == 302
        assert {addressed.pk} in told
        assert "does not work" in choose(Client(HTTP_HOST="localhost:8000"), link)

    def test_it_does_not_tell_who_has_an_account(
        self, visitor: Client, addressed: User, letters: Letters
    ) -> None:
        known = fill(visitor, RESET, email="ann@example.org")
        unknown = fill(visitor, RESET, email="bob@example.org")

        assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
        assert [letter.to for letter in letters.all()] == [["ann@example.org"]]

    @pytest.mark.parametrize("host", ["6.6.6.6", "localhost", "[2001:db8::6]"])
    def test_the_host_of_the_request_is_not_in_the_letter(
        self, addressed: User, letters: Letters, host: str
    ) -> None:
        visitor = Client(HTTP_HOST=host, HTTP_ACCEPT="text/html")
        visitor.post(RESET, {"email": "ann@example.org"})

        letter = letters.to("ann@example.org")

        assert letters.path_to("ann@example.org").startswith("/users/password/reset/key/")
        assert host not in f"{letter.subject}{letter.body}"
        assert letter.from_email == "Chat <chat@example.org>"

    def test_the_secret_is_not_in_the_address_of_the_form(
        self, visitor: Client, addressed: User, letters: Letters
    ) -> None:
        fill(visitor, RESET, email="ann@example.org")
        link = letters.path_to("ann@example.org")

        opened = visitor.get(link)

        assert opened["Location"].endswith("-set-password/")
        secret = link.rstrip("/").rpartition("-")[2]
        assert secret not in text(visitor.get(opened["Location"]))
        assert len(re.sub("[^0-9a-f]", "", secret)) >= 32  # 128 bits

    def test_wrong_old_and_foreign_links_do_nothing(
        self, visitor: Client, addressed: User, owner: User, letters: Letters, settings: Settings
    ) -> None:
        fill(visitor, RESET, email="ann@example.org")
        link = letters.path_to("ann@example.org")
        head, _, tail = link.rpartition("/key/")
        uid, _, secret = tail.partition("-")
        others = [f"{head}/key/{owner.pk}-{secret}", f"{head}/key/{uid}-{secret[:-2]}0/", link]
        settings.PASSWORD_RESET_TIMEOUT = -1

        for other in others:
            assert "does not work" in choose(visitor, other)

        person = people.find("ann")
        assert person is not None
        assert person.check_password(PASSWORD)

    @pytest.mark.parametrize("password", ["short", "password1", "x" * 1001, "x" * 500_000])
    def test_the_new_password_has_to_be_good(
        self, visitor: Client, addressed: User, letters: Letters, password: str
    ) -> None:
        fill(visitor, RESET, email="ann@example.org")

        page = choose(visitor, letters.path_to("ann@example.org"), password)

        assert "is changed" not in page
        person = people.find("ann")
        assert person is not None
        assert person.check_password(PASSWORD)

    def test_without_mail_the_page_says_whom_to_ask(self, visitor: Client, ann: User) -> None:
        assert "ask somebody who runs it" in text(visitor.get(RESET))


class TestLinkFromAnOwner:
    """A link to hand on, where no mail is sent."""

    def test_it_works_once(self, visitor: Client, ann: User) -> None:
        link = "/" + resets.link_for(ann).partition("://")[2].partition("/")[2]

        assert "is changed" in choose(visitor, link)
        assert "does not work" in choose(Client(HTTP_HOST="localhost:8000"), link)

    def test_the_command_line_prints_it(self, visitor: Client, ann: User) -> None:
        printed = StringIO()

        call_command("resetlink", "ANN", stdout=printed)

        link = "/" + printed.getvalue().strip().partition("://")[2].partition("/")[2]
        assert "is changed" in choose(visitor, link)
        with pytest.raises(CommandError):
            call_command("resetlink", "nobody")

    def test_owners_get_it_after_their_password(
        self, visitor: Client, owner: User, ann: User
    ) -> None:
        visitor.force_login(owner)
        asked = fill(visitor, "/users/requests/", to="/users/requests/link/", username="ann")
        assert asked["Location"].startswith("/users/reauthenticate/")

        given = fill(visitor, asked["Location"], password=PASSWORD)

        link = re.search(r"/users/password/reset/key/[^<]+", text(given))
        assert link is not None
        assert "is changed" in choose(Client(HTTP_HOST="localhost:8000"), link[0])

    def test_others_do_not(self, visitor: Client, ann: User) -> None:
        visitor.force_login(ann)

        answer = fill(visitor, "/users/password/", to="/users/requests/link/", username="olga")

        assert answer.status_code == 404

    def test_there_is_none_for_a_bare_name(self, settings: Settings, owner: User) -> None:
        settings.PASSWORDLESS = "on"

        with pytest.raises(Refused):
            resets.link_for(people.enter("visitor"))


class TestAddress:
    """`/users/email/`"""

    @pytest.fixture
    def browser(self, visitor: Client, addressed: User) -> Client:
        fill(visitor, "/users/login/", username="ann", password=PASSWORD)
        return visitor

    def test_a_new_one_counts_when_it_is_confirmed(
        self, browser: Client, addressed: User, letters: Letters
    ) -> None:
        fill(browser, "/users/email/", email="new@example.org", action_add="1")
        addressed.refresh_from_db()
        assert addressed.email == "ann@example.org"

        fill(browser, letters.path_to("new@example.org"))

        addressed.refresh_from_db()
        assert addressed.email == "new@example.org"
        assert "changed" in str(letters.to("ann@example.org").body)

    def test_it_asks_for_the_password_again(
        self, visitor: Client, addressed: User, letters: Letters
    ) -> None:
        visitor.force_login(addressed)

        answer = fill(visitor, "/users/email/", email="new@example.org", action_add="1")

        assert answer["Location"].startswith("/users/reauthenticate/")
        assert letters.all() == []

    def test_somebody_elses_is_not_told_apart(
        self, browser: Client, owner: User, letters: Letters
    ) -> None:
        owner.emailaddress_set.create(email="olga@example.org", verified=True, primary=True)

        free = fill(browser, "/users/email/", email="free@example.org", action_add="1")
        taken = fill(browser, "/users/email/", email="olga@example.org", action_add="1")

        assert (free.status_code, free["Location"]) == (taken.status_code, taken["Location"])
        assert browser.get(letters.path_to("olga@example.org")).status_code == 200
        assert owner.emailaddress_set.get().user == owner

    def test_without_mail_there_is_none(self, visitor: Client, owner: User, ann: User) -> None:
        for person in (ann, owner):
            visitor.force_login(person)
            page = text(visitor.get("/users/email/"))
            assert "sends no mail" in page
            assert 'class="settings__nav"' in page
            assert ("LOOPCHAT_EMAIL_URL" in page) == person.is_owner


class TestNotice:
    """A letter about a sign-in in a new place."""

    def test_a_new_browser_is_told_and_a_known_one_is_not(
        self, addressed: User, letters: Letters
    ) -> None:
        known = {"HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}
        other = {"HTTP_USER_AGENT": "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537"}
        for agent in (known, known, other):
            visitor = Client(enforce_csrf_checks=True, HTTP_HOST="localhost:8000", **agent)  # type: ignore[arg-type]
            fill(visitor, "/users/login/", username="ann", password=PASSWORD)

        assert len(letters.all()) == 1
        assert "Chrome · Windows" in str(letters.to("ann@example.org").body)
