"""Forms that django-allauth asks us for: passwords by a link, codes, a name after a provider's
word."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ResetPasswordForm, ResetPasswordKeyForm
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.base.internal.flows import check_rate_limit
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from loopchat import words
from loopchat.accounts import joining, people, resets, second_steps
from loopchat.accounts.adapters import verified_by_provider
from loopchat.accounts.models import User
from loopchat.core.errors import Refused
from loopchat.core.text import NAME_MAX, clean_name
from loopchat.web.form_pages import refused
from loopchat.web.forms import AccountForm, username_field
from loopchat.web.sign_up_views import code_of, waiting_page


class ResetAskForm(ResetPasswordForm):  # type: ignore[misc]
    """Who forgot their password. The page does the same whoever has the address, and nobody."""

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"])

    def save(self, request: HttpRequest, **_: Any) -> str:
        """Have a letter written, if there is somebody to write to."""
        resets.ask(self.cleaned_data["email"])
        return str(self.cleaned_data["email"])


class ResetForm(ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password; one field, as everywhere here."""

    password2 = None


class _OnceOnly:
    """A code of an app opens once, whichever process is asked, as long as it is a right one."""

    def clean_code(self: Any) -> str:
        if second_steps.is_spent(self.user, self.cleaned_data["code"]):
            check_rate_limit(self.user)  # a wrong one like others
            raise get_adapter().validation_error("incorrect_code")
        code: str = super().clean_code()  # type: ignore[misc]
        if not second_steps.spend(self.authenticator, code):  # another was faster
            raise get_adapter().validation_error("incorrect_code")
        return code


class CodeForm(_OnceOnly, AuthenticateForm):  # type: ignore[misc]
    """The second step of a sign-in."""


class CodeAgainForm(_OnceOnly, ReauthenticateForm):  # type: ignore[misc]
    """A code as the proof before a change."""


class ProviderSignUpForm(AccountForm):
    """The name that somebody wants here; the rest, their provider has said."""

    username = username_field("username")

    def __init__(self, *arguments: Any, sociallogin: Any, **named: Any) -> None:
        self.sociallogin = sociallogin
        known = str(getattr(sociallogin.user, "username", "") or "")[:NAME_MAX]
        super().__init__(*arguments, **{**named, "initial": {"username": known}})

    def clean_username(self) -> str:
        """A name that can still be had; the provider's word would be lost with a refusal."""
        try:
            name = clean_name(self.cleaned_data["username"])
            people.refuse_taken(name)
        except Refused as no:
            raise ValidationError(words.told(no)) from no
        return name

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """The account, or a page that says why not or what it waits for."""
        try:
            joined = self._join(request)
        except Refused as no:
            return None, refused(request, no)
        if joined.waits:
            return joined.person, waiting_page(request, joined)
        return joined.person, None

    def _join(self, request: HttpRequest) -> joining.Joined:
        login = self.sociallogin
        verified = verified_by_provider(login)
        told = [each.email for each in login.email_addresses]
        email = next(iter([*verified, *told]), "")

        def connect(person: User) -> None:
            login.user = login.account.user = person
            login.account.save()

        return joining.sign_up(
            request,
            self.cleaned_data["username"],
            None,
            email=email,
            is_verified=bool(verified),
            code=code_of(request),
            also=connect,
        )
