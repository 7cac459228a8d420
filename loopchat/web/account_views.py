"""Sign in, sign out, another password, and the first set-up. All of it works without JavaScript."""

from __future__ import annotations

from http import HTTPStatus

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from loopchat.accounts import joining, people, setup, tokens
from loopchat.accounts import sign_in as signing
from loopchat.accounts.models import User
from loopchat.core.errors import Refused
from loopchat.web import endings, form_pages
from loopchat.web.forms import (
    AccountForm,
    EnterForm,
    FirstPasswordForm,
    PasswordForm,
    SetupForm,
    SignInForm,
)

_form_page = require_http_methods(["GET", "HEAD", "POST"])


@_form_page
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Name and password, a passkey, somebody who knows people; where it is allowed, a name."""
    if request.user.is_authenticated and request.method != "POST":
        return form_pages.onwards(request)
    return _doors(request)


@login_required
@_form_page
@sensitive_post_parameters("password")
def sign_in_again(request: HttpRequest) -> HttpResponse:
    """The same for who is here, and proves it once more before a change to their account."""
    return _doors(request)


def _doors(request: HttpRequest) -> HttpResponse:
    by_name = _enters_by_name(request)
    form = (EnterForm if by_name else SignInForm)(request.POST or None)
    page = {
        "by_name": by_name,
        "passwordless": _is_passwordless(),
        "can_sign_up": joining.is_open(),
        "providers": settings.OIDC,
        "ended": endings.of(request),
    }
    operation = _enter if by_name else _sign_in
    return form_pages.answer(request, "accounts/sign_in.html", form, operation, page)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this browser's session."""
    signing.end(request)
    return redirect("sign_in")


@_form_page
@sensitive_post_parameters("password")
def set_up(request: HttpRequest, secret: str) -> HttpResponse:
    """The form behind the one-time link: it makes the first owner."""
    try:
        signing.try_key(form_pages.address_of(request))
        if not setup.opens(secret):
            raise setup.refusal()
    except Refused as no:
        return form_pages.refused(request, no)
    form = SetupForm(request.POST or None)

    def claim(request: HttpRequest, form: AccountForm) -> HttpResponse:
        owner = setup.claim(secret, **form.cleaned_data)
        return signing.proceed(request, owner, wanted=form_pages.wanted(request))

    return form_pages.answer(request, "accounts/set_up.html", form, claim, {})


@login_required
@_form_page
@sensitive_post_parameters("old_password", "new_password")
def change_password(request: HttpRequest) -> HttpResponse:
    """Another password; all other browsers of this person are signed out."""
    person = request.user
    if isinstance(person, User) and not person.has_usable_password():
        return _first_password(request)
    form = PasswordForm(request.POST or None)

    def change(request: HttpRequest, form: AccountForm) -> HttpResponse:
        old, new = form.cleaned_data["old_password"], form.cleaned_data["new_password"]
        person = signing.change_password(request, old=old, new=new)
        if form.cleaned_data["end_tokens"]:
            tokens.revoke_all(person)
        messages.info(request, _("Your password is changed."))
        return form_pages.onwards(request)

    return form_pages.answer(request, "accounts/change_password.html", form, change, {})


def _first_password(request: HttpRequest) -> HttpResponse:
    """Who came by a provider may want a password too; who enters by name has nothing to prove."""
    if getattr(request.user, "is_passwordless", True):
        no = Refused("forbidden", "Names alone are enough here: this account has no password.")
        return form_pages.refused(request, no)
    answer: HttpResponse = _give_first_password(request)
    return answer


@reauthentication_required  # type: ignore[untyped-decorator]
def _give_first_password(request: HttpRequest) -> HttpResponse:
    form = FirstPasswordForm(request.POST or None)

    def give(request: HttpRequest, form: AccountForm) -> HttpResponse:
        signing.give_password(request, form.cleaned_data["new_password"])
        return form_pages.onwards(request)

    return form_pages.answer(request, "accounts/change_password.html", form, give, {})


@require_http_methods(["GET", "HEAD"])
def admin_door(request: HttpRequest) -> HttpResponse:
    """The admin asks for somebody else than who is here: staff."""
    if not request.user.is_authenticated:
        return redirect_to_login(form_pages.wanted(request) or "/admin/")
    page = {"detail": _("Only the staff of this server can open this page.")}
    return render(request, "accounts/refused.html", page, status=HTTPStatus.FORBIDDEN)


def _sign_in(request: HttpRequest, form: AccountForm) -> HttpResponse:
    person = signing.check(**form.cleaned_data, address=form_pages.address_of(request))
    return signing.proceed(request, person, wanted=form_pages.wanted(request))


def _enter(request: HttpRequest, form: AccountForm) -> HttpResponse:
    signing.admit(form_pages.address_of(request))
    person = people.enter(form.cleaned_data["username"])
    wanted = form_pages.wanted(request)
    return signing.proceed(request, person, wanted=wanted, by_password=False)


def _is_passwordless() -> bool:
    return bool(settings.PASSWORDLESS != "off")


def _enters_by_name(request: HttpRequest) -> bool:
    """By name alone, unless a password was sent or asked for (`?password`)."""
    with_password = request.POST.get("password") or "password" in request.GET
    return _is_passwordless() and not with_password
