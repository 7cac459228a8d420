"""What programs post to incoming webhooks. The address says who they are; answers are Slack's.

So a tool that was written for Slack works with nothing but another address. No session counts here
and no token; what is refused is one word of plain text.
"""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import Final
from uuid import UUID, uuid4, uuid5

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from loopchat.bots import incoming, payloads
from loopchat.bots.models import IncomingHook
from loopchat.bots.payloads import Said
from loopchat.chat import log
from loopchat.core import strict
from loopchat.core.characters import VISIBLE_CHARACTER
from loopchat.core.errors import STATUS, Code, Refused

BODY_MAX: Final = 256 * 1024
"""Bytes: far more than a message takes with all that stands around it."""

KEY_MAX: Final = 128
_KEYS: Final = UUID("b7d8a1f2-54c3-4a0e-8f0b-0c3c2a9f6d10")
_FIELDS: Final = ("message", "text", "attachments", "blocks")
_UNREADABLE: Final = (SuspiciousOperation, BadRequest, MultiPartParserError, UnicodeError)

_WORDS: Final[dict[Code, tuple[HTTPStatus, str]]] = {
    "archived": (HTTPStatus.GONE, "channel_is_archived"),
    "forbidden": (HTTPStatus.FORBIDDEN, "action_prohibited"),
    "not_found": (HTTPStatus.FORBIDDEN, "action_prohibited"),
    "bad_frame": (HTTPStatus.BAD_REQUEST, "invalid_payload"),
    "bad_request": (HTTPStatus.BAD_REQUEST, "invalid_payload"),
    "too_large": (HTTPStatus.BAD_REQUEST, "invalid_payload"),
    "rate_limited": (HTTPStatus.TOO_MANY_REQUESTS, "rate_limited"),
    "cid_conflict": (HTTPStatus.CONFLICT, "idempotency_conflict"),
}
"""What is said for a refusal; everything else is `service_unavailable`."""


@csrf_exempt
@require_POST
def post(request: HttpRequest, secret: str) -> HttpResponse:
    """Say in a room what a program has sent: `ok`, or why not."""
    try:
        return _posted(request, secret)
    except Refused as no:
        return _refused(no)
    except DatabaseError as error:
        return _refused(log.refusal(error))
    except RequestDataTooBig:
        return _told(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "invalid_payload")
    except _UNREADABLE:
        return _told(HTTPStatus.BAD_REQUEST, "invalid_payload")


def _posted(request: HttpRequest, secret: str) -> HttpResponse:
    hook = incoming.find(secret)
    if hook is None:
        return _told(HTTPStatus.NOT_FOUND, "no_service")
    if hook.room.deleted_ts is not None:
        return _told(HTTPStatus.NOT_FOUND, "channel_not_found")
    if int(request.META.get("CONTENT_LENGTH") or 0) > BODY_MAX:
        raise RequestDataTooBig
    said = _read(request)
    if not VISIBLE_CHARACTER.search(said.text):
        return _told(HTTPStatus.BAD_REQUEST, "no_text")
    incoming.post(hook, said, cid=_cid(request, hook))
    return _told(HTTPStatus.OK, "ok")


def _read(request: HttpRequest) -> Said:
    """JSON, a form with a `payload` or its fields, or a text that is the message."""
    if request.content_type == "multipart/form-data":
        return _of_form(request.POST) or Said("")
    text = request.body.decode()
    if len(request.body) > BODY_MAX:
        raise RequestDataTooBig
    if request.content_type == "application/json":
        return payloads.read(strict.decode(text))
    if request.content_type != "application/x-www-form-urlencoded":
        return payloads.plain(text)
    if text.lstrip().startswith("{"):  # what `curl -d` calls a form
        return payloads.read(strict.decode(text))
    return _of_form(QueryDict(text)) or payloads.plain(text)


def _of_form(fields: QueryDict) -> Said | None:
    """None when nothing in it is a field of ours."""
    if "payload" in fields:
        return payloads.read(strict.decode(str(fields["payload"])))
    return payloads.read(fields.dict()) if any(name in fields for name in _FIELDS) else None


def _cid(request: HttpRequest, hook: IncomingHook) -> UUID:
    """The same key, the same message: who is not sure sends it again."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > KEY_MAX:
        raise Refused("bad_request", "This Idempotency-Key is too long.")
    return uuid5(_KEYS, f"{hook.pk}\0{key}") if key else uuid4()


def _refused(no: Refused) -> HttpResponse:
    unavailable = (STATUS.get(no.code, HTTPStatus.SERVICE_UNAVAILABLE), "service_unavailable")
    answer = _told(*_WORDS.get(no.code, unavailable))
    if no.retry_after_ms is not None:
        answer.headers["Retry-After"] = str(math.ceil(no.retry_after_ms / 1000))
    return answer


def _told(status: HTTPStatus, word: str) -> HttpResponse:
    answer = HttpResponse(word, status=status, content_type="text/plain; charset=utf-8")
    answer._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001 - no fault of ours
    return answer
