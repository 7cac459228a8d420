"""Sign in, sign up, sign out, and the first set-up. All of it works without JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from loopchat import words
from loopchat.accounts import people, setup
from loopchat.accounts import sign_in as signing
from loopchat.accounts.models import User
from loopchat.core.errors import Code, Refused
from loopchat.web.forms import (
    AccountForm,
    EnterForm,
    PasswordForm,
    SetupForm,
    SignInForm,
    SignUpForm,
)

_form_page = require_http_methods(["GET", "HEAD", "POST"])
_STATUS: dict[Code, HTTPStatus] = {
    "forbidden": HTTPStatus.FORBIDDEN,
    "not_found": HTTPStatus.NOT_FOUND,
    "rate_limited": HTTPStatus.TOO_MANY_REQUESTS,
    "unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
}


@_form_page
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Name and password; where it is allowed, a name alone."""
    if request.user.is_authenticated and request.method != "POST":
        return _onwards(request)
    by_name = _enters_by_name(request)
    form = (EnterForm if by_name else SignInForm)(request.POST or None)
    page = {"by_name": by_name, "passwordless": _is_passwordless(), "can_sign_up": _can_sign_up()}
    return _answer(request, "accounts/sign_in.html", form, _enter if by_name else _sign_in, page)


@_form_page
@sensitive_post_parameters("password")
def sign_up(request: HttpRequest) -> HttpResponse:
    """A new account, and at once signed in with it."""
    if request.user.is_authenticated and request.method != "POST":
        return _onwards(request)
    try:
        people.check_sign_up()
    except Refused as no:
        page = {"detail": words.told(no)}
        return render(request, "accounts/refused.html", page, status=HTTPStatus.FORBIDDEN)
    return _answer(request, "accounts/sign_up.html", SignUpForm(request.POST or None), _sign_up, {})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this browser's session."""
    signing.end(request)
    return redirect("sign_in")


@_form_page
@sensitive_post_parameters("password")
def set_up(request: HttpRequest, secret: str) -> HttpResponse:
    """The form behind the one-time link: it makes the first owner."""
    if not setup.opens(secret):
        page = {"detail": words.told(setup.refusal())}
        return render(request, "accounts/refused.html", page, status=HTTPStatus.NOT_FOUND)
    form = SetupForm(request.POST or None)

    def claim(request: HttpRequest, form: AccountForm) -> User:
        return setup.claim(secret, **form.cleaned_data)

    return _answer(request, "accounts/set_up.html", form, claim, {})


@login_required
@_form_page
@sensitive_post_parameters("old_password", "new_password")
def change_password(request: HttpRequest) -> HttpResponse:
    """Another password; all other browsers of this person are signed out."""
    form = PasswordForm(request.POST or None)

    def change(request: HttpRequest, form: AccountForm) -> User:
        old, new = form.cleaned_data["old_password"], form.cleaned_data["new_password"]
        return signing.change_password(request, old=old, new=new)

    return _answer(request, "accounts/change_password.html", form, change, {})


@require_http_methods(["GET", "HEAD"])
def admin_door(request: HttpRequest) -> HttpResponse:
    """The admin asks for somebody else than who is here: staff."""
    if not request.user.is_authenticated:
        return redirect_to_login(_wanted(request) or "/admin/")
    page = {"detail": _("Only the staff of this server can open this page.")}
    return render(request, "accounts/refused.html", page, status=HTTPStatus.FORBIDDEN)


def _answer(
    request: HttpRequest,
    template: str,
    form: AccountForm,
    operation: Callable[[HttpRequest, AccountForm], User],
    page: Mapping[str, object],
) -> HttpResponse:
    """The empty form, the form with what was wrong, or signed in and onwards."""
    status, retry_after = HTTPStatus.OK, None
    if request.method == "POST":
        status = HTTPStatus.BAD_REQUEST
        if form.is_valid():
            try:
                signing.begin(request, operation(request, form))
                return _onwards(request)
            except Refused as no:
                form.refuse(no)
                status = _STATUS.get(no.code, HTTPStatus.BAD_REQUEST)
                retry_after = no.retry_after_ms
    context = {**page, "form": form, "next": _wanted(request)}
    response = render(request, template, context, status=status)
    if retry_after:
        response.headers["Retry-After"] = str(-(-retry_after // 1000))
    return response


def _sign_in(request: HttpRequest, form: AccountForm) -> User:
    return signing.check(**form.cleaned_data, address=_address_of(request))


def _enter(request: HttpRequest, form: AccountForm) -> User:
    signing.admit(_address_of(request))
    return people.enter(form.cleaned_data["username"])


def _sign_up(request: HttpRequest, form: AccountForm) -> User:
    signing.admit(_address_of(request))
    return people.sign_up(**form.cleaned_data)


def _address_of(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR") or "")


def _is_passwordless() -> bool:
    return bool(settings.PASSWORDLESS != "off")


def _enters_by_name(request: HttpRequest) -> bool:
    """By name alone, unless a password was sent or asked for (`?password`)."""
    with_password = request.POST.get("password") or "password" in request.GET
    return _is_passwordless() and not with_password


def _can_sign_up() -> bool:
    return bool(settings.SIGNUP == "open")


def _onwards(request: HttpRequest) -> HttpResponseRedirect:
    return HttpResponseRedirect(_wanted(request) or _lobby())


def _lobby() -> str:
    try:
        return reverse("lobby")
    except NoReverseMatch:
        return "/"


def _wanted(request: HttpRequest) -> str:
    """The page that was asked for before signing in, if it is one of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if ours else ""
