"""Every address that the four first applications name, by the row of their contract."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import Settings

from loopchat.accounts import people
from loopchat.accounts.models import User
from loopchat.chat.models import Message, Room
from tests.accounts.conftest import PASSWORD
from tests.api.conftest import Program


@pytest.fixture
def browser(owner: User) -> Client:
    """A browser of somebody without an account."""
    return Client(HTTP_HOST="localhost:8000", HTTP_ACCEPT="text/html")


@pytest.fixture
def anns(browser: Client, ann: Program) -> Client:
    """The same, signed in."""
    browser.force_login(ann.user, backend="loopchat.accounts.backends.PeopleBackend")
    return browser


def test_s1_sign_in(browser: Client) -> None:
    people.create("dan", PASSWORD)
    assert browser.get("/users/login/").status_code == 200
    answer = browser.post("/users/login/", {"username": "dan", "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/chat/")


def test_s2_sign_up(browser: Client) -> None:
    assert browser.get("/users/signup/").status_code == 200
    body = {"username": "eva", "password": PASSWORD, "password_again": PASSWORD}
    page = browser.get("/users/signup/").content.decode()
    body = dict.fromkeys(re.findall(r'name="(password\w*)"', page), PASSWORD) | {"username": "eva"}
    assert browser.post("/users/signup/", body).status_code == 302
    assert people.find("eva") is not None


def test_s3_sign_out(anns: Client) -> None:
    assert anns.get("/users/logout/").status_code == 405
    assert anns.post("/users/logout/").status_code == 302
    assert anns.get("/chat/").status_code == 302


@pytest.mark.parametrize("path", ["/chat/", "/"])
def test_s5_s10_the_lobby(anns: Client, hall: Room, path: str) -> None:
    page = anns.get(path)
    assert page.status_code == 200
    assert "Hall" in page.content.decode()


def test_s6_a_room_by_its_name(anns: Client, hall: Room) -> None:
    assert anns.get(f"/chat/room/{hall.slug}/").status_code == 200
    assert anns.get("/chat/room/nothing/").status_code == 404


def test_s7_the_conversation_with_somebody(anns: Client, ben: Program) -> None:
    assert anns.get("/chat/user/ben/").status_code == 200


def test_s8_friends(anns: Client) -> None:
    assert anns.get("/chat/friends/").status_code == 200


def test_s9_a_name_is_enough_where_that_is_allowed(browser: Client, settings: Settings) -> None:
    settings.PASSWORDLESS = "on"
    assert browser.get("/login/").status_code == 200
    answer = browser.post("/login/", {"username": "newcomer"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/chat/")
    assert people.find("newcomer") is not None


def test_s11_a_room_by_its_id(anns: Client, hall: Room) -> None:
    answer = anns.get(f"/room/{hall.pk}/")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/chat/room/{hall.slug}/")


def test_s12_the_admin(browser: Client, owner: User) -> None:
    browser.force_login(owner, backend="loopchat.accounts.backends.PeopleBackend")
    assert browser.get("/admin/").status_code == 200


def test_s13_my_sessions(ann: Program, cyd: Program, room: Room) -> None:
    (session,) = ann.get("/api/sessions/")
    assert set(session) == {
        "id",
        "name",
        "created_at",
        "updated_at",
        "participants",
        "is_active",
    }
    assert (session["id"], session["name"], session["is_active"]) == (room.pk, "Board", True)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", session["created_at"])
    assert cyd.get("/api/sessions/") == []


def test_s14_a_new_session(ann: Program, ben: Program) -> None:
    body = {"name": "Plans", "participants": [ben.user.pk]}
    made = ann.do("POST", "/api/sessions/", body)
    assert ann.last.status_code == 201
    assert made["participants"] == [ann.user.pk, ben.user.pk]
    assert ben.get("/api/sessions/")[0]["id"] == made["id"]
    assert ann.do("POST", "/api/sessions/", {"name": "Alone"})["participants"] == [ann.user.pk]
    assert ann.refused("POST", "/api/sessions/", {}) == "400 bad_request"
    wrong = {"name": "Plans", "participants": [10**9]}
    assert ann.refused("POST", "/api/sessions/", wrong) == "404 not_found"


def test_s15_one_session(ann: Program, cyd: Program, room: Room) -> None:
    assert ann.get(f"/api/sessions/{room.pk}/")["name"] == "Board"
    assert cyd.refused("GET", f"/api/sessions/{room.pk}/") == "404 not_found"


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_s16_a_session_changes(ann: Program, cyd: Program, room: Room, method: str) -> None:
    path = f"/api/sessions/{room.pk}/"
    body = {"name": "Table", "participants": [ann.user.pk, cyd.user.pk], "is_active": False}
    found = ann.do(method, path, body)
    assert (found["name"], found["is_active"]) == ("Table", False)
    assert found["participants"] == [ann.user.pk, cyd.user.pk]
    assert cyd.refused(method, path, {"name": "Mine"}) == "403 forbidden"
    empty = {"name": "Table", "participants": []}
    assert ann.refused(method, path, empty) == "400 bad_request"
    assert ann.do(method, path, {"name": "Table"})["participants"] == [ann.user.pk, cyd.user.pk]


def test_s17_a_session_ends_with_its_messages(ann: Program, ben: Program, room: Room) -> None:
    ann.do("POST", "/api/messages/", {"session_id": room.pk, "content": "x"})
    assert ben.refused("DELETE", f"/api/sessions/{room.pk}/") == "403 forbidden"
    ann.do("DELETE", f"/api/sessions/{room.pk}/")
    assert ben.refused("GET", f"/api/messages/?session_id={room.pk}") == "404 not_found"


def test_s18_messages_of_a_session(ann: Program, ben: Program, cyd: Program, room: Room) -> None:
    for n in range(3):
        ann.do("POST", "/api/messages/", {"session_id": room.pk, "content": str(n)})
    path = f"/api/messages/?session_id={room.pk}"
    found = ben.get(path)
    assert [one["content"] for one in found] == ["0", "1", "2"]
    assert [one["is_read"] for one in found] == [False] * 3
    seq = Message.objects.get(body="1").seq
    ben.do("POST", f"rooms/{room.pk}/read", {"seq": seq})
    assert [one["is_read"] for one in ben.get(path)] == [True, True, False]
    assert [one["is_read"] for one in ann.get(path)] == [True, True, False]
    assert cyd.refused("GET", path) == "404 not_found"
    assert ann.refused("GET", "/api/messages/") == "400 bad_request"
    assert [one["content"] for one in ann.get(f"{path}&limit=2")] == ["1", "2"]
    link = ann.last.headers["Link"]
    assert link.endswith('rel="next"')
    older = link.partition(">")[0].removeprefix("<http://localhost:8000")
    assert [one["content"] for one in ann.get(older)][-1:] == ["0"]


@pytest.mark.parametrize("path", ["/api/messages/", "/api/send-message/"])
def test_s19_s20_a_message_is_sent(ann: Program, cyd: Program, room: Room, path: str) -> None:
    sent = ann.do("POST", path, {"session_id": room.pk, "content": "Hello", "sender": 1})
    assert ann.last.status_code == 201
    assert set(sent) >= {"id", "chat_session", "sender", "content", "timestamp", "is_read"}
    assert (sent["sender"], sent["content"], sent["is_read"]) == (ann.user.pk, "Hello", False)
    body = {"session_id": room.pk, "content": "Hello"}
    assert cyd.refused("POST", path, body) == "404 not_found"


def test_s20_it_takes_a_form_too(ann: Program, room: Room) -> None:
    browser = Client(HTTP_HOST="localhost:8000")
    browser.force_login(ann.user, backend="loopchat.accounts.backends.PeopleBackend")
    body = {"session_id": room.pk, "content": "From a form"}
    answer = browser.post("/api/send-message/", body)
    assert (answer.status_code, answer.json()["content"]) == (201, "From a form")
