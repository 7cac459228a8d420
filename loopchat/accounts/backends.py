"""Django's door to our sign-in: whatever calls `authenticate` is slowed down and refused alike."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from loopchat.accounts import sign_in
from loopchat.accounts.models import User
from loopchat.core.errors import Refused


class PeopleBackend(ModelBackend):
    """Sessions and permissions are Django's; names and passwords are checked by `sign_in`."""

    def user_can_authenticate(self, user: Any) -> bool:
        """Disabled people and guests whose time is over are as good as signed out; so are bots."""
        return bool(user.may_come) and not user.is_bot

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **_: Any,
    ) -> User | None:
        if username is None or password is None:
            return None
        address = request.META.get("REMOTE_ADDR", "") if request else ""
        try:
            return sign_in.check(username, password, address=address)
        except Refused as no:
            raise PermissionDenied from no
