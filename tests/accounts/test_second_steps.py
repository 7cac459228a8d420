"""Secrets of codes: sealed in the database, readable after a change of the key, lost with it."""

from __future__ import annotations

import importlib
import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.apps import apps
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from loopchat.accounts import sealing, second_steps, sessions
from loopchat.accounts.models import User
from tests.web.test_second_steps import code

pytestmark = pytest.mark.django_db
SECRET = generate_totp_secret()
OTHER_KEY = "another secret key, as long as one should be, 0123456789"


@pytest.fixture
def steps(ann: User) -> list[Authenticator]:
    """Ann has codes in an app, and recovery codes."""
    return [TOTP.activate(ann, SECRET).instance, RecoveryCodes.activate(ann).instance]


def stored() -> str:
    """All that the table holds."""
    return json.dumps(list(Authenticator.objects.values_list("data", flat=True)))


def is_right(person: User) -> bool:
    """Whether the code that the app shows now is taken."""
    cache.clear()
    totp = Authenticator.objects.get(user=person, type="totp")
    return bool(totp.wrap().validate_code(code(SECRET)))


def recovery_codes(person: User) -> list[str]:
    """Those that have not been used."""
    row = Authenticator.objects.get(user=person, type="recovery_codes")
    codes: list[str] = row.wrap().get_unused_codes()
    return codes


def test_who_reads_the_database_cannot_make_codes(ann: User, steps: list[Any]) -> None:
    seed = sealing.opened(steps[1].data["seed"])

    assert SECRET not in stored()
    assert seed not in stored()
    assert is_right(ann)
    assert len(recovery_codes(ann)) == 10


def test_the_same_secret_looks_different_each_time() -> None:
    assert sealing.seal(SECRET) != sealing.seal(SECRET)


def test_they_outlive_a_change_of_the_secret_key(
    ann: User, steps: list[Any], settings: Settings
) -> None:
    before, old = recovery_codes(ann), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OTHER_KEY, [old]
    assert is_right(ann)

    second_steps.renew()
    settings.SECRET_KEY_FALLBACKS = []

    assert is_right(ann)
    assert recovery_codes(ann) == before
    assert second_steps.unreadable() == 0


def test_without_the_key_nothing_is_taken_for_a_code(
    ann: User, steps: list[Any], settings: Settings
) -> None:
    settings.SECRET_KEY = OTHER_KEY
    second_steps.renew()  # leaves what it cannot read: the key may be found again

    for question in (is_right, recovery_codes):
        with pytest.raises(ValidationError):
            question(ann)
        with pytest.raises(PermissionDenied):
            question(ann)
    assert second_steps.unreadable() == 2


def test_what_was_stored_before_is_sealed_and_can_go_back(ann: User, steps: list[Any]) -> None:
    module = importlib.import_module("loopchat.accounts.migrations.0006_seal_second_steps")
    before = recovery_codes(ann)

    module.unseal(apps, None)
    assert SECRET in stored()
    module.seal(apps, None)

    assert SECRET not in stored()
    assert is_right(ann)
    assert recovery_codes(ann) == before


def test_codes_of_another_program_are_sealed_too(ann: User) -> None:
    data = {"migrated_codes": ["11112222", "33334444"], "used_mask": 0}
    Authenticator.objects.create(user=ann, type="recovery_codes", data=data)

    second_steps.renew()

    assert "11112222" not in stored()
    assert recovery_codes(ann) == ["11112222", "33334444"]


def test_who_lost_them_is_asked_for_the_password_alone(ann: User, steps: list[Any]) -> None:
    browser = Client()
    browser.force_login(ann)

    call_command("secondstep", "ANN")

    assert not Authenticator.objects.exists()
    assert sessions.login_of_session(browser.session.session_key or "") is None
    with pytest.raises(CommandError):
        call_command("secondstep", "nobody")


def test_one_lost_key_of_two_leaves_the_other(ann: User, steps: list[Any]) -> None:
    keys = [
        Authenticator.objects.create(user=ann, type="webauthn", data={"name": name})
        for name in ("phone", "stick")
    ]

    second_steps.take_away(ann, keys[0].pk, steps[0].pk)

    assert set(Authenticator.objects.values_list("type", flat=True)) == {
        "webauthn",
        "recovery_codes",
    }
    second_steps.take_away(ann, keys[1].pk)
    assert not Authenticator.objects.exists()
