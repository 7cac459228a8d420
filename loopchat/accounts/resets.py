"""One-time links to a new password: by mail, and from an owner for those who get none."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from loopchat.accounts import links, mail
from loopchat.core.errors import Refused

if TYPE_CHECKING:
    from loopchat.accounts.models import User


def link_for(person: User) -> str:
    """A link that gives this person a new password, once and for a day.

    It is signed over the password of now: when that changes, the link is dead.
    """
    from allauth.account.forms import default_token_generator
    from allauth.account.utils import user_pk_to_url_str

    without = person.is_passwordless or person.is_bot or person.is_guest
    if without or not person.is_active:
        raise Refused("forbidden", "This account has no password to replace.", field="username")
    key = f"{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}"
    return links.new_password(key)


def ask(email: str) -> None:
    """Send a link to whoever has shown that this address is theirs; the caller cannot tell."""
    mail.later(partial(_send_to, email.strip().lower()))


def _send_to(email: str) -> None:
    """An address that was only typed would give an account to whoever it belongs to."""
    from allauth.account.forms import default_token_generator
    from allauth.account.internal.flows.password_reset import request_password_reset
    from allauth.account.internal.userkit import filter_users_by_email

    found = filter_users_by_email(email, is_active=True, prefer_verified=True, for_login=True)
    theirs = [
        person
        for person in found
        if person.emailaddress_set.filter(email=email, verified=True).exists()
    ]
    if theirs:
        request_password_reset(None, email, theirs, default_token_generator)
