"""Accounts: made, found, entered, given another password, disabled."""

from __future__ import annotations

from functools import partial

import pytest
from django.core.management import call_command
from pytest_django import Settings

from loopchat.accounts import former_names, instance, passwords, people
from loopchat.accounts.models import FormerName, User
from loopchat.core.errors import Refused
from tests.accounts.conftest import PASSWORD
from tests.accounts.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_signs_up(owner: User) -> None:
    person = people.sign_up("Ann", PASSWORD)

    assert (person.username, person.username_key) == ("Ann", "ann")
    assert passwords.matches(PASSWORD, person)
    assert not any([person.is_staff, person.is_owner, person.is_bot, person.is_passwordless])


@pytest.mark.parametrize("name", ["ANN", "ann", "\uff21nn", "\u1d2cnn"])
def test_it_refuses_a_name_that_looks_the_same_to_people(ann: User, name: str) -> None:
    with pytest.raises(Refused) as no:
        people.sign_up(name, PASSWORD)
    assert (no.value.code, no.value.field) == ("conflict", "username")


@pytest.mark.parametrize(
    ("one", "other"),
    [("coco", "\u0441\u043e\u0441\u043e"), ("\u0421\u043e\u0441\u043e", "COCO"), ("Axe", "Αχε")],
)
def test_a_name_in_another_alphabet_that_looks_like_one_is_taken(
    owner: User, one: str, other: str
) -> None:
    for first, second in ((one, other), (other, one)):
        person = people.create(first, None)
        with pytest.raises(Refused) as no:
            people.create(second, None)
        assert no.value.field == "username"
        person.delete()
        former_names.remember(first)
        with pytest.raises(Refused):
            people.create(second, None)
        FormerName.objects.all().delete()


@pytest.mark.parametrize("name", ["Жанна", "Ωμέγα", "naïve", "東京", "1234"])
def test_names_that_look_like_nothing_else_are_free(ann: User, name: str) -> None:
    assert people.create(name, None).username == name


def test_it_finds_people_whatever_the_case_or_unicode_form(ann: User) -> None:
    composed = people.create("Jos\u00e9", PASSWORD)

    assert people.find("ANN") == ann
    assert people.find("jose\u0301") == composed


@pytest.mark.parametrize("typed", ["", "nobody", "ann\x00", "\ud800", "a" * 1_000_000])
def test_it_finds_nobody_under_a_name_that_nobody_has(ann: User, typed: str) -> None:
    assert people.find(typed) is None


@pytest.mark.parametrize("name", ["", " ", "ann smith", "ann\x00", "a" * 33, "<b>", "../x", "."])
def test_it_refuses_what_is_no_name(owner: User, name: str) -> None:
    with pytest.raises(Refused) as no:
        people.sign_up(name, PASSWORD)
    assert no.value.field == "username"


@pytest.mark.parametrize(
    "password", ["", "short", "password", "12345678", "charlotte", "x" * 1001, "y" * 1_000_000]
)
def test_it_refuses_a_bad_password(owner: User, password: str) -> None:
    with pytest.raises(Refused) as no:
        people.sign_up("charlotte", password)
    assert no.value.field == "password"
    assert people.find("charlotte") is None


@pytest.mark.parametrize("signup", ["invite", "closed"])
def test_it_refuses_sign_up_where_it_is_not_open(
    owner: User, settings: Settings, signup: str
) -> None:
    settings.SIGNUP = signup

    with pytest.raises(Refused) as no:
        people.sign_up("ann", PASSWORD)
    assert no.value.code == "forbidden"


def test_it_refuses_sign_up_before_there_is_an_owner() -> None:
    with pytest.raises(Refused, match="not set up"):
        people.sign_up("ann", PASSWORD)


def test_of_fifty_who_want_one_name_at_once_one_gets_it(owner: User) -> None:
    forms = ["ann", "Ann", "ANN", "\uff21nn", "\uff41\uff4e\uff4e"]
    calls = [partial(people.sign_up, forms[n % len(forms)], PASSWORD) for n in range(50)]

    answers = at_once(calls)

    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert len(refused) == 49
    assert {(no.code, no.field) for no in refused} == {("conflict", "username")}
    assert User.objects.filter(username_key="ann").count() == 1


def test_fifty_people_with_fifty_names_all_get_theirs(owner: User) -> None:
    answers = at_once([partial(people.sign_up, f"ann{n}", PASSWORD) for n in range(50)])

    assert all(isinstance(answer, User) for answer in answers), answers
    assert User.objects.filter(username_key__startswith="ann").count() == 50


def test_the_superuser_that_django_makes_is_an_owner() -> None:
    call_command("createsuperuser", interactive=False, username="root")

    person = people.find("ROOT")
    assert person is not None
    assert person.is_owner
    assert person.is_staff
    assert instance.is_claimed()


def test_a_bot_needs_no_password(owner: User) -> None:
    bot = people.create("helper", None, is_bot=True)

    assert bot.is_bot
    assert not bot.has_usable_password()


class TestEntry:
    """Names alone, where that is enough."""

    @pytest.fixture(autouse=True)
    def open_door(self, settings: Settings, owner: User) -> None:
        settings.PASSWORDLESS = "on"

    def test_it_makes_an_account_and_opens_it_again(self) -> None:
        person = people.enter("zoe")

        assert person.is_passwordless
        assert people.enter("ZOE") == person

    def test_many_at_once_get_the_same_account(self) -> None:
        answers = at_once([partial(people.enter, "zoe") for _ in range(20)])

        assert {answer.pk for answer in answers if isinstance(answer, User)} == {
            User.objects.get(username_key="zoe").pk
        }
        assert len(answers) == 20

    def test_it_refuses_when_it_is_off(self, settings: Settings) -> None:
        settings.PASSWORDLESS = "off"

        with pytest.raises(Refused, match="password is needed"):
            people.enter("zoe")
        assert people.find("zoe") is None

    def test_it_refuses_the_owner(self) -> None:
        with pytest.raises(Refused, match="with a password"):
            people.enter("olga")

    def test_it_refuses_somebody_with_a_password(self, ann: User) -> None:
        with pytest.raises(Refused, match="with a password"):
            people.enter("ann")

    def test_it_refuses_a_bot(self) -> None:
        people.create("helper", None, is_bot=True)

        with pytest.raises(Refused):
            people.enter("helper")

    @pytest.mark.parametrize("right", ["is_staff", "is_owner", "is_superuser", "is_bot"])
    def test_it_refuses_an_account_that_was_given_rights(self, right: str) -> None:
        person = people.enter("zoe")
        User.objects.filter(pk=person.pk).update(**{right: True})

        with pytest.raises(Refused):
            people.enter("zoe")

    def test_it_refuses_a_disabled_account(self) -> None:
        people.disable(people.enter("zoe"))

        with pytest.raises(Refused):
            people.enter("zoe")

    def test_it_refuses_an_account_that_was_given_a_password(self) -> None:
        people.set_password(people.enter("zoe"), PASSWORD)

        with pytest.raises(Refused):
            people.enter("zoe")

    def test_it_makes_no_account_where_sign_up_is_closed(self, settings: Settings) -> None:
        zoe = people.enter("zoe")
        settings.SIGNUP = "closed"

        assert people.enter("zoe") == zoe
        with pytest.raises(Refused):
            people.enter("yann")


def test_a_new_password_raises_the_version_and_is_told(ann: User, told: list[set[int]]) -> None:
    people.set_password(ann, "another horse")

    ann.refresh_from_db()
    assert ann.version == 1
    assert told == [{ann.pk}]
    assert passwords.matches("another horse", ann)


def test_disabling_raises_the_version_and_is_told(ann: User, told: list[set[int]]) -> None:
    people.disable(ann)
    people.enable(ann)

    ann.refresh_from_db()
    assert (ann.is_active, ann.version) == (True, 2)
    assert told == [{ann.pk}, {ann.pk}]
