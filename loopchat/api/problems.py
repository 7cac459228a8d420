"""Refusals as `application/problem+json` (RFC 9457)."""

from __future__ import annotations

import math
from http import HTTPStatus

import msgspec
from django.http import HttpResponse
from rest_framework import exceptions

from loopchat import words
from loopchat.core.errors import STATUS, Code, Refused

CONTENT_TYPE = "application/problem+json"

_CODES: dict[int, Code] = {
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    413: "too_large",
    429: "rate_limited",
}


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
    if no.retry_after_ms is not None:
        answer.headers["Retry-After"] = str(math.ceil(no.retry_after_ms / 1000))
    return answer


def of_exception(error: exceptions.APIException) -> HttpResponse:
    """A refusal of the framework: no sign-in, another method, something that is not JSON."""
    status = HTTPStatus(error.status_code)
    answer = _answer(status, _CODES.get(status, "bad_request"), str(error.detail))
    if isinstance(error, exceptions.NotAuthenticated):
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def plain(code: Code, detail: str, *, status: HTTPStatus | None = None) -> HttpResponse:
    """A refusal of our own."""
    return _answer(status or STATUS.get(code, HTTPStatus.BAD_REQUEST), code, detail)


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
    answer._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001 - no fault of ours
    return answer
