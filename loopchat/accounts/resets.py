"""One-time links to a new password, for those who cannot get one by mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loopchat.accounts import links
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
