"""Forms that take keys. A proof counts when it was made for a page of this site: browsers also make
them for pages of subdomains, which may be somebody else's."""

from __future__ import annotations

import json
from typing import Any, Final

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms
from allauth.mfa.webauthn.internal import auth
from django.conf import settings
from django.core.exceptions import ValidationError
from fido2.utils import websafe_decode

from loopchat.accounts.models import User
from loopchat.core.origins import origin_allowed

_LONGEST: Final = 4096
"""Characters that a browser says about itself and the page."""


class _FromHere:
    """Whatever is no key, or is for another page, is a wrong one."""

    def clean_credential(self: Any) -> Any:
        credential = self.cleaned_data["credential"]
        try:
            if _is_for_here(credential):
                return self.taken(credential)
        except (AttributeError, KeyError, TypeError, ValueError) as problem:
            raise get_adapter().validation_error("incorrect_code") from problem
        raise get_adapter().validation_error("incorrect_code")

    def taken(self: Any, credential: Any) -> Any:
        """What allauth says of it."""
        return super().clean_credential()  # type: ignore[misc]


class NewKeyForm(_FromHere, forms.AddWebAuthnForm):  # type: ignore[misc]
    """Another key; what it is, is looked at when all fields are there."""

    def taken(self, credential: Any) -> Any:
        auth.parse_registration_response(credential)
        return credential


class KeyForm(_FromHere, forms.AuthenticateWebAuthnForm):  # type: ignore[misc]
    """The second step of a sign-in."""


class KeyAgainForm(_FromHere, forms.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """A key as the proof before a change."""


class PasskeyForm(_FromHere, forms.LoginWebAuthnForm):  # type: ignore[misc]
    """A key instead of name and password. For nobody's the same is done as for somebody's."""

    def taken(self, credential: Any) -> Authenticator:
        auth.parse_authentication_response(credential)
        return auth.complete_authentication(_whose(credential), credential)


def _whose(credential: dict[str, Any]) -> User:
    try:
        found: User = auth.extract_user_from_response(credential)
    except ValidationError:
        return User(pk=0)
    return found


def _is_for_here(credential: Any) -> bool:
    said = credential["response"]["clientDataJSON"]
    if len(said) > _LONGEST:
        return False
    origin = json.loads(websafe_decode(said))["origin"]
    request = context.request
    return origin_allowed(origin, request.scheme, request.get_host(), settings.ORIGINS)
