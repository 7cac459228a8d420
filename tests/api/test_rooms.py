"""Rooms and who is in them."""

from __future__ import annotations

import pytest

from loopchat.chat.models import Membership, Room
from tests.api.conftest import Program


def test_my_rooms_and_no_others(ann: Program, cyd: Program, room: Room) -> None:
    (mine,) = ann.get("rooms")["results"]
    assert (mine["room"], mine["name"], mine["role"]) == (room.pk, "Board", "owner")
    assert cyd.get("rooms") == {"results": [], "next": None}


def test_rooms_come_a_page_at_a_time(ann: Program) -> None:
    made = [ann.do("POST", "rooms", {"name": f"Room {n}"})["room"] for n in range(5)]
    seen, address = [], "rooms?limit=2"
    while address:
        page = ann.get(address.removeprefix("http://localhost:8000"))
        seen += [one["room"] for one in page["results"]]
        assert len(page["results"]) <= 2
        address = page["next"]
    assert sorted(seen) == made
    assert len(seen) == 5


def test_a_room_is_made_with_people(ann: Program, ben: Program) -> None:
    made = ann.do("POST", "rooms", {"name": "Board", "topic": "What to do", "people": ["BEN"]})
    assert ann.last.status_code == 201
    assert ann.last.headers["Location"] == f"/api/v1/rooms/{made['room']}"
    assert (made["kind"], made["topic"], made["members"]) == ("private", "What to do", 2)
    assert ben.get(f"rooms/{made['room']}")["role"] == "member"


def test_a_room_with_nobody_known(ann: Program) -> None:
    assert ann.refused("POST", "rooms", {"name": "B", "people": ["zoe"]}) == "404 not_found"
    assert ann.refused("POST", "rooms", {"name": ""}) == "400 bad_request"
    assert ann.refused("POST", "rooms", {"name": 7}) == "400 bad_request"
    assert "name" in ann.ask("POST", "rooms", {"name": 7})["errors"]


def test_a_room_is_changed(ann: Program, room: Room) -> None:
    found = ann.do("PATCH", f"rooms/{room.pk}", {"name": "Table", "topic": "New"})
    assert (found["name"], found["topic"]) == ("Table", "New")
    assert ann.do("PATCH", f"rooms/{room.pk}", {"archived": True})["archived"] is True
    assert ann.refused("POST", f"rooms/{room.pk}/messages", {"message": "x"}) == "409 archived"
    assert "archived" not in ann.do("PATCH", f"rooms/{room.pk}", {"archived": False})


def test_only_those_who_may_change_it(ben: Program, cyd: Program, room: Room) -> None:
    assert ben.refused("PATCH", f"rooms/{room.pk}", {"name": "Mine"}) == "403 forbidden"
    assert ben.refused("DELETE", f"rooms/{room.pk}") == "403 forbidden"
    assert cyd.refused("PATCH", f"rooms/{room.pk}", {"name": "Mine"}) == "404 not_found"


def test_a_room_is_deleted(ann: Program, ben: Program, room: Room) -> None:
    ann.do("DELETE", f"rooms/{room.pk}")
    assert ann.last.status_code == 204
    assert ben.refused("GET", f"rooms/{room.pk}") == "404 not_found"


@pytest.mark.parametrize("what", ["", "/messages", "/history", "/members", "/pins", "/cursors"])
def test_foreign_rooms_and_no_rooms_look_alike(cyd: Program, room: Room, what: str) -> None:
    foreign = cyd.ask("GET", f"rooms/{room.pk}{what}")
    nothing = cyd.ask("GET", f"rooms/{room.pk + 1000}{what}")
    assert foreign == nothing
    assert foreign["status"] == 404


def test_a_public_room_is_found_and_joined(ann: Program, cyd: Program, hall: Room) -> None:
    (found,) = cyd.get("rooms/public?q=ha")["results"]
    assert (found["room"], found["members"]) == (hall.pk, 1)
    assert cyd.refused("GET", f"rooms/{hall.pk}") == "403 forbidden"
    assert cyd.refused("GET", f"rooms/{hall.pk}/messages") == "403 forbidden"
    assert cyd.do("POST", f"rooms/{hall.pk}/join")["role"] == "member"
    assert [one["username"] for one in cyd.get(f"rooms/{hall.pk}/members")["results"]] == [
        "ann",
        "cyd",
    ]
    page = cyd.get(f"rooms/{hall.pk}/members?limit=1")
    assert [one["username"] for one in page["results"]] == ["ann"]
    assert page["next"].endswith(f"/rooms/{hall.pk}/members?limit=1&after=2-ann")
    page = cyd.get(f"rooms/{hall.pk}/members?limit=1&after=2-ann")
    assert ([one["username"] for one in page["results"]], page["next"]) == (["cyd"], None)
    assert cyd.refused("GET", f"rooms/{hall.pk}/members?after=ann") == "400 bad_request"
    assert cyd.do("POST", f"rooms/{hall.pk}/leave")["seq"] == 3


def test_a_private_room_cannot_be_joined(cyd: Program, room: Room) -> None:
    assert cyd.refused("POST", f"rooms/{room.pk}/join") == "404 not_found"


def test_people_are_brought_in_and_given_roles(ann: Program, cyd: Program, room: Room) -> None:
    ann.do("POST", f"rooms/{room.pk}/members", {"people": ["cyd"]})
    ann.do("PATCH", f"rooms/{room.pk}/members/cyd", {"role": "moderator"})
    assert cyd.get(f"rooms/{room.pk}")["role"] == "moderator"
    assert cyd.do("DELETE", f"rooms/{room.pk}/members/ben")["seq"]
    assert cyd.refused("DELETE", f"rooms/{room.pk}/members/ann") == "403 forbidden"


def test_bans(ann: Program, ben: Program, room: Room) -> None:
    ann.do("POST", f"rooms/{room.pk}/bans", {"username": "ben"})
    assert ben.refused("GET", f"rooms/{room.pk}") == "404 not_found"
    assert [one["username"] for one in ann.get(f"rooms/{room.pk}/bans")["results"]] == ["ben"]
    body = {"people": ["ben"]}
    assert ann.refused("POST", f"rooms/{room.pk}/members", body) == "403 forbidden"
    ann.do("DELETE", f"rooms/{room.pk}/bans/ben")
    ann.do("POST", f"rooms/{room.pk}/members", body)
    assert Membership.objects.get(room=room, user=ben.user).left_seq is None


def test_a_direct_conversation(ann: Program, ben: Program) -> None:
    found = ann.do("POST", "directs", {"username": "BEN"})
    assert (found["kind"], found["peer"]["username"]) == ("direct", "ben")
    assert ben.do("POST", "directs", {"username": "ann"})["room"] == found["room"]
    assert ann.refused("POST", "directs", {"username": "nobody"}) == "404 not_found"


def test_what_did_not_change_is_not_sent_again(ann: Program, room: Room) -> None:
    ann.get(f"rooms/{room.pk}")
    tag = ann.last.headers["ETag"]
    assert ann.ask("GET", f"rooms/{room.pk}", If_None_Match=tag) is None
    assert ann.last.status_code == 304
    ann.do("PATCH", f"rooms/{room.pk}", {"topic": "Another"})
    assert ann.get(f"rooms/{room.pk}", If_None_Match=tag)["topic"] == "Another"


def test_addresses_with_a_slash_work_the_same(ann: Program, room: Room) -> None:
    assert ann.get(f"rooms/{room.pk}/") == ann.get(f"rooms/{room.pk}")
    assert ann.refused("GET", "nothing") == "404 not_found"
    assert ann.refused("GET", f"rooms/{2**60}") == "404 not_found"
    assert ann.refused("PUT", f"rooms/{room.pk}") == "405 bad_request"
