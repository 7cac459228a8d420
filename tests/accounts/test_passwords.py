"""Hashing: with Argon2, upgraded on use, and as long for nobody as for somebody."""

from __future__ import annotations

import time
from statistics import median

import pytest
from django.conf import settings as project
from django.contrib.auth.hashers import make_password
from pytest_django import Settings

from loopchat.accounts import passwords, people
from loopchat.accounts.models import User
from loopchat.core.errors import Refused
from tests.accounts.conftest import PASSWORD

pytestmark = pytest.mark.django_db
HASHERS = list(project.PASSWORD_HASHERS)


@pytest.fixture(autouse=True)
def real_hashing(quick_hashing: None, settings: Settings) -> None:
    """These tests are about the hashers of the product."""
    settings.PASSWORD_HASHERS = HASHERS


def test_it_hashes_with_argon2() -> None:
    assert passwords.encode(PASSWORD).startswith("argon2$argon2id$")


@pytest.mark.parametrize(
    "password", ["pa\x00ssword horse", "пароль лошадь", "🐴" * 8, "   spaces   "]
)
def test_any_text_can_be_a_password(owner: User, password: str) -> None:
    person = people.create("ann", password)

    assert passwords.matches(password, person)
    assert not passwords.matches(password[:-1], person)
    assert not passwords.matches(password.replace("\x00", ""), person) or "\x00" not in password


def test_an_old_hash_is_made_anew_when_it_is_used(owner: User) -> None:
    owner.password = make_password(PASSWORD, hasher="pbkdf2_sha256")
    owner.save()

    assert passwords.matches(PASSWORD, owner)
    owner.refresh_from_db()
    assert owner.password.startswith("argon2$")
    assert passwords.matches(PASSWORD, owner)


def test_a_wrong_password_renews_nothing(owner: User) -> None:
    owner.password = old = make_password(PASSWORD, hasher="pbkdf2_sha256")
    owner.save()

    assert not passwords.matches("wrong", owner)
    owner.refresh_from_db()
    assert owner.password == old


@pytest.mark.parametrize("password", ["", " ", "!", "None"])
def test_no_password_opens_an_account_without_one(owner: User, password: str) -> None:
    bot = people.create("helper", None, is_bot=True)

    assert not passwords.matches(password, bot)
    assert not passwords.matches(bot.password, bot)


def test_nobody_takes_as_long_as_somebody(owner: User) -> None:
    bot = people.create("helper", None, is_bot=True)

    def seconds(person: User | None) -> float:
        begin = time.process_time()
        passwords.matches("wrong", person)
        return time.process_time() - begin

    rounds = [(seconds(owner), seconds(None), seconds(bot)) for _ in range(7)]
    somebody, nobody, robot = (median(column) for column in zip(*rounds, strict=True))
    assert nobody > somebody / 2
    assert robot > somebody / 2


def test_it_refuses_when_too_many_hash_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    slots = []
    monkeypatch.setattr(passwords, "_WAIT_S", 0.01)
    while passwords._hashing.acquire(blocking=False):
        slots.append(1)
    try:
        with pytest.raises(Refused) as no:
            passwords.encode(PASSWORD)
    finally:
        for _ in slots:
            passwords._hashing.release()
    assert no.value.code == "unavailable"
    assert passwords.encode(PASSWORD)
