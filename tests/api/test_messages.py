"""Messages and what can be done with them."""

from __future__ import annotations

import uuid

import msgspec
import pytest

from loopchat.accounts import rates
from loopchat.chat import history
from loopchat.chat.models import Message, Room
from loopchat.core.limits import Buckets, Rate
from tests.api.conftest import Program


def test_a_message_is_sent_in_the_shape_of_the_socket(ann: Program, room: Room) -> None:
    cid = str(uuid.uuid4())
    sent = ann.do("POST", f"rooms/{room.pk}/messages", {"message": "Hello @ben", "cid": cid})
    assert ann.last.status_code == 201
    assert ann.last.headers["Location"] == f"/api/v1/messages/{sent['id']}"
    (drawn,) = history.drawn(Message.objects.filter(pk=sent["id"]))
    assert sent == msgspec.json.decode(msgspec.json.encode(drawn))
    assert sent["type"] == "chat_message"
    assert (sent["cid"], sent["rich"][0]["c"][1]["t"]) == (cid, "at")


def test_sent_twice_it_is_stored_once(ann: Program, room: Room) -> None:
    body = {"message": "Once", "cid": str(uuid.uuid4())}
    first = ann.do("POST", f"rooms/{room.pk}/messages", body)
    again = ann.do("POST", f"rooms/{room.pk}/messages", body)
    assert (again, ann.last.status_code) == (first, 200)
    body["message"] = "Twice"
    assert ann.refused("POST", f"rooms/{room.pk}/messages", body) == "409 cid_conflict"
    assert Message.objects.count() == 1


def test_an_idempotency_key_does_the_same(ann: Program, ben: Program, room: Room) -> None:
    path, body = f"rooms/{room.pk}/messages", {"message": "Once"}
    first = ann.do("POST", path, body, Idempotency_Key="build 17")
    assert ann.do("POST", path, body, Idempotency_Key="build 17")["id"] == first["id"]
    assert ben.do("POST", path, body, Idempotency_Key="build 17")["id"] != first["id"]
    assert ann.do("POST", path, body, Idempotency_Key="build 18")["id"] != first["id"]
    assert ann.do("POST", path, body)["id"] != ann.do("POST", path, body)["id"]
    assert ann.refused("POST", path, body, Idempotency_Key="x" * 200) == "400 bad_request"


def test_messages_come_the_newest_first_a_page_at_a_time(ann: Program, room: Room) -> None:
    for n in range(7):
        ann.do("POST", f"rooms/{room.pk}/messages", {"message": str(n)})
    seen, address = [], f"rooms/{room.pk}/messages?limit=3"
    while address:
        page = ann.get(address.removeprefix("http://localhost:8000"))
        seen += [one["message"] for one in page["results"]]
        address = page["next"]
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]
    after = Message.objects.get(body="2").seq
    page = ann.get(f"rooms/{room.pk}/messages?after={after}&limit=2")
    assert [one["message"] for one in page["results"]] == ["3", "4"]
    both = f"rooms/{room.pk}/messages?after=1&before=2"
    assert ann.refused("GET", both) == "400 bad_request"
    assert ann.refused("GET", f"rooms/{room.pk}/messages?limit=101") == "400 bad_request"


def test_history_and_around(ann: Program, room: Room) -> None:
    for n in range(5):
        ann.do("POST", f"rooms/{room.pk}/messages", {"message": str(n)})
    page = ann.get(f"rooms/{room.pk}/history?limit=2")
    assert [one["message"] for one in page["items"]] == ["3", "4"]
    assert (page["to"], page["complete"]) == (page["head"], False)
    logged = ann.get(f"rooms/{room.pk}/history?log=true&after=0&limit=2")
    assert [one["seq"] for one in logged["items"]] == [1, 2]
    at = Message.objects.get(body="2").seq
    found = ann.get(f"rooms/{room.pk}/around?seq={at}&limit=4")
    assert found["at"] == at
    assert "2" in [one.get("message") for one in found["items"]]
    assert ann.refused("GET", f"rooms/{room.pk}/around") == "400 bad_request"


def test_a_message_by_its_id(ann: Program, ben: Program, cyd: Program, room: Room) -> None:
    sent = ann.do("POST", f"rooms/{room.pk}/messages", {"message": "One"})
    path = f"messages/{sent['id']}"
    assert ben.get(path) == sent
    assert cyd.ask("GET", path) == cyd.ask("GET", "messages/999999")
    assert cyd.refused("GET", path) == "404 not_found"
    assert cyd.refused("PATCH", path, {"message": "x"}) == "404 not_found"
    assert cyd.refused("DELETE", path) == "404 not_found"


def test_edit_and_delete(ann: Program, ben: Program, room: Room) -> None:
    sent = ann.do("POST", f"rooms/{room.pk}/messages", {"message": "One"})
    path = f"messages/{sent['id']}"
    assert ann.do("PATCH", path, {"message": "Two"})["message"] == "Two"
    assert ben.refused("PATCH", path, {"message": "Three"}) == "403 forbidden"
    texts = [one["message"] for one in ben.get(f"{path}/revisions")["results"]]
    assert texts == ["One", "Two"]
    seq = ann.do("DELETE", path)["seq"]
    assert ann.do("DELETE", path)["seq"] == seq
    gone = ann.get(path)
    assert "message" not in gone
    assert gone["deleted_ts"]


def test_reactions_pins_saves_readers(ann: Program, ben: Program, room: Room) -> None:
    sent = ann.do("POST", f"rooms/{room.pk}/messages", {"message": "One"})
    path = f"messages/{sent['id']}"
    assert ben.do("POST", f"{path}/reactions", {"emoji": "👍"})["seq"]
    assert ben.do("POST", f"{path}/reactions", {"emoji": "👍"})["seq"] is None
    assert ann.get(path)["reactions"] == {"👍": {"n": 1, "uids": [ben.user.pk]}}
    ben.do("POST", f"{path}/reactions", {"emoji": "👍", "on": False})
    assert "reactions" not in ann.get(path)
    assert ben.refused("POST", f"{path}/reactions", {"emoji": "no"}) == "400 bad_request"

    assert ben.refused("PUT", f"{path}/pin") == "403 forbidden"
    ann.do("PUT", f"{path}/pin")
    assert [one["id"] for one in ben.get(f"rooms/{room.pk}/pins")["results"]] == [sent["id"]]
    ann.do("DELETE", f"{path}/pin")
    assert ben.get(f"rooms/{room.pk}/pins")["results"] == []

    ben.do("PUT", f"{path}/save")
    assert [one["message"]["id"] for one in ben.get("saves")["results"]] == [sent["id"]]
    assert ann.get("saves")["results"] == []
    ben.do("DELETE", f"{path}/save")
    assert ben.get("saves")["results"] == []

    ben.do("POST", f"rooms/{room.pk}/read", {"seq": sent["seq"]})
    assert [one["uid"] for one in ann.get(f"{path}/readers")["read_by"]] == [ben.user.pk]


def test_cursors_drafts_and_levels(ann: Program, ben: Program, room: Room) -> None:
    sent = ann.do("POST", f"rooms/{room.pk}/messages", {"message": "One"})
    assert ben.get(f"rooms/{room.pk}")["unread"] == 1
    read = ben.do("POST", f"rooms/{room.pk}/read", {"seq": sent["seq"]})
    assert read == {"read": sent["seq"], "unread": 0, "unread_from": None}
    ben.do("POST", f"rooms/{room.pk}/unread", {"seq": sent["seq"]})
    assert ben.get(f"rooms/{room.pk}")["unread_from"] == sent["seq"]
    (place,) = ann.get(f"rooms/{room.pk}/cursors")["results"]
    assert (place["uid"], place["read"]) == (ben.user.pk, sent["seq"])
    ann.do("POST", f"rooms/{room.pk}/messages", {"message": "Two"})
    assert ben.do("POST", "read-all") == {"rooms": 1}
    assert ben.get(f"rooms/{room.pk}")["unread"] == 0

    assert ben.do("PUT", f"rooms/{room.pk}/draft", {"message": "Shall"})["ts"]
    assert ben.get(f"rooms/{room.pk}")["draft"]["message"] == "Shall"
    ben.do("DELETE", f"rooms/{room.pk}/draft")
    assert "draft" not in ben.get(f"rooms/{room.pk}")

    ben.do("PUT", f"rooms/{room.pk}/notify", {"level": "mentions", "muted_until": 5})
    found = ben.get(f"rooms/{room.pk}")
    assert (found["level"], found["muted_until"]) == ("mentions", 5)
    wrong = {"level": "loud"}
    assert ben.refused("PUT", f"rooms/{room.pk}/notify", wrong) == "400 bad_request"


def test_too_fast(ann: Program, room: Room) -> None:
    path = f"rooms/{room.pk}/messages"
    while (found := ann.ask("POST", path, {"message": "x"})).get("code") is None:
        pass
    assert (ann.last.status_code, found["code"]) == (429, "rate_limited")
    assert int(ann.last.headers["Retry-After"]) >= 1


def test_who_is_not_in_a_room_does_not_silence_it(
    ann: Program, cyd: Program, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "in_rooms", Buckets(Rate(0.01, 2)))
    path, flat = f"rooms/{room.pk}/messages", {"session_id": room.pk, "content": "x"}
    for _ in range(3):
        assert cyd.refused("POST", path, {"message": "x"}) == "404 not_found"
        assert cyd.refused("POST", "/api/messages/", flat) == "404 not_found"
    ann.do("POST", path, {"message": "x"})
    ann.do("POST", "/api/messages/", flat)
    assert ann.refused("POST", path, {"message": "x"}) == "429 rate_limited"
    assert ann.refused("POST", "/api/messages/", flat) == "429 rate_limited"


def test_what_is_no_json(ann: Program, room: Room) -> None:
    path = f"rooms/{room.pk}/messages"
    assert ann.refused("POST", path, ["message"]) == "400 bad_frame"
    assert ann.refused("POST", path, {}) == "400 bad_request"
    assert ann.refused("POST", path, {"message": "x", "cid": "1"}) == "400 bad_request"
    assert ann.refused("POST", path, {"message": "   "}) == "400 bad_request"
    assert ann.refused("POST", path, {"message": "x" * 9000}) == "413 too_large"
