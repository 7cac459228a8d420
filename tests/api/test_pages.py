"""What people do on pages and programs do by REST: links, browsers, cards, groups, pictures."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from loopchat.accounts.models import User
from loopchat.bots import founding
from loopchat.bots.models import Bot
from loopchat.chat.models import Room
from loopchat.core.limits import Buckets, Rate
from loopchat.invitations import letters as invitation_letters
from tests.api.conftest import Program
from tests.api.trials import GIF
from tests.web.letters import Letters, letters

__all__ = ["letters"]


def test_links(ann: Program, cyd: Program, room: Room) -> None:
    made = ann.do("POST", "invitations", {"room": room.pk, "hours": 24, "label": "For cyd"})
    secret = made["url"].rstrip("/").rpartition("/")[2]
    assert cyd.do("POST", "invitations/use", {"secret": secret}) == {"room": room.pk}
    assert cyd.get(f"rooms/{room.pk}")["role"] == "member"
    (listed,) = ann.get(f"invitations?room={room.pk}")["results"]
    assert (listed["uses"], listed["state"]) == (1, "open")
    assert "url" not in listed
    assert ann.do("DELETE", f"invitations/{made['id']}")["state"] == "revoked"
    assert cyd.refused("POST", "invitations/use", {"secret": secret}) == "404 not_found"


def test_links_by_mail(ann: Program, letters: Letters, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitation_letters, "rate", Buckets(Rate(1 / 3600, 2)))
    wanted = {"email": "cyd@example.org", "max_uses": 50}
    made = ann.do("POST", "invitations", wanted)
    assert (made["max_uses"], made["signed"], made["email"]) == (1, True, "cyd@example.org")
    assert made["url"].endswith(letters.path_to("cyd@example.org"))
    assert ann.refused("POST", "invitations", {"email": "nobody"}) == "400 bad_request"
    ann.do("POST", "invitations", wanted)
    assert ann.refused("POST", "invitations", wanted) == "429 rate_limited"
    ann.do("POST", "invitations", {})
    User.objects.filter(pk=ann.user.pk).update(is_bot=True)  # of bots one person may have many
    assert ann.refused("POST", "invitations", wanted) == "403 forbidden"
    ann.do("POST", "invitations", {})


def test_links_by_mail_need_mail(ann: Program) -> None:
    assert ann.refused("POST", "invitations", {"email": "a@example.org"}) == "403 forbidden"
    assert ann.get("invitations")["results"] == []


def test_browsers(ann: Program) -> None:
    here, there = Client(HTTP_HOST="localhost:8000"), Client(HTTP_HOST="localhost:8000")
    for one in (here, there):
        one.force_login(ann.user, backend="loopchat.accounts.backends.PeopleBackend")
        one.get("/api/v1/me/")
    found = here.get("/api/v1/devices/").json()["results"]
    assert sorted(one.get("here", False) for one in found) == [False, True]
    other = next(one for one in found if "here" not in one)
    assert here.delete(f"/api/v1/devices/{other['id']}/").status_code == 204
    assert there.get("/api/v1/me/").status_code == 401
    assert here.delete(f"/api/v1/devices/{other['id']}/").status_code == 404
    assert here.delete("/api/v1/devices/").status_code == 204
    assert here.get("/api/v1/me/").status_code == 200


def test_a_card_a_face_and_a_draft(ann: Program, ben: Program, room: Room) -> None:
    ben.do("PATCH", "profile", {"about": "I grow pears."})
    card = ann.get("users/ben/card")
    assert (card["about"], card["rooms"][0]["room"]) == ("I grow pears.", room.pk)
    (face,) = ann.get(f"faces?uids={ben.user.pk}")["results"]
    assert face["username"] == "ben"
    assert ann.refused("GET", "faces?uids=1,x") == "400 bad_request"
    draft = f"rooms/{room.pk}/draft"
    assert ann.refused("GET", draft) == "404 not_found"
    ann.do("PUT", draft, {"message": "Shall we"})
    assert ann.get(draft)["message"] == "Shall we"


def test_a_group_becomes_a_room(ann: Program, ben: Program) -> None:
    group = ann.do("POST", "rooms", {"kind": "group", "people": ["ben"]})["room"]
    found = ann.do("POST", f"rooms/{group}/make-room", {"name": "A room"})
    assert (found["kind"], found["name"]) == ("private", "A room")


def test_a_picture(owner: User, ann: Program, ben: Program, tmp_path: Any, settings: Any) -> None:
    settings.DATA_DIR = tmp_path
    bot = founding.create(owner, name="Deploys")
    Bot.objects.filter(pk=bot.pk).update(owner=ann.user)
    client = Client(HTTP_HOST="localhost:8000", headers={"Authorization": f"Bearer {ann.token}"})
    for path, name in (("avatar", "ann"), (f"bots/{bot.pk}/avatar", "deploys")):
        address = f"/api/v1/{path}/?x=0&y=0&size=8"
        answer = client.put(address, GIF, content_type="image/gif")
        assert answer.status_code == 200, answer.content
        assert ben.get(f"users/{name}/card")["avatar"] == answer.json()["avatar"]
        assert ann.refused("PUT", path, {}) == "415 bad_request"
        half = client.put(f"/api/v1/{path}/?x=0", GIF, content_type="image/gif")
        assert half.status_code == 400
        assert "avatar" not in ann.do("DELETE", path)
    assert ben.refused("DELETE", f"bots/{bot.pk}/avatar") == "404 not_found"
