"""Every operation there is, asked by those for whom it is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from loopchat.accounts.grants import Grant
from loopchat.accounts.models import User
from loopchat.api import operations, urls
from loopchat.api.operations import SAFE, Operation
from loopchat.chat.models import Room
from tests.api.conftest import Program, program

FOR_ALL = {"POST api/v1/tokens/"}
FOR_READERS = {"DELETE api/v1/tokens/"}
FOR_SESSIONS = {
    "POST api/v1/bots/<id:bot_id>/token/",
    "GET api/v1/devices/",
    "DELETE api/v1/devices/",
    "DELETE api/v1/devices/<id:device_id>/",
}
FOR_GUESTS = {
    "DELETE api/v1/tokens/",
    "GET api/sessions/",
    "GET api/sessions/<id:room_id>/",
    "GET api/messages/",
    "POST api/messages/",
    "POST api/send-message/",
    "GET api/v1/me/",
    "GET api/v1/preferences/",
    "PATCH api/v1/preferences/",
    "GET api/v1/saves/",
    "GET api/v1/rooms/",
    "GET api/v1/rooms/<id:room_id>/",
    "POST api/v1/rooms/<id:room_id>/leave/",
    "GET api/v1/rooms/<id:room_id>/members/",
    "GET api/v1/rooms/<id:room_id>/commands/",
    "POST api/v1/rooms/<id:room_id>/commands/",
    "GET api/v1/rooms/<id:room_id>/messages/",
    "POST api/v1/rooms/<id:room_id>/messages/",
    "GET api/v1/rooms/<id:room_id>/history/",
    "GET api/v1/rooms/<id:room_id>/around/",
    "GET api/v1/rooms/<id:room_id>/pins/",
    "GET api/v1/rooms/<id:room_id>/cursors/",
    "GET api/v1/rooms/<id:room_id>/draft/",
    "GET api/v1/users/<str:username>/card/",
    "GET api/v1/faces/",
    "POST api/v1/read-all/",
    "POST api/v1/rooms/<id:room_id>/read/",
    "POST api/v1/rooms/<id:room_id>/unread/",
    "PUT api/v1/rooms/<id:room_id>/draft/",
    "DELETE api/v1/rooms/<id:room_id>/draft/",
    "PUT api/v1/rooms/<id:room_id>/notify/",
    "GET api/v1/messages/<id:message_id>/",
    "PATCH api/v1/messages/<id:message_id>/",
    "DELETE api/v1/messages/<id:message_id>/",
    "POST api/v1/messages/<id:message_id>/reactions/",
    "PUT api/v1/messages/<id:message_id>/save/",
    "DELETE api/v1/messages/<id:message_id>/save/",
    "GET api/v1/messages/<id:message_id>/readers/",
    "GET api/v1/messages/<id:message_id>/revisions/",
}


def everything() -> Iterator[tuple[str, str, Operation]]:
    """Each method of each address."""
    for pattern in urls.urlpatterns:
        view = getattr(pattern.callback, "cls", None)
        allowed = getattr(pattern.callback, "initkwargs", {}).get("http_method_names")
        for method in allowed or ("get", "post", "put", "patch", "delete"):
            operation = operations.of(view, method) if view is not None else None
            if operation is not None:
                yield method.upper(), str(pattern.pattern), operation


ALL = {f"{method} {path}": (method, path, found) for method, path, found in everything()}


def address(path: str, room: int, message: int) -> str:
    """An address with something in it."""
    path = path.replace("<id:room_id>", str(room)).replace("<id:message_id>", str(message))
    return "/" + re.sub(r"<id:\w+>", "1", path).replace("<str:username>", "ann")


def body(operation: Operation) -> Any:
    """Something to send; what is missing in it is found out later than who may not send it."""
    return None if operation.takes is None else {}


def test_it_is_said_for_each_whether_guests_may() -> None:
    assert {name for name, (_, _, one) in ALL.items() if one.for_guests} == FOR_GUESTS
    assert {name for name, (_, _, one) in ALL.items() if not one.needs_sign_in} == FOR_ALL
    assert {name for name, (_, _, one) in ALL.items() if one.needs_session} == FOR_SESSIONS
    assert {name for name, (_, _, one) in ALL.items() if one.for_readers} == FOR_READERS


@pytest.mark.parametrize("name", sorted(FOR_SESSIONS))
def test_what_is_about_an_account_is_not_for_tokens(ann: Program, name: str) -> None:
    method, path, _ = ALL[name]
    assert ann.refused(method, address(path, 1, 1), body(ALL[name][2])) == "403 forbidden"


@pytest.mark.parametrize("name", sorted(set(ALL) - FOR_ALL))
def test_nobody_without_a_sign_in(owner: User, name: str) -> None:
    method, path, operation = ALL[name]
    nobody = Program(User(), "")
    found = nobody.refused(method, address(path, 1, 1), body(operation), Authorization="")
    assert found == "401 unauthorized"


def test_guests_only_what_is_for_them(ann: Program, ben: Program, hall: Room) -> None:
    sent = ann.do("POST", f"rooms/{hall.pk}/messages", {"message": "x"})
    User.objects.filter(pk=ben.user.pk).update(is_guest=True)
    for name in sorted(set(ALL) - FOR_ALL - FOR_GUESTS):
        method, path, operation = ALL[name]
        place = address(path, hall.pk, sent["id"])
        found = ben.refused(method, place, body(operation))
        assert found in ("401 unauthorized", "403 forbidden"), name


def test_a_reading_token_changes_nothing(ann: Program, hall: Room) -> None:
    sent = ann.do("POST", f"rooms/{hall.pk}/messages", {"message": "x"})
    reader = program(ann.user, Grant(writes=False))
    for name in sorted(set(ALL) - FOR_ALL - FOR_READERS):
        method, path, operation = ALL[name]
        if method not in SAFE:
            place = address(path, hall.pk, sent["id"])
            assert reader.refused(method, place, body(operation)) == "403 forbidden", name


def test_a_token_for_one_room_finds_no_other(ann: Program, hall: Room, room: Room) -> None:
    sent = ann.do("POST", f"rooms/{hall.pk}/messages", {"message": "x"})
    elsewhere = program(ann.user, Grant(rooms=frozenset({room.pk})))
    for name in sorted(set(ALL) - FOR_ALL):
        method, path, operation = ALL[name]
        place = address(path, hall.pk, sent["id"])
        if "room_id" in path or "message_id" in path:
            assert elsewhere.refused(method, place, body(operation)) == "404 not_found", name
        elif not operation.for_some_rooms:
            assert elsewhere.refused(method, place, body(operation)) == "403 forbidden", name


def test_strangers_find_no_room_and_no_message(ann: Program, cyd: Program, room: Room) -> None:
    sent = ann.do("POST", f"rooms/{room.pk}/messages", {"message": "x"})
    asked = {
        "message": "x",
        "name": "x",
        "seq": 1,
        "emoji": "👍",
        "role": "member",
        "people": ["cyd"],
        "username": "ann",
        "level": "all",
        "accept": True,
        "text": "/x",
    }
    for name, (method, path, operation) in ALL.items():
        if "room_id" not in path and "message_id" not in path:
            continue
        place = address(path, room.pk, sent["id"]) + ("?seq=1" if "around" in path else "")
        if name == "DELETE api/v1/messages/<id:message_id>/save/":
            continue  # what one has saved is let go of, whatever became of it
        taken = None if operation.takes is None else asked
        assert cyd.refused(method, place, taken) == "404 not_found", name
