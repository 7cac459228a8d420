"""Answers to requests that are refused before they reach a view."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

_TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    503: "Service Unavailable",
}


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
    answer._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001 - no fault of ours
    return answer


def wants_page(request: HttpRequest) -> bool:
    """Whether a page will do: for a browser, and for whoever takes anything."""
    accepts = request.headers.get("Accept", "")
    return not request.path.startswith("/api/") and ("text/html" in accepts or accepts == "*/*")


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that did not come from our own page, or from one that was open for too long."""
    detail = _("This form was not accepted. Go back, load the page again and repeat it.")
    if not wants_page(request):
        return problem(403, "forbidden", detail)
    return render(request, "accounts/refused.html", {"detail": detail}, status=403)
