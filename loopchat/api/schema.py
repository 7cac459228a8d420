"""The OpenAPI description, from what the operations say of themselves."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import msgspec
from django.conf import settings
from drf_spectacular import generators
from drf_spectacular.openapi import AutoSchema
from uritemplate import variables

from loopchat.api import operations, problems
from loopchat.api.endpoint import Endpoint
from loopchat.api.operations import SAFE, Operation
from loopchat.core.fields import MAX_INT

_REF: Final = "#/components/schemas/{name}"
Generator: Any = generators.SchemaGenerator
_shapes: dict[str, Any] = {}
"""Every shape that an operation names, by how it is written."""

_ID: Final = {"type": "integer", "minimum": 1, "maximum": MAX_INT}
_NAME: Final = {"type": "string", "maxLength": 128}
_HEADER: Final = {"type": "string", "maxLength": 128}
_ETAG: Final = {"ETag": {"description": "Names what was read", "schema": _HEADER}}
_LATER: Final = {
    "Retry-After": {"description": "In how many seconds", "schema": {"type": "integer"}}
}


class ApiSchema(AutoSchema):
    """Describes one method of an address."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any
    ) -> dict[str, Any] | None:
        """The operation, or None for what is not declared."""
        found = operations.of(self.view, method)
        if found is None:
            return None
        described: dict[str, Any] = {
            "operationId": f"{method.lower()}_{_words_of(path)}",
            "summary": found.summary.partition("\n")[0],
            "tags": [path.removeprefix("/api/v1/").removeprefix("/api/").split("/")[0]],
            "responses": _responses(found, method, depends=self._depends(method)),
            "security": _security(found),
        }
        if (more := found.summary.partition("\n")[2].strip()) != "":
            described["description"] = more
        headers = {**found.headers, **self._conditions(method)}
        if parameters := [*_from_path(path), *_from_query(found), *_from_headers(headers)]:
            described["parameters"] = parameters
        if found.takes is not None:
            described["requestBody"] = {"required": True, "content": _body(found)}
        return described

    def _depends(self, method: str) -> bool:
        """Whether `If-Match` may say what was seen before this change."""
        looked = operations.of(self.view, "GET")
        return method not in SAFE and looked is not None and looked.query is None

    def _conditions(self, method: str) -> dict[str, str]:
        if method in SAFE:
            return {"If-None-Match": "The `ETag` of an answer: 304 if it is the same still."}
        if self._depends(method):
            return {"If-Match": "The `ETag` of what was read: 412 if that has changed meanwhile."}
        return {}


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The whole description."""
    Endpoint.schema = ApiSchema()  # not before: loading all that takes longer than all the rest
    made: dict[str, Any] = Generator(urlconf="loopchat.api.urls").get_schema(public=True)
    _, shapes = msgspec.json.schema_components(list(_shapes.values()), ref_template=_REF)
    made["components"] = {"schemas": shapes, "securitySchemes": _ways_in()}
    return made


def _ways_in() -> dict[str, Any]:
    """A token, or the cookie of a session, which has a setting for its name."""
    return {
        "token": {"type": "http", "scheme": "bearer", "description": "A token: `lct_…`"},
        "session": {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
    }


def _schema(shape: Any) -> dict[str, Any]:
    _shapes[repr(shape)] = shape
    (schema,), _ = msgspec.json.schema_components([shape], ref_template=_REF)
    return schema


def _security(found: Operation) -> list[dict[str, list[str]]]:
    if not found.needs_sign_in:
        return [{}]
    return [{"session": []}] if found.needs_session else [{"token": []}, {"session": []}]


def _body(found: Operation) -> dict[str, Any]:
    if found.media:
        return {kind: {"schema": {"type": "string", "format": "binary"}} for kind in found.media}
    kinds = ["application/json"]
    if found.forms:
        kinds.append("application/x-www-form-urlencoded")
    return {kind: {"schema": _schema(found.takes)} for kind in kinds}


def _responses(found: Operation, method: str, *, depends: bool) -> dict[str, Any]:
    given = {found.status if found.gives is not None else 204: found.gives, **found.also}
    problem = {"application/problem+json": {"schema": _schema(problems.Problem)}}
    responses: dict[str, Any] = {
        "default": {"description": "Refused, and why", "content": problem},
        "429": {"description": "Too fast", "content": problem, "headers": _LATER},
        "503": {"description": "Not at the moment", "content": problem, "headers": _LATER},
    }
    for status, shape in given.items():
        said: dict[str, Any] = {"description": "Done" if shape is None else "The answer"}
        if shape is not None:
            said["content"] = {"application/json": {"schema": _schema(shape)}}
        responses[str(status)] = said
    if method in SAFE:
        responses["200"]["headers"] = _ETAG
        responses["304"] = {"description": "As it was", "headers": _ETAG}
    if depends:
        responses["412"] = {"description": "Changed meanwhile", "content": problem}
    return dict(sorted(responses.items()))


def _from_path(path: str) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": _ID if name.endswith("_id") else _NAME,
        }
        for name in variables(path)
    ]


def _from_query(found: Operation) -> list[dict[str, Any]]:
    if found.query is None:
        return []
    (_,), shapes = msgspec.json.schema_components([found.query], ref_template=_REF)
    shape = shapes[found.query.__name__]
    required = shape.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": schema}
        for name, schema in shape["properties"].items()
    ]


def _from_headers(headers: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "header",
            "required": False,
            "description": text,
            "schema": _HEADER,
        }
        for name, text in headers.items()
    ]


def _words_of(path: str) -> str:
    return path.strip("/").replace("/", "_").replace("{", "").replace("}", "").replace("-", "_")
