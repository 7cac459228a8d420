"""Pages that django-allauth makes and we place: addresses, new passwords, the password again."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import views as allauth
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from loopchat.accounts import mail

View = Callable[..., HttpResponseBase]


def _with_mail(view: View) -> View:
    """Where no mail is sent, the page says whom to ask instead."""

    @wraps(view)
    def answer(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponseBase:
        if not mail.is_on():
            return render(request, "accounts/no_mail.html")
        return view(request, *arguments, **named)

    return answer


email: View = _with_mail(allauth.email)
sent: View = allauth.email_verification_sent
confirm_email: View = allauth.confirm_email
reset: View = _with_mail(allauth.password_reset)
reset_sent: View = allauth.password_reset_done
reset_from_key: View = allauth.password_reset_from_key
reset_done: View = allauth.password_reset_from_key_done
inactive: View = allauth.account_inactive
reauthenticate: View = allauth.reauthenticate
