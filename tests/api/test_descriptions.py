"""The description of the API, for programs and for people."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

from loopchat.accounts.models import User


@pytest.fixture
def visitor(owner: User) -> Client:
    """Somebody who looks around."""
    return Client(HTTP_HOST="localhost:8000")


def test_the_schema_names_every_address(visitor: Client) -> None:
    found = visitor.get("/api/schema/").json()
    assert found["openapi"].startswith("3.1")
    assert "/api/v1/rooms/{room_id}/messages/" in found["paths"]
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (path, method)
            assert "default" in operation["responses"]


def test_the_schema_says_what_headers_do(visitor: Client, settings: Settings) -> None:
    found = visitor.get("/api/schema/").json()
    room = found["paths"]["/api/v1/rooms/{room_id}/"]
    assert "ETag" in room["get"]["responses"]["200"]["headers"]
    assert "304" in room["get"]["responses"]
    assert "412" in room["patch"]["responses"]
    assert "412" not in found["paths"]["/api/v1/rooms/{room_id}/messages/"]["post"]["responses"]
    for status in ("429", "503"):
        assert "Retry-After" in room["patch"]["responses"][status]["headers"]
    named = {one["name"] for method in room.values() for one in method["parameters"]}
    assert named >= {"If-Match", "If-None-Match"}
    cookie = found["components"]["securitySchemes"]["session"]["name"]
    assert cookie == settings.SESSION_COOKIE_NAME


def test_every_reference_leads_somewhere(visitor: Client) -> None:
    text = visitor.get("/api/schema/").content.decode()
    shapes = visitor.get("/api/schema/").json()["components"]["schemas"]
    for part in text.split('"#/components/schemas/')[1:]:
        assert part.partition('"')[0] in shapes


def test_the_page_for_people_needs_no_script(visitor: Client) -> None:
    answer = visitor.get("/api/docs/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "/api/v1/rooms/{room_id}/messages/" in page
    assert 'id="ChatMessage"' in page
    assert "`" not in page
    assert "<script" not in page
    assert " style=" not in page
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
