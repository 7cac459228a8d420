"""Pages that are one form: empty, with what was wrong in it, or done and onwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from loopchat import words
from loopchat.core.errors import Code, Refused
from loopchat.web.forms import AccountForm

STATUS: dict[Code, HTTPStatus] = {
    "forbidden": HTTPStatus.FORBIDDEN,
    "not_found": HTTPStatus.NOT_FOUND,
    "rate_limited": HTTPStatus.TOO_MANY_REQUESTS,
    "unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
}


def answer(
    request: HttpRequest,
    template: str,
    form: AccountForm,
    operation: Callable[[HttpRequest, AccountForm], HttpResponse],
    page: Mapping[str, object],
) -> HttpResponse:
    """The empty form, the form with what was wrong, or what `operation` answers."""
    status, retry_after = HTTPStatus.OK, None
    if request.method == "POST":
        status = HTTPStatus.BAD_REQUEST
        if form.is_valid():
            try:
                return operation(request, form)
            except Refused as no:
                form.refuse(no)
                status = STATUS.get(no.code, HTTPStatus.BAD_REQUEST)
                retry_after = no.retry_after
        form.point()
    context = {**page, "form": form, "next": wanted(request)}
    response = render(request, template, context, status=status)
    if retry_after:
        response.headers["Retry-After"] = retry_after
    return response


def refused(request: HttpRequest, no: Refused, status: HTTPStatus | None = None) -> HttpResponse:
    """A page that says why not."""
    status = status or STATUS.get(no.code, HTTPStatus.BAD_REQUEST)
    response = render(request, "accounts/refused.html", {"detail": words.told(no)}, status=status)
    if no.retry_after:
        response.headers["Retry-After"] = no.retry_after
    return response


def onwards(request: HttpRequest) -> HttpResponseRedirect:
    """To the page that was asked for, else to the lobby."""
    return HttpResponseRedirect(wanted(request) or _lobby())


def wanted(request: HttpRequest) -> str:
    """The page that was asked for before signing in, if it is one of ours."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    ours = asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if ours else ""


def address_of(request: HttpRequest) -> str:
    """Where a request comes from; the middleware has asked the proxies."""
    return str(request.META.get("REMOTE_ADDR") or "")


def _lobby() -> str:
    try:
        return reverse("lobby")
    except NoReverseMatch:
        return "/"
