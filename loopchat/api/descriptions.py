"""The description of the API, for programs and for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


def document() -> dict[str, Any]:
    """Made when somebody asks for it: what makes it takes a while to load."""
    from loopchat.api import schema

    return schema.document()


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """OpenAPI 3.1."""
    return HttpResponse(msgspec.json.encode(document()), content_type="application/json")


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The same to read."""
    shapes = document()["components"]["schemas"]
    shown = [
        {"name": name, "fields": list(_fields(shape)), "doc": shape.get("description", "")}
        for name, shape in sorted(shapes.items())
    ]
    return render(request, "api/docs.html", {"groups": _groups(), "shapes": shown})


def _groups() -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document()["paths"].items():
        for method, found in methods.items():
            groups.setdefault(found["tags"][0], []).append(_row(path, method, found))
    return groups


def _row(path: str, method: str, found: dict[str, Any]) -> dict[str, Any]:
    body = found.get("requestBody", {}).get("content", {}).get("application/json", {})
    answers = [
        (status, _type(answer.get("content", {}).get("application/json", {}).get("schema")))
        for status, answer in found["responses"].items()
        if status.startswith("2")
    ]
    parameters = [
        {**one, "type": _type(one["schema"])}
        for one in found.get("parameters", [])
        if one["in"] != "path" and not one["name"].startswith("If-")  # those are nearly everywhere
    ]
    return {
        "path": path,
        "method": method.upper(),
        "summary": found["summary"],
        "description": found.get("description", ""),
        "parameters": parameters,
        "body": _type(body.get("schema")),
        "answers": answers,
    }


def _fields(shape: dict[str, Any]) -> Iterator[dict[str, Any]]:
    required = shape.get("required", [])
    for name, schema in shape.get("properties", {}).items():
        yield {"name": name, "type": _type(schema), "optional": name not in required}


def _type(schema: dict[str, Any] | None) -> str:
    """A schema in a few words."""
    if schema is None:
        return ""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(repr(one) for one in schema["enum"])
    if schema.get("type") == "array":
        return f"[{_type(schema.get('items'))}]"
    return str(schema.get("type", "any"))
