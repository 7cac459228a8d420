"""A new account: by the form, or with the word of a provider."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from loopchat.accounts import joining, mail
from loopchat.accounts import sign_in as signing
from loopchat.accounts.joining import Joined
from loopchat.core.errors import Refused
from loopchat.web import form_pages
from loopchat.web.forms import AccountForm, SignUpForm

INVITE = "invite"
"""Where the session keeps the code that somebody came with (also while a provider is asked)."""


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
def sign_up(request: HttpRequest) -> HttpResponse:
    """A new account, and at once signed in with it unless it has to wait."""
    if request.user.is_authenticated and request.method != "POST":
        return form_pages.onwards(request)
    try:
        if code := request.GET.get(INVITE, "")[:200]:
            signing.try_key(form_pages.address_of(request))
            request.session[INVITE] = code
        invitation = joining.check(code_of(request))
    except Refused as no:
        request.session.pop(INVITE, None)
        return form_pages.refused(request, no)
    domains = () if invitation else settings.SIGNUP_DOMAINS
    form = SignUpForm(request.POST or None, asks_email=mail.is_on(), domains=domains)
    page = {
        "providers": settings.OIDC,
        "needs_approval": settings.SIGNUP == "approval" and invitation is None,
    }
    return form_pages.answer(request, "accounts/sign_up.html", form, _sign_up, page)


def code_of(request: HttpRequest) -> str:
    """The invitation that somebody came with."""
    return str(request.session.get(INVITE, ""))


def waiting_page(request: HttpRequest, joined: Joined) -> HttpResponse:
    """What a new account waits for. The same whether an address was free or not."""
    return render(request, "accounts/waiting.html", {"joined": joined})


def _sign_up(request: HttpRequest, form: AccountForm) -> HttpResponse:
    signing.admit(form_pages.address_of(request))
    wanted = form.cleaned_data
    joined = joining.sign_up(
        request,
        wanted["username"],
        wanted["password"],
        email=wanted.get("email", ""),
        code=code_of(request),
    )
    request.session.pop(INVITE, None)
    if joined.waits:
        return waiting_page(request, joined)
    return signing.proceed(request, joined.person, wanted=form_pages.wanted(request))
