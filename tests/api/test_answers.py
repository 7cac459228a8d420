"""How the API answers, whatever it is asked: conditions, repetitions, refusals, pages of lists."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import OperationalError
from django.test import Client, RequestFactory

from loopchat.accounts import people, rates
from loopchat.api import problems
from loopchat.api.asking import Asker
from loopchat.api.endpoint import Endpoint
from loopchat.api.operations import operation
from loopchat.chat import rooms
from loopchat.chat.models import Room
from loopchat.core.errors import Refused
from loopchat.core.limits import Buckets, Rate
from loopchat.web.body_limit import BodyLimit
from tests.api.conftest import Program


def pages(program: Program, path: str) -> Iterator[list[Any]]:
    """The pages of a list, by the addresses that they name."""
    address: str | None = path
    while address:
        page = program.get(address.removeprefix("http://localhost:8000"))
        yield page["results"]
        address = page["next"]


def names_of(found: Iterator[list[Any]]) -> list[list[str]]:
    """Who is on each of the pages."""
    return [[one["username"] for one in page] for page in found]


# --- refusals -------------------------------------------------------------------------------------


def test_another_method(ann: Program, room: Room) -> None:
    assert ann.refused("PUT", f"rooms/{room.pk}") == "405 bad_request"
    assert ann.last.headers["Allow"] == "GET, PATCH, DELETE, HEAD"


@pytest.mark.parametrize(
    ("accept", "is_served"),
    [
        ("application/json", True),
        ("text/html, */*;q=0.1", True),
        ("application/*", True),
        ("text/html", False),
        ("image/png, application/json;q=0", False),
    ],
)
def test_who_takes_no_json_gets_none(ann: Program, accept: str, is_served: bool) -> None:
    if is_served:
        ann.get("me", Accept=accept)
    else:
        assert ann.refused("GET", "me", Accept=accept) == "406 bad_request"


def test_other_kinds_of_bodies(ann: Program, room: Room) -> None:
    path = f"rooms/{room.pk}/messages"
    kind = {"Content_Type": "text/csv"}
    assert ann.refused("POST", path, {"message": "x"}, **kind) == "415 bad_request"
    client = Client(HTTP_HOST="localhost:8000")
    for body in (b"{", b"\xff", b'{"message": NaN}', b'{"a": 1, "a": 2}', b"[" * 5000):
        answer = client.post(
            f"/api/v1/{path}",
            body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {ann.token}"},
        )
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.status_code == 400


async def test_a_body_that_is_too_long_is_a_problem_too() -> None:
    told: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        told.append(message)

    scope = {"path": "/api/v1/rooms/", "headers": [(b"content-length", b"9999999")]}
    await BodyLimit(None)(scope, None, send)  # type: ignore[arg-type]
    assert told[0]["status"] == 413
    assert dict(told[0]["headers"])[b"content-type"] == b"application/problem+json"
    assert json.loads(told[1]["body"])["code"] == "too_large"


def test_haste_is_slowed_down(
    ann: Program, ben: Program, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "commands", Buckets(Rate(1 / 3600, 2)))
    for path in ("me", f"rooms/{room.pk}"):
        ann.get(path)
    assert ann.refused("GET", "me") == "429 rate_limited"
    assert 1000 < int(ann.last.headers["Retry-After"]) <= 3600
    ben.get("me")


@pytest.mark.parametrize(("code", "status"), [("rate_limited", 429), ("unavailable", 503)])
def test_who_is_to_come_again_is_told_when(code: Any, status: int) -> None:
    answer = problems.of_refusal(Refused(code, "Later."))
    assert (answer.status_code, answer.headers["Retry-After"]) == (status, "1")
    answer = problems.of_refusal(Refused(code, "Later.", retry_after_ms=2500))
    assert answer.headers["Retry-After"] == "3"


class Broken(Endpoint):
    """Has a bug, and a database that goes away while it commits."""

    @operation(needs_sign_in=False)
    def post(self, asker: Asker) -> None:
        """Break."""
        raise ZeroDivisionError

    @operation(needs_sign_in=False)
    def delete(self, asker: Asker) -> None:
        """Lose the database."""
        raise OperationalError("server closed the connection unexpectedly")


@pytest.mark.parametrize(("method", "status"), [("POST", 500), ("DELETE", 503)])
def test_nobody_knows_what_was_done_before_it_broke(method: str, status: int, db: None) -> None:
    request = RequestFactory().generic(method, "/api/v1/broken/")
    request.user = AnonymousUser()
    answer = Broken.as_view()(request)
    told = json.loads(answer.content)
    assert (answer.status_code, told["code"]) == (status, "unavailable")
    assert told["definite"] is False


# --- conditions -----------------------------------------------------------------------------------


def test_a_room_changes_only_as_it_was_seen(ann: Program, room: Room) -> None:
    path = f"rooms/{room.pk}"
    ann.get(path)
    seen = ann.last.headers["ETag"]
    ann.do("PATCH", path, {"topic": "Mine"}, If_Match=seen)
    assert ann.refused("PATCH", path, {"topic": "Yours"}, If_Match=seen) == "412 conflict"
    assert ann.get(path)["topic"] == "Mine"
    ann.do("PATCH", path, {"name": "Table", "topic": "Both"}, If_Match="*")
    assert ann.refused("DELETE", path, If_Match=seen) == "412 conflict"
    never = f"rooms/{room.pk}/read"
    assert ann.refused("POST", never, {"seq": 1}, If_Match=seen) == "400 bad_request"


def test_what_is_said_changes_what_is_read_but_nothing_that_one_can_change(
    ann: Program, ben: Program, room: Room
) -> None:
    for path, change in (
        (f"rooms/{room.pk}", {"topic": "Mine"}),
        (f"/api/sessions/{room.pk}", {"name": "Ours"}),
    ):
        ann.get(path)
        seen = ann.last.headers["ETag"]
        ann.ask("GET", path, If_None_Match=seen)
        assert (ann.last.status_code, ann.last.headers["ETag"]) == (304, seen)
        sent = ben.do("POST", f"rooms/{room.pk}/messages", {"message": "Meanwhile"})
        ann.get(path, If_None_Match=seen)
        assert ann.refused("DELETE", path, If_Match=seen) == "412 conflict"  # with what was said
        ann.do("PATCH", path, change, If_Match=f"W/{seen}")
        assert ann.refused("PATCH", path, change, If_Match=seen) == "412 conflict"
    path = f"messages/{sent['id']}"
    ben.get(path)
    seen = ben.last.headers["ETag"]
    ann.do("POST", f"{path}/reactions", {"emoji": "👍"})
    ben.do("PATCH", path, {"message": "Again"}, If_Match=seen)


def test_what_changes_between_the_look_and_the_lock_is_not_lost(ann: Program, room: Room) -> None:
    seen = ("Board", "", False)
    rooms.set_topic(room.pk, ann.user, "Quicker")
    with pytest.raises(Refused) as refused:
        rooms.change(room.pk, ann.user, name="Slower", topic=None, archived=None, seen=seen)
    assert refused.value.code == "conflict"


def test_a_message_changes_only_as_it_was_seen(ann: Program, room: Room) -> None:
    sent = ann.do("POST", f"rooms/{room.pk}/messages", {"message": "One"})
    path = f"messages/{sent['id']}"
    ann.get(path)
    seen = ann.last.headers["ETag"]
    ann.do("PATCH", path, {"message": "Two"}, If_Match=seen)
    assert ann.refused("PATCH", path, {"message": "Three"}, If_Match=seen) == "412 conflict"


def test_a_room_is_made_once(ann: Program, ben: Program) -> None:
    body = {"name": "Once", "people": ["ben"]}
    made = ann.do("POST", "rooms", body, Idempotency_Key="weekly")
    again = ann.do("POST", "rooms", body, Idempotency_Key="weekly")
    assert (again["room"], ann.last.status_code) == (made["room"], 200)
    assert ben.do("POST", "rooms", body, Idempotency_Key="weekly")["room"] != made["room"]
    first = ann.do("POST", "/api/sessions/", {"name": "S"}, Idempotency_Key="daily")
    assert ann.do("POST", "/api/sessions/", {"name": "S"}, Idempotency_Key="daily") == first
    assert ann.do("POST", "rooms", body)["room"] != made["room"]
    ann.do("PATCH", f"rooms/{made['room']}", {"name": "Later"})
    assert ann.do("POST", "rooms", body, Idempotency_Key="weekly")["name"] == "Later"
    for other in ({"name": "Once"}, {**body, "name": "Twice"}, {**body, "kind": "group"}):
        found = ann.refused("POST", "rooms", other, Idempotency_Key="weekly")
        assert found == "409 cid_conflict", other
    names = {"name": "T", "participants": ["ben"]}
    assert ann.refused("POST", "/api/sessions/", names, Idempotency_Key="daily")[:3] == "409"


# --- lists ----------------------------------------------------------------------------------------


def test_people_come_a_page_at_a_time(ann: Program, ben: Program, cyd: Program) -> None:
    for other in (ben, cyd):
        ann.do("POST", "friend-requests", {"username": other.user.username})
    assert [
        [one["username"] for one in page] for page in pages(ann, "friend-requests?limit=1")
    ] == [
        ["ben"],
        ["cyd"],
    ]
    for other in (ben, cyd):
        other.do("POST", "friend-requests/ann", {"accept": True})
    assert names_of(pages(ann, "friends?limit=1")) == [["ben"], ["cyd"]]
    assert ann.get("friends?after=BEN")["results"][0]["username"] == "cyd"


def test_members_come_by_rank_a_page_at_a_time(ann: Program, ben: Program, room: Room) -> None:
    for name in ("zoe", "adam", "Mia"):
        rooms.invite(room.pk, ann.user, [people.create(name, None)])
    ann.do("PATCH", f"rooms/{room.pk}/members/zoe", {"role": "moderator"})
    found = names_of(pages(ben, f"rooms/{room.pk}/members?limit=2"))
    assert found == [["ann", "zoe"], ["adam", "ben"], ["Mia"]]
    for name in ("zoe", "adam", "Mia"):
        ann.do("POST", f"rooms/{room.pk}/bans", {"username": name})
    banned = [
        one["username"] for page in pages(ann, f"rooms/{room.pk}/bans?limit=2") for one in page
    ]
    assert banned == ["adam", "Mia", "zoe"]


def test_rooms_to_join_come_a_page_at_a_time(ann: Program, cyd: Program) -> None:
    for n in range(5):
        rooms.create(ann.user, kind="public", name=f"Open {n}")
    found = list(pages(cyd, "rooms/public?q=open&limit=2"))
    assert [len(page) for page in found] == [2, 2, 1]
    assert len({one["room"] for page in found for one in page}) == 5
