"""The export has what is mine, and nothing of others."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from loopchat.accounts import people, profiles, tokens
from loopchat.accounts.models import User
from loopchat.accounts.profiles import Change
from loopchat.chat import contacting, messages, personal, rooms
from loopchat.chat.models import Room
from loopchat.contacts import friends
from loopchat.leaving import export
from tests.chat.stage import send

MINE, THEIRS = "a text of mine", "a text of theirs"


def unpacked(person: User) -> dict[str, Any]:
    """The files of an export, read."""
    with export.write(person) as file, zipfile.ZipFile(io.BytesIO(file.read())) as archive:
        assert archive.testzip() is None
        return {
            name.removesuffix(".json"): json.loads(archive.read(name))
            for name in archive.namelist()
            if name.endswith(".json")
        }


@pytest.fixture
def room(ann: User, ben: User) -> Room:
    """Where both have said something."""
    room = rooms.create(ann, kind="private", name="Board", people=[ben])
    done = send(room, ann, "first " + MINE)
    messages.edit(room.pk, rooms.actor(ann), message_id=done.id, body=MINE)
    said = send(room, ben, THEIRS)
    messages.react(room.pk, rooms.actor(ann), message_id=said.id, emoji="👍", on=True)
    personal.save(rooms.actor(ann), room.pk, said.id, on=True)
    personal.set_draft(rooms.actor(ann), room.pk, "half a thou", reply_to=None)
    return room


def test_it_has_everything_that_is_mine(ann: User, ben: User, room: Room) -> None:
    profiles.change(ann, Change(name="Ann Miller", about="Plants"))
    friends.request(ann, ben)
    friends.accept(ben, ann)
    _, secret = tokens.create(ann, label="my bot")

    found = unpacked(ann)

    assert set(found) == set(export.PARTS)
    assert found["account"][0]["username"] == "Ann"
    assert found["account"][0]["about"] == "Plants"
    (message,) = found["messages"]
    assert (message["message"], message["room"]) == (MINE, room.pk)
    assert message["earlier"][0]["message"] == "first " + MINE
    assert [row["emoji"] for row in found["reactions"]] == ["👍"]
    assert [row["message__room_id"] for row in found["saved"]] == [room.pk]
    assert [row["body"] for row in found["drafts"]] == ["half a thou"]
    assert [row["username"] for row in found["friends"]] == ["ben"]
    assert [row["label"] for row in found["tokens"]] == ["my bot"]
    assert [row["name"] for row in found["rooms"]] == ["Board"]
    assert secret not in json.dumps(found)


def test_it_has_nothing_of_others_and_no_secret(ann: User, ben: User, room: Room) -> None:
    ben.email = "ben@example.org"
    ben.save()

    text = json.dumps(unpacked(ann))

    assert THEIRS not in text
    assert "ben@example.org" not in text
    assert ann.password not in text


def test_it_does_not_tell_who_has_said_no(ann: User, ben: User) -> None:
    """A request that was taken back leaves a row only where it was unwanted."""
    cat = people.create("cat", None)
    contacting.block(rooms.actor(cat), "Ann", on=True)
    for other in (ben, cat):
        friends.request(ann, other)
        friends.cancel(ann, other)

    assert unpacked(ann)["friend_requests"] == []
    friends.request(ben, ann)
    friends.reject(ann, ben)
    assert unpacked(ann)["friend_requests"] == []


def test_rooms_that_are_not_mine_any_more_have_no_name(ann: User, ben: User, room: Room) -> None:
    rooms.leave(room.pk, ben)
    rooms.rename(room.pk, ann, "Secret plans")

    (row,) = unpacked(ben)["rooms"]

    assert (row["is_in"], row["name"]) == (False, "")


def test_a_long_history_is_read_in_portions(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "PORTION", 10)
    monkeypatch.setattr(export, "_IN_MEMORY", 1024)
    room = rooms.create(ann, kind="private", name="Board")
    for number in range(35):
        send(room, ann, f"text {number}")

    assert [row["message"] for row in unpacked(ann)["messages"]] == [
        f"text {number}" for number in range(35)
    ]
