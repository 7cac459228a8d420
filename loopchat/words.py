"""Words in the language of whoever asked: refusals, and which language a socket speaks."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language_from_request, gettext, override

from loopchat.core.errors import Refused


def told(no: Refused, language: str | None = None) -> str:
    """Why something was refused: in this language, or in that of the page that is being made."""
    if language is None:
        return _filled(no)
    with override(language):
        return _filled(no)


def fields(no: Refused, language: str | None = None) -> dict[str, object]:
    """The same with all that programs are told of it, on sockets and on pages."""
    named: dict[str, object] = {
        "code": no.code,
        "definite": no.definite,
        "message": told(no, language),
    }
    if no.field is not None:
        named["field"] = no.field
    if no.retry_after_ms is not None:
        named["retry_after_ms"] = no.retry_after_ms
    return named


def spoken(cookies: dict[str, str], accepted: str) -> str:
    """The language chosen by cookie, else the best of an `Accept-Language`, else English."""
    return _spoken(cookies.get(settings.LANGUAGE_COOKIE_NAME, ""), accepted)


@lru_cache(maxsize=1000)
def _spoken(chosen: str, accepted: str) -> str:
    asked = HttpRequest()
    asked.COOKIES = {settings.LANGUAGE_COOKIE_NAME: chosen}
    asked.META["HTTP_ACCEPT_LANGUAGE"] = accepted
    return get_language_from_request(asked)


def _filled(no: Refused) -> str:
    words = gettext(no.template)
    return words.format(**no.values) if no.values else words
