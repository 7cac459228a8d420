"""Whether somebody proved a moment ago who they are, also where there is no password to ask for."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from django.http import HttpRequest

if TYPE_CHECKING:
    from loopchat.accounts.models import User

LASTS: Final = 5 * 60
"""Seconds, as long as a password that was typed again counts."""


def has_signed_in_lately(request: HttpRequest, person: User) -> bool:
    """Whether this browser's session has a proof of this person that is not older than `LASTS`.

    Who enters by name alone has nothing to prove.
    """
    from allauth.account.internal.flows.login import get_authentication_records

    if person.is_passwordless:
        return True
    records = get_authentication_records(request, person)
    return any(time.time() - record["at"] < LASTS for record in records)


def needs_new_sign_in(request: HttpRequest, person: User) -> bool:
    """Whether somebody without a password or a key has to come in again before a change.

    Where there is something to ask for, it is asked for instead.
    """
    from allauth.account.internal.flows.reauthentication import get_reauthentication_flows

    if get_reauthentication_flows(person):
        return False
    return not has_signed_in_lately(request, person)
