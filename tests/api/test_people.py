"""People, oneself, tokens and what they allow."""

from __future__ import annotations

import pytest
from django.test import Client

from loopchat.accounts import people
from loopchat.accounts.grants import Grant
from loopchat.accounts.models import Token, User
from loopchat.chat import rooms
from loopchat.chat.models import Room
from tests.accounts.conftest import PASSWORD
from tests.api.conftest import Program, program

NOBODY = Program(User(), "")


def test_everybody_in_order_a_page_at_a_time(ann: Program, ben: Program, cyd: Program) -> None:
    page = ann.get("users?limit=3")
    assert [one["username"] for one in page["results"]] == ["ann", "ben", "cyd"]
    page = ann.get(page["next"].removeprefix("http://localhost:8000"))
    assert ([one["username"] for one in page["results"]], page["next"]) == (["olga"], None)
    assert [one["username"] for one in ann.get("users?q=B")["results"]] == ["ben"]
    assert ann.get("users/CYD")["uid"] == cyd.user.pk
    assert ann.refused("GET", "users/nobody") == "404 not_found"


def test_who_is_here(ann: Program, ben: Program) -> None:
    ann.do("POST", "directs", {"username": "ben"})
    assert [one["username"] for one in ann.get("presence")["results"]] == ["ben"]


def test_me_and_my_preferences(ann: Program) -> None:
    me = ann.get("me")
    assert (me["uid"], me["username"], me["scope"]) == (ann.user.pk, "ann", "write")
    assert ann.do("PATCH", "preferences", {"receipts": False, "client": {"a": 1}}) == {
        "receipts": False,
        "client": {"a": 1},
    }
    assert ann.get("preferences")["receipts"] is False


def test_nobody_gets_in_without_signing_in(ann: Program, room: Room) -> None:
    for path in ("me", "rooms", "users", f"rooms/{room.pk}/messages", "saves"):
        assert NOBODY.refused("GET", path, Authorization="") == "401 unauthorized"
    assert NOBODY.last.headers["WWW-Authenticate"] == "Bearer"
    assert NOBODY.refused("GET", "me", Authorization="Bearer lct_wrong") == "401 unauthorized"
    assert NOBODY.refused("GET", "me", Authorization="Basic YTpi") == "401 unauthorized"


def test_a_session_needs_proof_of_the_page_for_changes(ann: Program, room: Room) -> None:
    browser = Client(enforce_csrf_checks=True, HTTP_HOST="localhost:8000")
    browser.force_login(ann.user, backend="loopchat.accounts.backends.PeopleBackend")
    assert browser.get("/api/v1/me").status_code == 200
    path, body = f"/api/v1/rooms/{room.pk}/messages", {"message": "From a page"}
    refused = browser.post(path, body, content_type="application/json")
    assert refused.status_code == 403
    assert refused.json()["code"] == "forbidden"
    browser.get("/chat/settings/")
    token = browser.cookies["loopchat_session_csrf"].value
    sent = browser.post(path, body, content_type="application/json", headers={"X-CSRFToken": token})
    assert sent.status_code == 201


def test_with_an_authorization_header_the_cookie_is_nothing(ann: Program) -> None:
    browser = Client(HTTP_HOST="localhost:8000")
    browser.force_login(ann.user, backend="loopchat.accounts.backends.PeopleBackend")
    assert browser.get("/api/v1/me").status_code == 200
    for header in ("Bearer lct_nothing", "Basic YTpi", "nonsense"):
        assert browser.get("/api/v1/me", headers={"Authorization": header}).status_code == 401


def test_a_token_for_name_and_password(owner: User) -> None:
    people.create("dan", PASSWORD)
    body = {"username": "DAN", "password": PASSWORD, "label": "phone", "expires_in_days": 7}
    made = NOBODY.do("POST", "tokens", body, Authorization="")
    assert made["token"].startswith("lct_")
    assert made["expires_ts"] > made["created_ts"]
    dan = Program(User(), made["token"])
    assert dan.get("me")["username"] == "dan"
    (listed,) = dan.get("tokens")["results"]
    assert (listed["label"], "token" in listed) == ("phone", False)
    dan.do("DELETE", "tokens")
    assert dan.refused("GET", "me") == "401 unauthorized"


def test_guessing_is_slowed_down(owner: User) -> None:
    people.create("dan", PASSWORD)
    body = {"username": "dan", "password": "wrong"}
    codes = [NOBODY.refused("POST", "tokens", body, Authorization="") for _ in range(8)]
    assert codes[0] == "401 unauthorized"
    assert codes[-1] == "429 rate_limited"
    assert NOBODY.last.headers["Retry-After"]


def test_a_second_factor_is_not_gone_around(owner: User) -> None:
    from allauth.mfa.models import Authenticator

    dan = people.create("dan", PASSWORD)
    Authenticator.objects.create(user=dan, type=Authenticator.Type.TOTP, data={"secret": "x"})
    body = {"username": "dan", "password": PASSWORD}
    assert NOBODY.refused("POST", "tokens", body, Authorization="") == "403 forbidden"
    assert not Token.objects.filter(user=dan).exists()


def test_tokens_are_revoked_by_their_owner_alone(ann: Program, ben: Program) -> None:
    (mine,) = ann.get("tokens")["results"]
    assert ben.refused("DELETE", f"tokens/{mine['id']}") == "404 not_found"
    ann.do("DELETE", f"tokens/{mine['id']}")
    assert ann.refused("GET", "me") == "401 unauthorized"


def test_each_token_ends_itself(ann: Program, room: Room) -> None:
    for grant in (Grant(writes=False), Grant(rooms=frozenset({room.pk}))):
        mine = program(ann.user, grant)
        mine.do("DELETE", "tokens")
        assert mine.refused("GET", "me") == "401 unauthorized"
    ann.get("me")


def test_a_token_makes_no_tokens(ann: Program) -> None:
    assert ann.refused("POST", "tokens", {"label": "more"}) == "403 forbidden"


def test_a_token_that_may_only_read(ann: Program, room: Room) -> None:
    reader = program(ann.user, Grant(writes=False))
    assert reader.get("me")["scope"] == "read"
    assert reader.get(f"rooms/{room.pk}/messages")["results"] == []
    path = f"rooms/{room.pk}/messages"
    assert reader.refused("POST", path, {"message": "x"}) == "403 forbidden"
    assert reader.refused("POST", "directs", {"username": "ben"}) == "403 forbidden"


def test_a_token_for_one_room(ann: Program, room: Room, hall: Room) -> None:
    sent = ann.do("POST", f"rooms/{hall.pk}/messages", {"message": "x"})
    bot = program(ann.user, Grant(rooms=frozenset({room.pk})))
    assert bot.get("me")["rooms"] == [room.pk]
    assert [one["room"] for one in bot.get("rooms")["results"]] == [room.pk]
    mine = bot.do("POST", f"rooms/{room.pk}/messages", {"message": "x"})
    assert bot.get(f"messages/{mine['id']}")["room"] == room.pk
    assert bot.refused("GET", f"rooms/{hall.pk}") == "404 not_found"
    assert bot.refused("GET", f"messages/{sent['id']}") == "404 not_found"
    for path in ("saves", "users", "presence", "tokens", "preferences", "rooms/public"):
        assert bot.refused("GET", path) == "403 forbidden"
    for path in ("rooms", "directs", "read-all"):
        assert bot.refused("POST", path, {"name": "x", "username": "ben"}) == "403 forbidden"


def test_a_limited_token_opens_no_pages(ann: Program) -> None:
    reader = program(ann.user, Grant(writes=False))
    client = Client(HTTP_HOST="localhost:8000")
    bearer = {"Authorization": f"Bearer {reader.token}"}
    assert client.get("/chat/", headers=bearer).status_code == 403
    assert client.get("/chat/people/find/", headers=bearer).status_code == 403


@pytest.fixture
def guest(ann: Program, hall: Room, room: Room) -> Program:
    """A guest in the hall, and nowhere else. Guests have sessions, not tokens; rules are alike."""
    user = people.create("visitor", None)
    rooms.join(hall.pk, user)
    User.objects.filter(pk=user.pk).update(is_guest=True)
    user.refresh_from_db()
    return program(user)


def test_guests_find_their_room_and_nothing_else(
    ann: Program, guest: Program, hall: Room, room: Room
) -> None:
    ann.do("POST", f"rooms/{hall.pk}/messages", {"message": "Welcome"})
    assert guest.do("POST", "read-all") == {"rooms": 1}
    sent = guest.do("POST", f"rooms/{hall.pk}/messages", {"message": "Hello"})
    guest.get(f"messages/{sent['id']}")
    guest.get("rooms")
    guest.get("me")
    assert guest.refused("GET", f"rooms/{room.pk}") == "404 not_found"
    for path in ("users", "presence", "rooms/public", "tokens", "users/ann"):
        assert guest.refused("GET", path) == "403 forbidden"
    for path in ("rooms", "directs", f"rooms/{hall.pk}/join", f"rooms/{hall.pk}/members"):
        body = {"name": "x", "username": "ann", "people": ["ann"]}
        assert guest.refused("POST", path, body) == "403 forbidden"
