"""Refusals as `application/problem+json` (RFC 9457)."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

import msgspec
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions

from loopchat import words
from loopchat.core.errors import STATUS, Code, Refused

CONTENT_TYPE = "application/problem+json"

_LATER = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
"""Who is told one of these is told when to ask again, in a second if nothing else is known."""

_CODES: dict[int, Code] = {
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    412: "conflict",
    413: "too_large",
    429: "rate_limited",
}


class Changed(exceptions.APIException):
    """What `If-Match` names is not there any more."""

    status_code = HTTPStatus.PRECONDITION_FAILED
    default_detail = _("This has changed meanwhile.")


class Problem(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Why something was refused. `definite` is false when it may have taken effect all the same."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: dict[str, list[str]] = {}
    definite: bool = True


def of_refusal(no: Refused) -> HttpResponse:
    """A refusal of the domain."""
    status = STATUS.get(no.code, HTTPStatus.BAD_REQUEST)
    told = words.told(no)
    errors = {no.field: [told]} if no.field else {}
    answer = _answer(status, no.code, told, errors=errors, definite=no.definite)
    if no.retry_after is not None:
        answer.headers["Retry-After"] = no.retry_after
    return answer


def of_exception(error: exceptions.APIException, *, allowed: Sequence[str] = ()) -> HttpResponse:
    """A refusal of the framework: no sign-in, another method, something that is not JSON."""
    status = HTTPStatus(error.status_code)
    answer = _answer(status, _CODES.get(status, "bad_request"), str(error.detail))
    if isinstance(error, exceptions.NotAuthenticated):
        answer.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, exceptions.MethodNotAllowed):
        answer.headers["Allow"] = ", ".join(allowed)
    return answer


def plain(code: Code, detail: str) -> HttpResponse:
    """A refusal of our own."""
    return _answer(STATUS.get(code, HTTPStatus.BAD_REQUEST), code, detail)


def of_a_bug(detail: str) -> HttpResponse:
    """Something unforeseen: nobody knows what was done by then."""
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    return _answer(status, "unavailable", detail, definite=False)


def _answer(
    status: HTTPStatus,
    code: str,
    detail: str,
    *,
    errors: dict[str, list[str]] | None = None,
    definite: bool = True,
) -> HttpResponse:
    problem = Problem(
        type="about:blank",
        title=status.phrase,
        status=status.value,
        code=code,
        detail=detail,
        errors=errors or {},
        definite=definite,
    )
    answer = HttpResponse(msgspec.json.encode(problem), status=status, content_type=CONTENT_TYPE)
    if status in _LATER:
        answer.headers["Retry-After"] = "1"
    answer._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001 - no fault of ours
    return answer
