"""The client's page in its several states, as a browser gets it."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from django.template.loader import get_template
from django.test import Client
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from loopchat.accounts import people
from loopchat.accounts.models import User
from loopchat.chat import messages, rooms
from loopchat.chat.models import Membership, Room
from loopchat.core.errors import Refused
from tests.accounts.conftest import PASSWORD
from tests.web.forms import fill

pytestmark = pytest.mark.django_db(transaction=True)

_STATE = re.compile(
    r'<script id="loopchat-state" type="application/json">(.*?)</script>', re.DOTALL
)
PAGES = (
    "/",
    "/chat/",
    "/chat/room/garden/",
    "/chat/user/ben/",
    "/chat/friends/",
    "/chat/settings/",
)


@pytest.fixture
def ben(owner: User) -> User:
    """Somebody else."""
    return people.create("ben", PASSWORD)


@pytest.fixture
def garden(ben: User) -> Room:
    """A public room of Ben's, with one message."""
    room = rooms.create(ben, kind="public", name="Garden", topic="What grows where")
    messages.send(room.pk, ben, cid=uuid4(), body="The beans are up")
    return room


@pytest.fixture
def at_ann(browser: Client, ann: User) -> Client:
    """Ann's browser, signed in."""
    browser.force_login(ann)
    return browser


def state(browser: Client, path: str) -> dict[str, Any]:
    """The first state that a page ships."""
    answer = browser.get(path)
    assert answer.status_code == 200, answer
    found = _STATE.search(answer.content.decode())
    assert found is not None
    result: dict[str, Any] = json.loads(found[1])
    return result


class TestPages:
    """Who gets which page."""

    @pytest.mark.parametrize("path", PAGES)
    def test_they_are_for_people_who_are_signed_in(
        self, browser: Client, garden: Room, path: str
    ) -> None:
        answer = browser.get(path)

        assert answer.status_code == 302
        assert answer["Location"].startswith("/users/login/?next=")

    @pytest.mark.parametrize("path", PAGES)
    def test_they_work_and_cannot_be_posted_to(
        self, at_ann: Client, garden: Room, path: str
    ) -> None:
        assert at_ann.get(path).status_code == 200
        assert at_ann.post(path).status_code in (403, 405)

    @pytest.mark.parametrize("path", PAGES)
    def test_they_have_no_inline_script_or_style(
        self, at_ann: Client, garden: Room, path: str
    ) -> None:
        page = at_ann.get(path).content.decode()

        assert not re.search(r"<style|\sstyle=|\son\w+=", page)
        for script in re.findall(r"<script[^>]*>", page):
            assert 'type="application/json"' in script or " src=" in script


class TestRoom:
    """`/chat/room/<slug>/` and its relatives."""

    def test_it_ships_the_room_and_its_newest_messages(
        self, at_ann: Client, ann: User, garden: Room
    ) -> None:
        rooms.join(garden.pk, ann)
        first = state(at_ann, "/chat/room/garden/")

        assert first["room"]["name"] == "Garden"
        assert first["history"]["complete"] is True
        said = [
            one["message"] for one in first["history"]["items"] if one["type"] == "chat_message"
        ]
        assert said == ["The beans are up"]
        assert [cursor["uid"] for cursor in first["cursors"]] == [
            garden.memberships.first().user_id
        ]  # type: ignore[union-attr]

    def test_the_address_may_name_a_place(self, at_ann: Client, ann: User, garden: Room) -> None:
        rooms.join(garden.pk, ann)
        for n in range(100):
            messages.send(garden.pk, ann, cid=uuid4(), body=f"Line {n}")
        first = state(at_ann, "/chat/room/garden/?at=5")

        assert first["at"] == 5
        assert first["history"]["from"] == 1
        assert first["history"]["to"] < first["history"]["head"]
        assert at_ann.get(f"/room/{garden.pk}/?at=5")["Location"] == "/chat/room/garden/?at=5"
        for nonsense in ("", "-1", "x", "1e3", "\u0663", "9" * 400):
            shown = state(at_ann, f"/chat/room/garden/?at={nonsense}")
            assert "at" not in shown
            assert shown["history"]["to"] == shown["history"]["head"]

    def test_from_outside_a_public_room_shows_its_door(self, at_ann: Client, garden: Room) -> None:
        first = state(at_ann, "/chat/room/garden/")

        assert first["invitation"] == {
            "room": garden.pk,
            "slug": "garden",
            "name": "Garden",
            "topic": "What grows where",
            "members": 1,
        }
        assert "history" not in first

    def test_a_foreign_room_and_none_at_all_look_the_same(self, at_ann: Client, ben: User) -> None:
        rooms.create(ben, kind="private", name="Secret")
        group = rooms.create(ben, kind="group", name="")
        foreign = at_ann.get("/chat/room/secret/")
        missing = at_ann.get("/chat/room/nothing/")

        assert (foreign.status_code, missing.status_code) == (404, 404)
        assert foreign.content == missing.content
        assert b"Nothing here" in missing.content
        for path in (f"/chat/group/{group.pk}/", "/chat/group/99999/", f"/room/{group.pk}/"):
            assert at_ann.get(path).content == missing.content

    def test_the_old_address_leads_to_the_new_one(self, at_ann: Client, garden: Room) -> None:
        assert at_ann.get(f"/room/{garden.pk}/")["Location"] == "/chat/room/garden/"

    def test_a_direct_conversation_opens_by_name(self, at_ann: Client, ben: User) -> None:
        door = at_ann.get("/chat/user/BEN/")
        assert b"You have not written to each other yet" in door.content
        assert not Room.objects.filter(kind="direct").exists()  # looking makes nothing
        assert fill(at_ann, "/chat/user/BEN/")["Location"] == "/chat/user/BEN/"
        first = state(at_ann, "/chat/user/BEN/")

        assert first["room"]["peer"] == {"uid": ben.pk, "username": "ben"}
        assert at_ann.get("/chat/user/nobody/").status_code == 404
        old = f"/room/{first['room']['room']}/"
        assert at_ann.get(old)["Location"] == "/chat/user/ben/"

    def test_no_text_ends_the_block_of_state(self, at_ann: Client, ann: User) -> None:
        evil = "</script><script>alert(1)</script><!-- <script> & ]]>"
        room = rooms.create(ann, kind="public", name="Pwn </script>")
        messages.send(room.pk, ann, cid=uuid4(), body=evil)
        page = at_ann.get(f"/chat/room/{room.slug}/").content.decode()

        assert "<script>alert" not in page
        first = state(at_ann, f"/chat/room/{room.slug}/")
        assert first["history"]["items"][-1]["message"] == evil

    def test_the_number_of_statements_does_not_grow(
        self,
        at_ann: Client,
        ann: User,
        garden: Room,
        django_assert_max_num_queries: DjangoAssertNumQueries,
    ) -> None:
        rooms.join(garden.pk, ann)
        for n in range(8):
            room = rooms.create(ann, kind="public", name=f"Room {n}")
            messages.send(room.pk, ann, cid=uuid4(), body="Hello")
        with django_assert_max_num_queries(33):
            assert len(state(at_ann, "/chat/room/garden/")["ready"]["rooms"]) == 9


class TestForms:
    """What is done with a room, by our client and without it."""

    def test_a_room_is_made(self, at_ann: Client, ann: User, ben: User) -> None:
        form = {"kind": "private", "name": "Shed", "topic": "Tools", "people": ["ben"]}
        made = ask(at_ann, "/chat/rooms/create/", form)

        assert made.status_code == 200
        assert made.json()["room"]["slug"] == "shed"
        assert set(Membership.objects.values_list("user", flat=True)) == {ann.pk, ben.pk}

    def test_without_our_client_the_room_opens(self, at_ann: Client) -> None:
        form = {"kind": "public", "name": "Shed", **token(at_ann)}
        answer = at_ann.post("/chat/rooms/create/", form, HTTP_ORIGIN="http://localhost:8000")

        assert at_ann.get(answer["Location"])["Location"] == "/chat/room/shed/"

    def test_what_is_wrong_is_said_beside_the_field(self, at_ann: Client) -> None:
        answer = ask(at_ann, "/chat/rooms/create/", {"kind": "public", "name": "  "})

        assert (answer.status_code, answer.json()["field"]) == (400, "name")

    def test_an_owner_shapes_the_room(self, at_ann: Client, ann: User, ben: User) -> None:
        room = rooms.create(ann, kind="public", name="Shed", people=[ben])
        base = f"/chat/rooms/{room.pk}/"

        assert ask(at_ann, base + "rename/", {"name": "Barn"}).json()["room"]["name"] == "Barn"
        assert ask(at_ann, base + "topic/", {"topic": "Hay"}).json()["room"]["topic"] == "Hay"
        ask(at_ann, base + "role/", {"username": "ben", "role": "moderator"})
        members = at_ann.get(base + "members/").json()["results"]
        assert [(one["username"], one["role"]) for one in members] == [
            ("Ann", "owner"),
            ("ben", "moderator"),
        ]
        assert ask(at_ann, base + "archive/", {"on": "1"}).json()["room"]["archived"] is True
        assert ask(at_ann, base + "archive/", {"on": ""}).json()["room"].get("archived") is None
        assert ask(at_ann, base + "kick/", {"username": "ben"}).json()["room"]["members"] == 1
        assert ask(at_ann, base + "delete/", {}).status_code == 200
        assert at_ann.get("/chat/room/shed/").status_code == 404

    def test_who_was_banned_comes_back_when_it_is_lifted(
        self, at_ann: Client, ann: User, ben: User
    ) -> None:
        room = rooms.create(ann, kind="public", name="Shed", people=[ben])
        base = f"/chat/rooms/{room.pk}/"

        assert ask(at_ann, base + "ban/", {"username": "ben"}).json()["room"]["members"] == 1
        found = at_ann.get(base + "banned/").json()["results"]
        assert [one["username"] for one in found] == ["ben"]
        with pytest.raises(Refused):
            rooms.join(room.pk, ben)
        assert ask(at_ann, base + "unban/", {"username": "ben"}).status_code == 200
        assert at_ann.get(base + "banned/").json()["results"] == []
        rooms.join(room.pk, ben)

    def test_who_is_banned_is_told_to_those_who_may_ban(
        self, at_ann: Client, ann: User, garden: Room
    ) -> None:
        path = f"/chat/rooms/{garden.pk}/banned/"

        assert at_ann.get(path).status_code == 403
        rooms.join(garden.pk, ann)
        assert at_ann.get(path).status_code == 403

    def test_history_may_begin_with_the_join(self, at_ann: Client) -> None:
        form = {"kind": "private", "name": "Shed", "history": "joined"}

        assert ask(at_ann, "/chat/rooms/create/", form).json()["room"]["history"] == "joined"
        refused = ask(at_ann, "/chat/rooms/create/", form | {"history": "none"})
        assert (refused.status_code, refused.json()["field"]) == (400, "history")

    @pytest.mark.parametrize(
        "action",
        ["rename", "topic", "archive", "delete", "kick", "ban", "unban", "role", "invite"],
    )
    def test_others_may_not(
        self, at_ann: Client, ann: User, ben: User, garden: Room, action: str
    ) -> None:
        form = {"name": "x", "topic": "x", "username": "ben", "role": "member", "people": "ben"}
        outside = ask(at_ann, f"/chat/rooms/{garden.pk}/{action}/", form)
        rooms.join(garden.pk, ann)
        inside = ask(at_ann, f"/chat/rooms/{garden.pk}/{action}/", form)

        assert outside.status_code == 403
        assert inside.status_code == 403 or action == "invite"
        garden.refresh_from_db()
        assert (garden.name, garden.deleted_ts, garden.archived_ts) == ("Garden", None, None)

    def test_one_joins_and_leaves(self, at_ann: Client, garden: Room) -> None:
        joined = ask(at_ann, f"/chat/rooms/{garden.pk}/join/", {})

        assert joined.json()["room"]["members"] == 2
        assert ask(at_ann, f"/chat/rooms/{garden.pk}/leave/", {}).json() == {}
        garden.refresh_from_db()
        assert garden.member_count == 1

    def test_a_form_without_our_token_is_refused(self, at_ann: Client, garden: Room) -> None:
        path = f"/chat/rooms/{garden.pk}/join/"

        assert at_ann.post(path, HTTP_ACCEPT="application/json").status_code == 403
        assert at_ann.get(path).status_code == 405


class TestLookups:
    """What the client looks up while somebody types."""

    def test_people_are_found_by_a_part_of_their_name(self, at_ann: Client, ben: User) -> None:
        found = at_ann.get("/chat/people/find/?q=E").json()["results"]

        assert [one["username"] for one in found] == ["ben"]

    def test_rooms_to_join_leave_out_mine_and_private_ones(
        self, at_ann: Client, ann: User, ben: User, garden: Room
    ) -> None:
        rooms.create(ben, kind="private", name="Secret")
        found = at_ann.get("/chat/rooms/find/").json()["results"]
        assert [one["name"] for one in found] == ["Garden"]

        rooms.join(garden.pk, ann)
        assert at_ann.get("/chat/rooms/find/").json()["results"] == []

    @pytest.mark.parametrize("what", ["members", "banned"])
    def test_a_private_room_tells_strangers_nothing(
        self, at_ann: Client, ben: User, what: str
    ) -> None:
        room = rooms.create(ben, kind="private", name="Secret")

        foreign = at_ann.get(f"/chat/rooms/{room.pk}/{what}/")
        missing = at_ann.get(f"/chat/rooms/99999/{what}/")

        assert (foreign.status_code, foreign.content) == (404, missing.content)


class TestErrors:
    """What is shown when a page is not there, or broke."""

    @pytest.mark.parametrize("status", [400, 403, 404, 500])
    def test_each_has_a_page_that_needs_nothing(self, status: int) -> None:
        with translation.override("en"):
            page = get_template(f"{status}.html").render()

        assert "To the lobby" in page


class TestSettings:
    """How Loopchat looks here."""

    def test_the_theme_is_kept_in_a_cookie(self, at_ann: Client) -> None:
        answer = at_ann.post(
            "/chat/settings/",
            {"theme": "dark", **token(at_ann)},
            HTTP_ORIGIN="http://localhost:8000",
        )

        assert answer["Location"] == "/chat/settings/"
        assert 'data-theme="dark"' in at_ann.get("/chat/settings/").content.decode()

    def test_there_are_three_themes(self, at_ann: Client) -> None:
        form = {"theme": '"><script>', **token(at_ann)}
        answer = at_ann.post("/chat/settings/", form, HTTP_ORIGIN="http://localhost:8000")

        assert answer.status_code == 400


def ask(browser: Client, path: str, form: dict[str, Any]) -> Any:
    """Send a form as our client does."""
    return browser.post(
        path,
        form,
        HTTP_ACCEPT="application/json",
        HTTP_ORIGIN="http://localhost:8000",
        headers={"X-CSRFToken": token(browser)["csrfmiddlewaretoken"]},
    )


def token(browser: Client) -> dict[str, str]:
    """The token of the forms."""
    page = browser.get("/chat/settings/").content.decode()
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found is not None
    return {"csrfmiddlewaretoken": found[1]}
