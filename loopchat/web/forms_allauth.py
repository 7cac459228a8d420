"""Forms that django-allauth asks us for: a new password once, a name after a provider's word."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ResetPasswordKeyForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from loopchat import words
from loopchat.accounts import joining, people
from loopchat.accounts.adapters import verified_by_provider
from loopchat.accounts.models import User
from loopchat.core.errors import Refused
from loopchat.core.text import NAME_MAX, clean_name
from loopchat.web.form_pages import refused
from loopchat.web.forms import AccountForm, username_field
from loopchat.web.sign_up_views import code_of, waiting_page


class ResetForm(ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password; one field, as everywhere here."""

    password2 = None


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
        except Refused as no:
            raise ValidationError(words.told(no)) from no
        if people.find(name):
            raise ValidationError(_("This name is taken."))
        return name

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """The account, or a page that says why not or what it waits for."""
        try:
            joined = self._join(request)
        except Refused as no:
            return None, refused(request, no)
        if joined.person is None or joined.waits:
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
