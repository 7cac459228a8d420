"""Forms about other people and the directory, by programs and by browsers without JavaScript."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from loopchat.accounts.models import Instance, User
from loopchat.chat import rooms
from loopchat.chat.models import Membership
from loopchat.contacts import pairs, privacy
from loopchat.web import contact_views
from tests.chat.stage import people, send

pytestmark = pytest.mark.django_db(transaction=True)


def client(who: User) -> Client:
    """Somebody's program, as far as cookies go."""
    found = Client(HTTP_ACCEPT="application/json", HTTP_HOST="localhost:8000")
    found.force_login(who)
    return found


@pytest.fixture
def two() -> list[User]:
    Instance.objects.update_or_create(pk=1, defaults=Instance.CLAIMED)
    return people("ann", "ben")


def post(who: User, path: str, **fields: str) -> tuple[int, Any]:
    answer = client(who).post(path, fields)
    return answer.status_code, answer.json()


def test_a_friendship_by_forms(two: list[User]) -> None:
    ann, ben = two
    contact = {"uid": ben.pk, "username": "ben", "friend": False, "request": "out", "note": "Hi"}
    asked = post(ann, "/users/friend-request/send/BEN/", note="Hi")
    assert asked == (200, {"contact": contact})
    assert post(ben, "/users/friend-request/accept/ann/")[1]["contact"]["friend"] is True
    assert pairs.are_friends(ann.pk, ben.pk)
    assert post(ben, "/users/friend-request/remove/ann/")[0] == 200
    for action in ("reject", "cancel"):
        assert post(ann, f"/users/friend-request/{action}/ben/")[0] == 200
    for action, name in (("marry", "ben"), ("send", "nobody"), ("accept", "ben")):
        status, refusal = post(ann, f"/users/friend-request/{action}/{name}/")
        assert (status, refusal["code"]) == (404, "not_found")


def test_blocking_and_privacy_by_forms(two: list[User]) -> None:
    ann = two[0]
    assert post(ann, "/chat/people/block/ben/")[1]["contact"]["blocked"] is True
    assert post(ann, "/users/friend-request/send/ben/")[0] == 403
    assert "blocked" not in post(ann, "/chat/people/unblock/ben/")[1]["contact"]
    shown = post(ann, "/chat/settings/privacy/", online="friends", write="rooms")[1]["privacy"]
    assert (shown["online"], shown["write"], shown["receipts"]) == ("friends", "rooms", "everyone")
    status, refusal = post(ann, "/chat/settings/privacy/", online="some")
    assert (status, refusal["field"]) == (400, "online")


@pytest.mark.parametrize("accept", ["1", ""])
def test_a_message_request_is_answered_by_a_form(two: list[User], accept: str) -> None:
    ann, ben = two
    privacy.change(ben.pk, write="friends")
    room = rooms.open_direct(ann, "ben")
    send(room, ann)
    assert post(ben, f"/chat/rooms/{room.pk}/request/", accept=accept) == (200, {})
    standing = Membership.objects.get(room=room, user=ben).standing
    assert standing == ("open" if accept else "hidden")
    assert post(ann, "/chat/rooms/99999/request/", accept="1")[0] == 404


def test_a_browser_is_led_back(two: list[User]) -> None:
    browser = Client(HTTP_ACCEPT="text/html", HTTP_HOST="localhost:8000")
    browser.force_login(two[0])
    assert browser.post("/users/friend-request/send/ben/")["Location"] == "/chat/friends/"
    assert browser.post("/chat/settings/privacy/")["Location"] == "/chat/settings/"
    assert browser.get("/chat/people/block/ben/").status_code == 405
    browser.logout()
    assert browser.post("/chat/people/block/ben/").status_code in (302, 401)


def test_the_directory_a_page_at_a_time(two: list[User], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contact_views, "PEOPLE_MAX", 2)
    people("cyd", "dan", "Eve")
    User.objects.filter(username="dan").update(is_active=False)
    ann = client(two[0])

    def page(**asked: str) -> tuple[list[str], str | None]:
        found = ann.get("/chat/people/directory/", asked).json()
        return [one["username"] for one in found["results"]], found.get("next")

    assert page() == (["ben", "cyd"], "cyd")
    assert page(after="cyd") == (["Eve"], None)
    assert page(text="E") == (["ben", "Eve"], None)
    assert page(text="\x1b") == page(text="nobody") == ([], None)


def test_a_group_becomes_a_room_by_a_form(two: list[User]) -> None:
    ann, ben = two
    group = rooms.create(ann, kind="group", name="", people=[ben])
    assert post(ben, f"/chat/rooms/{group.pk}/make-room/", name="Board")[0] == 403
    status, made = post(ann, f"/chat/rooms/{group.pk}/make-room/", name="Board")
    assert (status, made["room"]["kind"], made["room"]["slug"]) == (200, "private", "board")
