"""Bearer tokens."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from loopchat.accounts import people, sessions, tokens
from loopchat.accounts.models import Token, User

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_works_and_is_stored_as_a_hash(ann: User) -> None:
    token, secret = tokens.create(ann, label="phone")

    found = tokens.find(secret)
    assert found == token
    assert found.user == ann
    assert len(secret) == 47
    assert secret.startswith("lct_")
    assert secret not in {str(value) for value in Token.objects.values().get().values()}


@pytest.mark.parametrize("wrong", ["", "lct_", "lct_" + "a" * 43, "\ud800", "lct_\x00"])
def test_it_finds_nothing_for_a_wrong_secret(ann: User, wrong: str) -> None:
    tokens.create(ann)

    assert tokens.find(wrong) is None


def test_the_hash_does_not_work_as_a_secret(ann: User) -> None:
    token, _ = tokens.create(ann)

    assert tokens.find(token.digest) is None
    assert tokens.find("lct_" + token.digest) is None


def test_a_revoked_one_does_not_work_and_it_is_told(ann: User, told: list[set[int]]) -> None:
    token, secret = tokens.create(ann)

    tokens.revoke(token)

    assert tokens.find(secret) is None
    assert told == [{ann.pk}]
    ann.refresh_from_db()
    assert ann.version == 1


def test_an_expired_one_does_not_work(ann: User) -> None:
    now = timezone.now()
    _, old = tokens.create(ann, expires_at=now - timedelta(seconds=1))
    _, new = tokens.create(ann, expires_at=now + timedelta(hours=1))

    assert tokens.find(old) is None
    assert tokens.find(new)


def test_that_of_a_disabled_person_does_not_work(ann: User) -> None:
    _, secret = tokens.create(ann)
    people.disable(ann)

    assert tokens.find(secret) is None


def test_its_use_is_noted_at_most_once_a_minute(
    ann: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    token, secret = tokens.create(ann)

    with django_assert_num_queries(3):  # the token, its person, and the note
        tokens.find(secret)
    with django_assert_num_queries(2):
        tokens.find(secret)
    token.refresh_from_db()
    first = token.last_used_at
    assert first is not None

    Token.objects.update(last_used_at=first - timedelta(minutes=2))
    tokens.find(secret)
    token.refresh_from_db()
    assert token.last_used_at is not None
    assert token.last_used_at >= first


def test_a_socket_notes_its_use_with_the_next_portion(db: None) -> None:
    ann = people.create("ann-of-sockets", "a long enough word")
    token, secret = tokens.create(ann)
    assert sessions.login_of_token(secret) is not None
    token.refresh_from_db()
    assert token.last_used_at is None
    tokens.store_uses()
    token.refresh_from_db()
    assert token.last_used_at is not None
