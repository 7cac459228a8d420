"""Codes and keys beside the password: how they are stored, that each works once, and taking them
away from who has lost them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from loopchat.accounts import devices, sealing

if TYPE_CHECKING:
    from allauth.mfa.models import Authenticator

    from loopchat.accounts.models import User

_SECRETS: Final = ("secret", "seed")
"""Where allauth keeps what the codes of an app, and recovery codes, are computed from."""
_LISTS: Final = ("migrated_codes",)
_SPENT: Final = "spent"
"""The number of the last time step whose code was taken."""


def changed(data: dict[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    """What is stored of one second step, with each secret in it changed."""
    secrets = {name: change(data[name]) for name in _SECRETS if isinstance(data.get(name), str)}
    lists = {name: [change(one) for one in data[name]] for name in _LISTS if data.get(name)}
    return {**data, **secrets, **lists}


def renew() -> None:
    """Seal with the secret key of now what is stored as it is, or was sealed with an older key."""
    for pk, data in _with_secrets().values_list("pk", "data"):
        try:
            if changed(data, sealing.renewed) != data:
                _renew(pk)
        except sealing.Unreadable:
            continue


def unreadable() -> int:
    """How many cannot be opened with the keys that this server has."""
    return sum(1 for data in _with_secrets().values_list("data", flat=True) if not _opens(data))


def take_away(person: User, *pks: int) -> None:
    """Somebody has lost these, or without `pks` all of them; every sign-in of theirs ends.

    What is left asks on; recovery codes alone would ask for nothing that there is.
    """
    from allauth.mfa.base.internal.flows import delete_dangling_recovery_codes
    from allauth.mfa.models import Authenticator

    theirs = Authenticator.objects.filter(user=person)
    with transaction.atomic():
        (theirs.filter(pk__in=pks) if pks else theirs).delete()
        delete_dangling_recovery_codes(person)
        devices.end_others(person, None)


def spend(step: Authenticator, code: str) -> bool:
    """Take a code of an app, once: False when it, or a later one, was taken before.

    allauth remembers used codes in the memory of one process, for less time than a code is good.
    """
    from allauth.mfa.models import Authenticator

    if step.type != Authenticator.Type.TOTP:
        return True  # recovery codes are crossed out by allauth
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().get(pk=step.pk)
        number = _number_of(row, code)
        if number is None or number <= row.data.get(_SPENT, -1):
            return False
        row.data[_SPENT] = step.data[_SPENT] = number
        row.save(update_fields=["data"])
    return True


def is_spent(person: User, code: str) -> bool:
    """Whether this is a code of the person's app that is right and was taken before."""
    from allauth.mfa.models import Authenticator

    for row in Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP):
        number = _number_of(row, code)
        return number is not None and number <= row.data.get(_SPENT, -1)
    return False


def _number_of(row: Authenticator, code: str) -> int | None:
    """The newest time step whose code this is, among those that count now."""
    from allauth.core.internal.cryptokit import compare_user_code
    from allauth.mfa.totp.internal import auth
    from allauth.mfa.utils import decrypt

    secret = decrypt(row.data["secret"])
    found = [
        number
        for number in auth.yield_hotp_counters_from_time()
        if compare_user_code(
            actual=code, expected=auth.format_hotp_value(auth.hotp_value(secret, number))
        )
    ]
    return max(found, default=None)


def _with_secrets() -> Any:
    from allauth.mfa.models import Authenticator

    kinds = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
    return Authenticator.objects.filter(type__in=kinds)


def _renew(pk: int) -> None:
    """One row, locked: a recovery code may be crossed out in the same moment."""
    with transaction.atomic():
        row = _with_secrets().select_for_update().get(pk=pk)
        row.data = changed(row.data, sealing.renewed)
        row.save(update_fields=["data"])


def _opens(data: dict[str, Any]) -> bool:
    try:
        changed(data, sealing.opened)
    except sealing.Unreadable:
        return False
    return True
