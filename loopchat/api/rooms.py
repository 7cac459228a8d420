"""Rooms: mine, one, those one may join."""

from __future__ import annotations

from loopchat.accounts import people as accounts
from loopchat.accounts import rates
from loopchat.accounts.models import User
from loopchat.api import shapes
from loopchat.api.asking import Asker
from loopchat.api.endpoint import Endpoint
from loopchat.api.operations import Given, operation
from loopchat.api.paging import listed
from loopchat.chat import access, reading, rooms, wire
from loopchat.chat.models import Room
from loopchat.core.errors import Refused
from loopchat.core.limits import refuse_often
from loopchat.realtime import events


class Rooms(Endpoint):
    """My rooms."""

    @operation(
        query=shapes.RoomPage,
        gives=shapes.Listed[events.RoomSummary],
        for_guests=True,
        for_some_rooms=True,
    )
    def get(self, asker: Asker, query: shapes.RoomPage) -> object:
        """My rooms, those where something happened last first."""
        mine = reading.memberships_of(asker.user.pk)
        wanted = asker.grant.of(one.room_id for one in mine)
        mine = [one for one in mine if one.room_id in wanted]
        mine.sort(key=lambda one: (one.room.updated_ts, one.room_id), reverse=True)
        if query.before is not None:
            place = _read_place(query.before)
            mine = [one for one in mine if (one.room.updated_ts, one.room_id) < place]
        page = mine[: query.limit]
        behind = _place(page[-1].room) if len(mine) > query.limit else None
        return listed(asker, reading.summaries(page), behind)

    @operation(
        takes=shapes.NewRoom,
        gives=events.RoomSummary,
        status=201,
        also={200: events.RoomSummary},
        headers={"Idempotency-Key": "Any text that names this room: again it is made once."},
    )
    def post(self, asker: Asker, body: shapes.NewRoom) -> object:
        """Make a room or a group, with people in it. 200 says that it was made before."""
        refuse_often(rates.founds.take(asker.user.pk))
        made, was_there = rooms.create_once(
            asker.user,
            asker.key,
            kind=body.kind,
            name=body.name,
            topic=body.topic,
            history=body.history,
            people=[person(name, field="people") for name in body.people],
        )
        place = {"Location": f"/api/v1/rooms/{made.pk}"}
        return Given(room_of(asker, made.pk), 200 if was_there else 201, headers=place)


class PublicRooms(Endpoint):
    """Rooms that one could join."""

    @operation(query=shapes.Offers, gives=shapes.Listed[events.PublicRoom])
    def get(self, asker: Asker, query: shapes.Offers) -> object:
        """Public rooms that I am not in, by a part of their name, the most lively first."""
        before = _read_place(query.before) if query.before is not None else None
        found = rooms.find(asker.user, query.q, before=before, most=query.limit + 1)
        page = found[: query.limit]
        behind = _place(page[-1]) if len(found) > query.limit else None
        return listed(asker, [wire.offer(room) for room in page], behind)


class OneRoom(Endpoint):
    """A room."""

    changeable = ("name", "topic", "archived")

    @operation(gives=events.RoomSummary, for_guests=True)
    def get(self, asker: Asker, *, room_id: int) -> object:
        """A room of mine."""
        return room_of(asker, room_id)

    @operation(takes=shapes.RoomChange, gives=events.RoomSummary)
    def patch(self, asker: Asker, body: shapes.RoomChange, *, room_id: int) -> object:
        """Give it another name or topic, archive it, open it again."""
        seen = asker.seen if isinstance(asker.seen, events.RoomSummary) else None
        room_of(asker, room_id)
        rooms.change(
            room_id,
            asker.user,
            name=body.name,
            topic=body.topic,
            archived=body.archived,
            seen=None if seen is None else (seen.name, seen.topic, seen.archived),
        )
        return room_of(asker, room_id)

    @operation()
    def delete(self, asker: Asker, *, room_id: int) -> None:
        """Delete a room with everything in it, for everybody."""
        rooms.delete(room_id, asker.user)


class Join(Endpoint):
    """The way in."""

    @operation(gives=events.RoomSummary)
    def post(self, asker: Asker, *, room_id: int) -> object:
        """Enter a public room."""
        rooms.join(room_id, asker.user)
        return room_of(asker, room_id)


class Leave(Endpoint):
    """The way out."""

    @operation(gives=shapes.Placed, for_guests=True)
    def post(self, asker: Asker, *, room_id: int) -> object:
        """Leave a room; `seq` is the last event that I get of it."""
        return shapes.Placed(rooms.leave(room_id, asker.user))


class MakeRoom(Endpoint):
    """A group that becomes a room."""

    @operation(takes=shapes.RoomName, gives=events.RoomSummary)
    def post(self, asker: Asker, body: shapes.RoomName, *, room_id: int) -> object:
        """Turn a group into a private room with a name; its log and its people stay."""
        rooms.make_room(room_id, asker.user, body.name)
        return room_of(asker, room_id)


class Directs(Endpoint):
    """Conversations of two."""

    @operation(takes=shapes.Somebody, gives=events.RoomSummary)
    def post(self, asker: Asker, body: shapes.Somebody) -> object:
        """Find the direct conversation with somebody, or make it."""
        return reading.summary(asker.actor, rooms.open_direct_of(asker.actor, body.username))


def _place(room: Room) -> dict[str, object]:
    return {"before": f"{room.updated_ts}-{room.pk}"}


def _read_place(text: str) -> tuple[int, int]:
    ts, _, pk = text.partition("-")
    return int(ts), int(pk)


def room_of(asker: Asker, room_id: int) -> events.RoomSummary:
    """A room of who asks; of a public one it is said that it could be joined."""
    try:
        return reading.summary(asker.actor, room_id)
    except Refused:
        if reading.visible_room(asker.user.pk, room_id).kind == Room.Kind.PUBLIC:
            raise Refused("forbidden", "Join the room first.") from None
        raise access.not_found() from None


def person(username: str, *, field: str = "username") -> User:
    """Somebody by name."""
    found = accounts.find(username)
    if found is None:
        raise Refused("not_found", "There is nobody with this name.", field=field)
    return found
