"""A new token for a program: what it may do, where, and how long."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from loopchat.accounts import links, people, tokens
from loopchat.accounts.grants import Grant
from loopchat.accounts.models import User
from loopchat.core.errors import Refused
from loopchat.web import form_pages, room_names
from loopchat.web.forms import AccountForm

DAYS: Final = (
    ("30", _("30 days")),
    ("90", _("90 days")),
    ("365", _("A year")),
    ("", _("Until I end it")),
)


class TokenForm(AccountForm):
    """What a token is for."""

    label = forms.CharField(
        label=_("What it is for"),
        max_length=tokens.LABEL_MAX,
        widget=forms.TextInput({"class": "input", "autofocus": True}),
        help_text=_("For example the name of the program."),
    )
    scope = forms.ChoiceField(choices=[("write", ""), ("read", "")], initial="write")
    reach = forms.ChoiceField(choices=[("all", ""), ("some", "")], initial="all")
    rooms = forms.TypedMultipleChoiceField(coerce=int, required=False)
    days = forms.ChoiceField(
        label=_("It lasts"),
        choices=DAYS,
        initial="90",
        required=False,
        widget=forms.Select({"class": "input"}),
    )

    def __init__(self, *arguments: Any, rooms: dict[int, str]) -> None:
        super().__init__(*arguments)
        self.fields["rooms"].choices = list(rooms.items())  # type: ignore[attr-defined]

    @property
    def grant(self) -> Grant:
        """What was chosen."""
        rooms: frozenset[int] | None = None
        if self.cleaned_data["reach"] == "some":
            rooms = frozenset(self.cleaned_data["rooms"])
            if not rooms:
                raise Refused("bad_request", "Choose at least one room.", field="rooms")
        return Grant(self.cleaned_data["scope"] == "write", rooms)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required  # type: ignore[untyped-decorator]
def new_token(request: HttpRequest) -> HttpResponse:
    """The form, and behind it the token.

    Its secret is in the answer to the form itself: on the way to a page of its own it would be
    stored.
    """
    person = people.find(request.user.get_username())
    if person is None:
        raise Refused("unauthorized", "Sign in first.")
    rooms = room_names.of(person)
    form = TokenForm(request.POST or None, rooms=rooms)

    def make(request: HttpRequest, _form: AccountForm) -> HttpResponse:
        days, grant = form.cleaned_data["days"], form.grant
        ends = timezone.now() + timedelta(days=int(days)) if days else None
        label = form.cleaned_data["label"]
        made, secret = tokens.create(person, label=label, expires_at=ends, grant=grant)
        shown = {"token": made, "secret": secret, "url": links.public("/")}
        shown["example"] = _example(person, grant)
        return render(request, "accounts/made_token.html", shown)

    return form_pages.answer(request, "accounts/new_token.html", form, make, {"rooms": rooms})


def _example(person: User, grant: Grant) -> str:
    """What a terminal may say with such a token."""
    room = f"@{person.username}" if grant.rooms is None else str(min(grant.rooms))
    return f'send {room} "Hello"' if grant.writes else f"tail {room}"
