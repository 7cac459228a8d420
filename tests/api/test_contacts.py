"""Friends, blocks, what one shows and says of oneself."""

from __future__ import annotations

import pytest

from loopchat.accounts import rates
from loopchat.core.limits import Buckets, Rate
from tests.api.conftest import Program


def names(found: dict[str, list[dict[str, str]]]) -> list[str]:
    return [one["username"] for one in found["results"]]


def test_friends(ann: Program, ben: Program) -> None:
    asked = ann.do("POST", "friend-requests", {"username": "ben", "note": "From the garden"})
    assert (asked["request"], asked["friend"]) == ("out", False)
    assert ann.refused("POST", "friend-requests", {"username": "zoe"}) == "404 not_found"
    assert names(ben.get("friend-requests")) == ["ann"]
    assert ben.do("POST", "friend-requests/ann", {"accept": True})["friend"] is True
    assert names(ann.get("friends")) == ["ben"]
    ann.do("DELETE", "friends/ben")
    assert names(ben.get("friends")) == []


def test_a_question_is_taken_back_or_refused(ann: Program, ben: Program) -> None:
    ann.do("POST", "friend-requests", {"username": "ben"})
    ann.do("DELETE", "friend-requests/ben")
    assert names(ben.get("friend-requests")) == []


def test_blocks(ann: Program, ben: Program) -> None:
    room = ann.do("POST", "directs", {"username": "ben"})["room"]
    assert ann.do("PUT", "blocks/ben")["blocked"] is True
    assert names(ann.get("blocks")) == ["ben"]
    assert ann.refused("GET", f"rooms/{room}") == "404 not_found"
    ann.do("DELETE", "blocks/ben")
    assert ann.get("blocks")["results"] == []


def test_privacy_and_message_requests(ann: Program, ben: Program) -> None:
    assert ann.do("PATCH", "privacy", {"write": "friends"})["write"] == "friends"
    assert ann.get("privacy")["online"] == "everyone"
    room = ben.do("POST", "directs", {"username": "ann"})["room"]
    assert ann.refused("GET", f"rooms/{room}") == "404 not_found"
    ben.do("POST", f"rooms/{room}/messages", {"message": "We have not met"})
    assert ann.get(f"rooms/{room}")["request"] is True
    ann.do("POST", f"rooms/{room}/request", {"accept": True})
    assert "request" not in ann.get(f"rooms/{room}")
    assert ann.refused("PATCH", "privacy", {"write": "all"}) == "400 bad_request"


def test_a_profile(ann: Program) -> None:
    card = ann.do("PATCH", "profile", {"name": "Ann B.", "about": "Beans", "status_emoji": "🌱"})
    assert (card["name"], card["about"], card["status"]["emoji"]) == ("Ann B.", "Beans", "🌱")
    assert ann.get("profile") == card


def test_changes_of_a_profile_have_the_rate_of_the_page(
    ann: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "looks", Buckets(Rate(1 / 3600, 2)))
    for about in "ab":
        ann.do("PATCH", "profile", {"about": about})
    assert ann.refused("PATCH", "profile", {"about": "c"}) == "429 rate_limited"
    assert ann.get("profile")["about"] == "b"
