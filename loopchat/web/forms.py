"""The forms of the account pages: shapes only; what is allowed, the accounts say."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loopchat import words
from loopchat.accounts.passwords import LONGEST
from loopchat.core.errors import Refused
from loopchat.core.text import NAME_MAX

_AS_TYPED = {
    "class": "input",
    "autocapitalize": "none",
    "autocorrect": "off",
    "spellcheck": "false",
}


class AccountForm(forms.Form):
    """A form that can show why an operation was refused, beside the field that it is about."""

    def refuse(self, no: Refused) -> None:
        """Put the refusal beside its field, or above all."""
        self.add_error(no.field if no.field in self.fields else None, words.told(no))


def _username(autocomplete: str, **more: Any) -> forms.CharField:
    widget = forms.TextInput({**_AS_TYPED, "autocomplete": autocomplete, "autofocus": True})
    return forms.CharField(label=_("Name"), max_length=NAME_MAX, widget=widget, **more)


def _password(autocomplete: str, label: Any, **more: Any) -> forms.CharField:
    widget = forms.PasswordInput({"class": "input", "autocomplete": autocomplete})
    return forms.CharField(label=label, strip=False, max_length=LONGEST, widget=widget, **more)


class SignInForm(AccountForm):
    """Name and password."""

    username = _username("username")
    password = _password("current-password", _("Password"))


class EnterForm(AccountForm):
    """A name alone, where that is enough."""

    username = _username("username")


class SignUpForm(AccountForm):
    """A new name and a new password."""

    username = _username("username", help_text=_("Letters, digits, dots, underscores and hyphens."))
    password = _password("new-password", _("Password"), help_text=_("At least 8 characters."))


class PasswordForm(AccountForm):
    """The password of now, and the one of tomorrow."""

    old_password = _password("current-password", _("Your password"))
    new_password = _password(
        "new-password", _("New password"), help_text=_("At least 8 characters.")
    )


class SetupForm(SignUpForm):
    """The first owner's name and password."""
