"""The forms of the account pages: shapes only; what is allowed, the accounts say."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loopchat import words
from loopchat.accounts.models import User
from loopchat.accounts.passwords import LONGEST, check_strength
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

    def point(self) -> None:
        """Put the focus where it goes on: the first wrong field, else a password to type again."""
        wrong = [name for name in self.fields if name in self.errors]
        secret = [name for name, field in self.fields.items() if _is_secret(field)]
        for target in [*wrong, *secret][:1]:
            for name, field in self.fields.items():
                field.widget.attrs["autofocus"] = name == target


def username_field(autocomplete: str, **more: Any) -> forms.CharField:
    """A field for a name, as it was typed."""
    widget = forms.TextInput({**_AS_TYPED, "autocomplete": autocomplete, "autofocus": True})
    return forms.CharField(label=_("Name"), max_length=NAME_MAX, widget=widget, **more)


def _password(autocomplete: str, label: Any, **more: Any) -> forms.CharField:
    widget = forms.PasswordInput({"class": "input", "autocomplete": autocomplete})
    return forms.CharField(label=label, strip=False, max_length=LONGEST, widget=widget, **more)


def _is_secret(field: forms.Field) -> bool:
    return isinstance(field.widget, forms.PasswordInput)


class SignInForm(AccountForm):
    """Name and password."""

    username = username_field("username")
    password = _password("current-password", _("Password"))


class EnterForm(AccountForm):
    """A name alone, where that is enough."""

    username = username_field("username")


class SetupForm(AccountForm):
    """The first owner's name and password."""

    username = username_field(
        "username", help_text=_("Letters, digits, dots, underscores and hyphens.")
    )
    password = _password("new-password", _("Password"), help_text=_("At least 8 characters."))

    def refuse(self, no: Refused) -> None:
        """What is wrong with the name comes first, but does not hide what is wrong beside it."""
        super().refuse(no)
        password = self.cleaned_data.get("password")
        if no.field != "username" or not password:
            return
        try:
            check_strength(password, User(username=self.data.get("username", "")))
        except Refused as other:
            super().refuse(other)


class SignUpForm(SetupForm):
    """A new name and a new password; an address where mail is sent."""

    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        widget=forms.EmailInput({**_AS_TYPED, "autocomplete": "email"}),
        help_text=_("If you like: for a new password when you forget yours."),
    )

    def __init__(self, *arguments: Any, asks_email: bool, domains: tuple[str, ...]) -> None:
        super().__init__(*arguments)
        if not asks_email:
            del self.fields["email"]
        elif domains:
            self.fields["email"].required = True
            at = _("At %(domains)s. You get a mail with a link there.")
            self.fields["email"].help_text = at % {"domains": ", ".join(domains)}


class GuestForm(AccountForm):
    """How a guest is called."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=64,
        widget=forms.TextInput({"class": "input", "autocomplete": "nickname", "autofocus": True}),
    )


class DeleteForm(AccountForm):
    """What becomes of the texts, and a proof; without a password one's own name."""

    texts = forms.ChoiceField(
        label=_("What you have written"),
        choices=[
            ("keep", _("It stays, under the name “Deleted account”")),
            ("remove", _("It goes too")),
        ],
        initial="keep",
        widget=forms.RadioSelect,
    )
    username = username_field("off", help_text=_("Your name, so that this is no accident."))
    password = _password("current-password", _("Your password"))

    def __init__(self, *arguments: Any, has_password: bool) -> None:
        super().__init__(*arguments)
        del self.fields["username" if has_password else "password"]


class PasswordForm(AccountForm):
    """The password of now, and the one of tomorrow."""

    old_password = _password("current-password", _("Your password"))
    new_password = _password(
        "new-password", _("New password"), help_text=_("At least 8 characters.")
    )
    end_tokens = forms.BooleanField(label=_("End my access tokens too"), required=False)


class FirstPasswordForm(AccountForm):
    """A password for an account that has none."""

    new_password = _password(
        "new-password", _("New password"), help_text=_("At least 8 characters.")
    )
