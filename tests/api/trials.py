"""Something for each operation to be about, and a request for each that works.

What is sent is what the table of rights sends (tests/permissions/api.txt). `OTHERWISE` has the few
for which that is refused to everybody, or would be in the way of another one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

from loopchat.client import Rest
from tests.faults.backstage import Backstage, Person
from tests.permissions import table
from tests.services import Server

PASSWORD: Final = "correct horse battery"
"""Of the first of the people that are made backstage."""

GIF: Final = (
    b"GIF87a\x08\x00\x08\x00\x81\x00\x00\x10\x80@\x00\x00\x00\x00\x00\x00\x00\x00\x00,\x00\x00\x00\x00"
    b"\x08\x00\x08\x00\x00\x08\x0f\x00\x01\x08\x1cH\xb0\xa0\xc1\x83\x08\x13*L\x18\x10\x00;"
)


@dataclass(frozen=True, slots=True)
class Trial:
    """What differs from the table: places of the address, the body, its kind."""

    places: dict[str, str] = field(default_factory=dict)
    body: Any = None
    media_type: str | None = None


OTHERWISE: Final = {
    "PUT /api/v1/avatar/": Trial(body=GIF, media_type="image/gif"),
    "PUT /api/v1/bots/{bot_id}/avatar/": Trial(body=GIF, media_type="image/gif"),
    "PUT /api/v1/blocks/{username}/": Trial({"username": "fay"}),
    "PATCH /api/v1/bots/{bot_id}/webhooks/{webhook_id}/": Trial(body={"on_mention": False}),
    "POST /api/v1/friend-requests/{username}/": Trial({"username": "ben"}),
    "POST /api/v1/rooms/{room_id}/bans/": Trial(body={"username": "dan"}),
    "POST /api/v1/rooms/{room_id}/commands/": Trial(body={"text": "/deploy now"}),
    "POST /api/v1/rooms/{room_id}/leave/": Trial({"room_id": "$elsewhere"}),
    "POST /api/v1/rooms/{room_id}/make-room/": Trial({"room_id": "$group"}),
    "POST /api/v1/tokens/": Trial(body={"username": "ann", "password": PASSWORD}),
    "POST /api/v1/bots/{bot_id}/webhooks/{webhook_id}/test/": Trial({"webhook_id": "$untested"}),
    "DELETE /api/v1/rooms/{room_id}/": Trial({"room_id": "$group"}),
}


def words(backstage: Backstage, server: Server, people: list[Person]) -> dict[str, Any]:
    """A room of the first with the next three in it, and one thing of each kind."""
    ann, ben, *more = people
    room = backstage.room(ann, "One", ben, *more[:2])
    mine, bens = Rest(server.url, ann.token), Rest(server.url, ben.token)
    link = bens.call("POST", "invitations", {"room": backstage.room(ben, "Two", ann)})
    message = mine.send(room, "Hello **ben**").id
    spare = backstage.do("limited_token", person=ann.uid)
    return {
        "room": room,
        "room_id": room,
        "elsewhere": link["room"],
        "group": mine.call("POST", "rooms", {"kind": "group", "people": ["ben", "cyd"]})["room"],
        "message": message,
        "message_id": message,
        "username": "ben",
        "peer": "ben",
        "banned": "dan",
        "newcomer": "eve",
        "secret": link["url"].rstrip("/").rpartition("/")[2],
        "spare": backstage.do("limited_token", person=ann.uid, may_write=False),
        "token_id": backstage.do("token_id", token=spare),
        "device_id": backstage.do("browser", person=ann.uid),
        "invitation_id": mine.call("POST", "invitations", {"room": room})["id"],
        **_bot(mine, room, server.url),
    }


def _bot(mine: Rest, room: int, url: str) -> dict[str, int]:
    """A bot in the room, with an address to post at and two webhooks; one has been tried."""
    bot = mine.call("POST", "bots", {"name": "Deploys"})["uid"]
    hook = mine.call("POST", f"rooms/{room}/incoming-hooks", {"bot": bot})["id"]
    hooks = f"bots/{bot}/webhooks"
    commands = [{"name": "deploy"}]
    tested = mine.call("POST", hooks, {"url": f"{url}/healthz", "commands": commands})["id"]
    return {
        "bot_id": bot,
        "hook_id": hook,
        "webhook_id": tested,
        "untested": mine.call("POST", hooks, {"url": f"{url}/healthz"})["id"],
        "delivery_id": mine.call("POST", f"{hooks}/{tested}/test")["id"],
    }


def working(operation: Any, about: dict[str, Any]) -> Any:
    """The request of this operation that has to work."""
    name = f"{operation.method.upper()} {operation.path}"
    row, other = _rows()[name], OTHERWISE.get(name, Trial())
    filled = {place: table.put_in(text, about) for place, text in row.filled.items()}
    filled |= {place: table.put_in(text, about) for place, text in other.places.items()}
    places = {place: filled.get(place, about[place]) for place in _places(operation.path)}
    body = other.body or row.sent(about)
    options = {"body": body, "media_type": other.media_type or "application/json"}
    return operation.Case(
        path_parameters=places,
        query=dict(parse_qsl(table.put_in(row.query, about).removeprefix("?"))),
        **(options if operation.body else {}),
    )


def pinned(path: str, about: dict[str, Any]) -> dict[str, Any]:
    """What an address is about, when anything may be sent to it."""
    return {place: about[place] for place in _places(path)}


def _places(path: str) -> list[str]:
    return re.findall(r"{(\w+)}", path)


@cache
def _rows() -> dict[str, table.Row]:
    """The first row of each operation, by its name in the description."""
    file = Path(table.__file__).with_name("api.txt")
    found: dict[str, table.Row] = {}
    for row in table.read(file, methods=True):
        path = re.sub(r"<\w+:(\w+)>", r"{\1}", row.what)
        found.setdefault(f"{row.method} {path}", row)
    return found
