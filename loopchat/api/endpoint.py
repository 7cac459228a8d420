"""An address of the API: reads what was asked, lets the domain do it, answers in one way."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import msgspec
from django.db import DatabaseError
from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from rest_framework import exceptions
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser, FormParser, MultiPartParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from loopchat.api import conditions, gate, operations, problems
from loopchat.api.asking import Asker, TokenOrSession, asker_of
from loopchat.api.operations import SAFE, Given, Operation
from loopchat.chat import log
from loopchat.core import fields, strict
from loopchat.core.errors import Refused

logger = logging.getLogger(__name__)

JSON = "application/json"


class StrictJSON(BaseParser):
    """A body as a socket reads its frames."""

    media_type = JSON

    def parse(self, stream: Any, *_context: object, **_more: object) -> dict[str, object]:
        """The object, or `Refused`."""
        return strict.decode(stream.read())


class Bytes(BaseParser):
    """A body that is a file of one of these kinds."""

    media_type = "application/octet-stream"
    media_types: tuple[str, ...] = ()

    def parse(self, stream: Any, *_context: object, **_more: object) -> Any:
        """The file; how long it may be is said before anybody reads it."""
        return bytes(stream.read())


class Wire(BaseRenderer):
    """The shapes of the protocol as JSON."""

    media_type = JSON
    format = "json"

    def render(self, data: Any, *_context: object, **_more: object) -> bytes:
        """Bytes for the answer."""
        return b"" if data is None else msgspec.json.encode(data)


class OneShape(BaseContentNegotiation):
    """All answers are JSON: who accepts none is refused in `Endpoint`."""

    def select_parser(self, request: Request, parsers: Iterable[Any]) -> Any:
        """The one for what was sent; nothing said is JSON."""
        kind = (request.content_type or JSON).partition(";")[0].strip().lower()
        return next((one for one in parsers if kind in _kinds_of(one)), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[Any], format_suffix: str | None = None
    ) -> tuple[Any, str]:
        """The only one."""
        return next(iter(renderers)), JSON


class Endpoint(APIView):
    """What the addresses share. A method is declared with `operation`."""

    authentication_classes: Sequence[Any] = (TokenOrSession,)
    permission_classes: Sequence[Any] = ()
    throttle_classes: Sequence[Any] = ()
    renderer_classes: Sequence[Any] = (Wire,)
    parser_classes: Sequence[Any] = (
        StrictJSON,
        FormParser,
        MultiPartParser,
    )
    content_negotiation_class = OneShape
    metadata_class = None
    changeable: Sequence[str] = ()
    """The fields of what is read that a change depends on with `If-Match`; none named: all."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """One request, as `APIView` does it; every refusal becomes a problem."""
        self.args, self.kwargs = args, kwargs
        self.request = request = self.initialize_request(request, *args, **kwargs)
        self.headers = {}
        try:
            return self._answered(request, **kwargs)
        except Refused as no:
            return problems.of_refusal(no)
        except exceptions.APIException as error:
            return problems.of_exception(error, allowed=self._methods())
        except Http404:
            return problems.plain("not_found", "There is no such thing.")
        except DatabaseError as error:
            return problems.of_refusal(_unsure(log.refusal(error)))
        except Exception:  # a bug of ours: said in the log, and answered like everything else
            logger.exception("a request to the API could not be carried out")
            return problems.of_a_bug("The server could not do this.")

    def _answered(self, request: Request, **path: Any) -> HttpResponseBase:
        method = request.method or ""
        operation = operations.of(self, method)
        if operation is None or method.lower() not in self.http_method_names:
            raise exceptions.MethodNotAllowed(method)
        if not conditions.takes_json(request.headers.get("Accept", "")):
            raise exceptions.NotAcceptable
        asker = asker_of(request)
        if operation.needs_sign_in and not asker.user.is_authenticated:
            raise exceptions.NotAuthenticated
        gate.admit(asker, operation, method, path)
        arguments = self._arguments(request, operation)
        if method not in SAFE and "If-Match" in request.headers:
            asker = self._unchanged(asker, path)
        handler = getattr(self, "get" if method == "HEAD" else method.lower())
        return self._given(request, operation, handler(asker, *arguments, **path))

    def _arguments(self, request: Request, operation: Operation) -> list[Any]:
        found: list[Any] = []
        if operation.takes is not None:
            found.append(_body(request, operation))
        if operation.query is not None:
            given = {name: request.query_params[name] for name in request.query_params}
            _refuse_nul(given)
            found.append(fields.shaped(given, operation.query, what="The query", strict=False))
        return found

    def _methods(self) -> list[str]:
        return [name.upper() for name in self.http_method_names if operations.of(self, name)]

    def _unchanged(self, asker: Asker, path: dict[str, Any]) -> Asker:
        """Who asks, with what they have seen; refused when it is not that any more."""
        looked = operations.of(self, "GET")
        if looked is None or looked.query is not None:
            raise Refused("bad_request", "There is nothing here to compare with If-Match.")
        seen = self.get(asker, **path)  # type: ignore[attr-defined]
        tag = self._tag_of(seen, msgspec.json.encode(seen))
        # A text may be changed while reactions come; what goes has to be seen as it is.
        is_seen = conditions.names if asker.request.method == "DELETE" else conditions.permits
        if not is_seen(asker.request.headers["If-Match"], tag):
            raise problems.Changed
        return replace(asker, seen=seen)

    def _given(self, request: Request, operation: Operation, value: Any) -> HttpResponseBase:
        if isinstance(value, HttpResponseBase):
            return value
        given = value if isinstance(value, Given) else Given(value)
        status = given.status or operation.status
        if given.value is None:
            answer = HttpResponse(status=status if given.status else HTTPStatus.NO_CONTENT)
        else:
            answer = HttpResponse(
                msgspec.json.encode(given.value), status=status, content_type=JSON
            )
        if request.method in SAFE and status == HTTPStatus.OK:
            answer = _tagged(request, answer, self._tag_of(given.value, answer.content))
        for name, text in given.headers.items():
            answer.headers[name] = text
        return answer

    def _tag_of(self, value: object, content: bytes) -> str:
        changeable = [getattr(value, name) for name in self.changeable]
        return conditions.tag_of(content, msgspec.json.encode(changeable) if changeable else None)


def _body(request: Request, operation: Operation) -> Any:
    data: Any = request.data
    if operation.media:
        return data
    is_form = isinstance(data, QueryDict)
    if is_form and not operation.forms:
        raise exceptions.UnsupportedMediaType(request.content_type or "")
    sent: dict[str, Any] = data.dict() if is_form else data
    if is_form:
        _refuse_nul(sent)
    return fields.shaped(sent, operation.takes, what="The body", strict=not is_form)


def _refuse_nul(sent: dict[str, Any]) -> None:
    for name, text in sent.items():
        if isinstance(text, str) and "\0" in text:
            raise Refused("bad_request", "A text cannot contain NUL.", field=name)


def _unsure(no: Refused) -> Refused:
    """A database that fails in the moment of a commit may have done it."""
    no.definite = no.code != "unavailable"
    return no


def _tagged(request: Request, answer: HttpResponse, tag: str) -> HttpResponse:
    """An `ETag`, and nothing but it for whoever has the same already."""
    if conditions.names(request.headers.get("If-None-Match", ""), tag):
        answer = HttpResponse(status=HTTPStatus.NOT_MODIFIED)
    answer.headers["ETag"] = tag
    return answer


def _kinds_of(parser: BaseParser) -> tuple[str, ...]:
    return getattr(parser, "media_types", ()) or (parser.media_type,)
