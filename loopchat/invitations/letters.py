"""Invitations by mail: the link goes to one address, and lets one person in."""

from __future__ import annotations

from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.urls import reverse

from loopchat.accounts import links as addresses
from loopchat.accounts import mail
from loopchat.accounts.models import User
from loopchat.core.errors import Refused
from loopchat.core.limits import Buckets, Rate, refuse_often
from loopchat.invitations.models import Invitation

LETTERS: Final = Rate(20 / 3600, 20)
"""Invitations by mail of one person, in each process."""

rate: Final = Buckets(LETTERS)


def address(text: str) -> str:
    """Whom to write to, where this server sends mail; nothing: nobody."""
    email = text.strip()
    if not email:
        return ""
    if not mail.is_on():
        raise Refused("forbidden", "This server sends no mail.", field="email")
    try:
        validate_email(email)
    except ValidationError as problem:
        raise Refused("bad_request", "This is no e-mail address.", field="email") from problem
    return email


def refuse_to_write(by: User) -> None:
    """Nobody writes to any number of addresses; bots, of which one may have many, to nobody."""
    if by.is_bot:
        raise Refused("forbidden", "Bots invite nobody by mail.", field="email")
    refuse_often(rate.take(by.pk))


def send(invitation: Invitation, secret: str) -> None:
    """Tell the address of a link, and who invites."""
    values = {"person": invitation.created_by, "link": url_of(secret)}
    mail.post("invitations/mail/invited", invitation.email, **values)


def url_of(secret: str) -> str:
    """The address that a link is handed on as."""
    return addresses.public(reverse("join_link", args=[secret]))
