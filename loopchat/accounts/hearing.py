"""What others tell: that somebody signed in, that an address is theirs."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import email_confirmed
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest

from loopchat.accounts import devices, joining
from loopchat.accounts.models import User


def begin() -> None:
    """Listen from now on."""
    user_logged_in.connect(_signed_in, dispatch_uid="loopchat.devices")
    email_confirmed.connect(_verified, dispatch_uid="loopchat.joining")


def _signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    devices.began(request, user)


def _verified(email_address: Any, **_: Any) -> None:
    joining.verified(email_address.user)
