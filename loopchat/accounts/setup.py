"""The first owner: whoever holds the link that the server printed when it started."""

from __future__ import annotations

import secrets

from django.utils.crypto import constant_time_compare

from loopchat.accounts import instance, people
from loopchat.accounts.models import Instance, User
from loopchat.accounts.tokens import digest_of
from loopchat.core.errors import Refused


def new_secret() -> str | None:
    """The secret of a new set-up link, which replaces earlier ones; None once there is an owner."""
    secret = secrets.token_urlsafe(16)
    instance.row()
    unclaimed = Instance.objects.filter(pk=1, is_claimed=False)
    return secret if unclaimed.update(setup_digest=digest_of(secret)) else None


def opens(secret: str) -> bool:
    """Whether this is the secret of the set-up link that works now."""
    row = instance.row()
    known = row.setup_digest or digest_of(secrets.token_urlsafe(16))
    return constant_time_compare(known, digest_of(secret)) and not row.is_claimed


def claim(secret: str, *, username: str, password: str) -> User:
    """Make the first owner. Of two who try at once, one gets it."""
    if not opens(secret):
        raise refusal()
    return people.create_owner(username, password, check=lambda: _hold(secret))


def _hold(secret: str) -> None:
    """Lock the row until the end of the transaction, or refuse: somebody else was first."""
    row = Instance.objects.select_for_update().filter(pk=1, is_claimed=False).first()
    if row is None or not constant_time_compare(row.setup_digest, digest_of(secret)):
        raise refusal()


def refusal() -> Refused:
    """What is said about every link that does not work, whatever the reason."""
    return Refused("not_found", "This link does not work, or does not work any more.")
