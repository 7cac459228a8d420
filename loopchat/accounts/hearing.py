"""What others tell: that somebody signed in, that an address is theirs, that a key is none."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import email_confirmed
from allauth.mfa.signals import authenticator_removed
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest

from loopchat.accounts import devices, joining
from loopchat.accounts.models import User


def begin() -> None:
    """Listen from now on."""
    user_logged_in.connect(_signed_in, dispatch_uid="loopchat.devices")
    email_confirmed.connect(_verified, dispatch_uid="loopchat.joining")
    authenticator_removed.connect(_step_removed, dispatch_uid="loopchat.second_steps")


def _signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    devices.began(request, user)


def _verified(email_address: Any, **_: Any) -> None:
    joining.verified(email_address.user)


def _step_removed(request: HttpRequest, user: User, **_: Any) -> None:
    """Somebody else may have come in with it: as after another password, only here goes on."""
    devices.end_others(user, request.session.session_key)
