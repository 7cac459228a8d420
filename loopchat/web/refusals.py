"""Answers to requests that are refused before they reach a view."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from loopchat.core import trace

_TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    503: "Service Unavailable",
}


PROGRAMS: Final = ("/api/", "/chat/api/")
"""How the addresses begin that are not for people."""


def problem(status: int, code: str, detail: str) -> JsonResponse:
    """The answer for programs: `application/problem+json`."""
    body = {
        "type": "about:blank",
        "title": _TITLES[status],
        "status": status,
        "code": code,
        "detail": detail,
    }
    answer = JsonResponse(body, status=status, content_type="application/problem+json")
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = "1"
    answer._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001 - no fault of ours
    return answer


def wants_page(request: HttpRequest) -> bool:
    """Whether a page will do: for a browser, and for whoever takes anything."""
    accepts = request.headers.get("Accept", "")
    return not request.path.startswith(PROGRAMS) and ("text/html" in accepts or accepts == "*/*")


def server_error(request: HttpRequest) -> HttpResponse:
    """A bug of ours, with the number under which the log has it. Nothing else may go wrong here."""
    now = trace.current()
    page = loader.get_template("500.html")
    return HttpResponse(page.render({"request_id": now.request if now else ""}), status=500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that did not come from our own page, or from one that was open for too long."""
    detail = _("This form was not accepted. Go back, load the page again and repeat it.")
    if not wants_page(request):
        return problem(403, "forbidden", detail)
    again = _(
        "The page was open for too long, or this browser keeps no cookies. "
        "Load it again and repeat what you did."
    )
    shown = {"title": _("Once more, please"), "detail": again, "back": _page_of(request)}
    return render(request, "accounts/refused.html", shown, status=403)


def _page_of(request: HttpRequest) -> str:
    """The page of ours that a form was sent from; nothing when it is not ours."""
    came_from = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(came_from, {request.get_host()}):
        return ""
    return urlsplit(came_from).path
