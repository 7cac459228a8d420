"""Forms that keep what was typed: refused, their page is shown again with it and says why."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpResponse

from loopchat import words
from loopchat.core.errors import STATUS, Refused
from loopchat.web.answers import PersonRequest, wants_json

View = Callable[..., HttpResponse]


def refilled(make: View, fields: Collection[str]) -> Callable[[View], View]:
    """Answer a refusal with `make(request, …, refused=no)`, the page that has the form.

    It shows what is wrong with one of `fields` beside that field; the rest stands above the page.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def answer(request: PersonRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return view(request, *args, **kwargs)
            except Refused as no:
                is_told_there = no.field in fields
                if wants_json(request) or (no.code == "not_found" and not is_told_there):
                    raise
                if not is_told_there:
                    messages.error(request, words.told(no))
                response = make(request, *args, refused=no, **kwargs)
                return _refusing(response, no)

        answer.is_page_again = True  # type: ignore[attr-defined]
        return answer

    return wrap


def errors(no: Refused | None) -> dict[str, str]:
    """What stands at which field."""
    return {no.field: words.told(no)} if no is not None and no.field else {}


def _refusing(response: HttpResponse, no: Refused) -> HttpResponse:
    response.status_code = STATUS.get(no.code, HTTPStatus.BAD_REQUEST)
    if no.retry_after:
        response.headers["Retry-After"] = no.retry_after
    return response
