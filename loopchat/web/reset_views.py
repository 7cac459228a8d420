"""Pages that django-allauth makes and we place: addresses, new passwords, the password again."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Final

from allauth.account import views as allauth
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from loopchat.accounts import mail, sign_in
from loopchat.core.errors import Refused
from loopchat.web import form_pages

View = Callable[..., HttpResponseBase]

_KNOWN: Final = "set-password"
"""What stands for the key in the address of the form, when the session has the key itself."""


def _with_mail(view: View) -> View:
    """Where no mail is sent, the page says whom to ask instead."""

    @wraps(view)
    def answer(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponseBase:
        if not mail.is_on():
            return render(request, "accounts/no_mail.html")
        return view(request, *arguments, **named)

    return answer


def _email_off(request: HttpRequest) -> HttpResponse:
    """The same for somebody in the settings, who stays there; owners hear how to change it."""
    known = request.user.is_authenticated
    return render(request, "account/email_off.html" if known else "accounts/no_mail.html")


def email(request: HttpRequest) -> HttpResponseBase:
    """One's own address."""
    return allauth.email(request) if mail.is_on() else _email_off(request)


def _guarded(view: View) -> View:
    """Links are not tried often, neither by one address nor of one account."""

    @wraps(view)
    def answer(request: HttpRequest, *, key: str, uidb36: str = "", **named: Any) -> Any:
        more = {"uidb36": uidb36} if uidb36 else {}
        if key == _KNOWN:  # the browser has opened the link before
            return view(request, key=key, **more, **named)
        address, account = form_pages.address_of(request), uidb36.lstrip("0").lower()
        try:
            sign_in.try_key(address, account)
        except Refused as no:
            return form_pages.refused(request, no)
        found = view(request, key=key, **more, **named)
        if account and found.status_code == HTTPStatus.FOUND:
            sign_in.key_worked(address, account)
        return found

    return answer


sent: View = allauth.email_verification_sent
confirm_email: View = _guarded(allauth.confirm_email)
reset: View = _with_mail(allauth.password_reset)
reset_sent: View = allauth.password_reset_done
reset_from_key: View = _guarded(allauth.password_reset_from_key)
reset_done: View = allauth.password_reset_from_key_done
inactive: View = allauth.account_inactive
reauthenticate: View = allauth.reauthenticate
