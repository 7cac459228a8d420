"""Rooms: mine, one, those one may join."""

from __future__ import annotations

from loopchat.accounts import people as accounts
from loopchat.accounts.models import User
from loopchat.api import shapes
from loopchat.api.asking import Asker
from loopchat.api.endpoint import Endpoint
from loopchat.api.operations import Given, operation
from loopchat.api.paging import listed
from loopchat.chat import access, reading, rooms, wire
from loopchat.chat.models import Room
from loopchat.core.errors import Refused
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
            ts, _, pk = query.before.partition("-")
            place = (int(ts), int(pk))
            mine = [one for one in mine if (one.room.updated_ts, one.room_id) < place]
        page = mine[: query.limit]
        behind: dict[str, object] | None = None
        if len(mine) > query.limit:
            behind = {"before": f"{page[-1].room.updated_ts}-{page[-1].room_id}"}
        return listed(asker, reading.summaries(page), behind)

    @operation(takes=shapes.NewRoom, gives=events.RoomSummary, status=201)
    def post(self, asker: Asker, body: shapes.NewRoom) -> object:
        """Make a room or a group, with people in it."""
        made = rooms.create(
            asker.user,
            kind=body.kind,
            name=body.name,
            topic=body.topic,
            history=body.history,
            people=[person(name, field="people") for name in body.people],
        )
        place = {"Location": f"/api/v1/rooms/{made.pk}"}
        return Given(reading.summary(asker.actor, made.pk), headers=place)


class PublicRooms(Endpoint):
    """Rooms that one could join."""

    @operation(query=shapes.Search, gives=shapes.Listed[events.PublicRoom])
    def get(self, asker: Asker, query: shapes.Search) -> object:
        """Public rooms that I am not in, by a part of their name, the most lively first."""
        return listed(asker, [wire.offer(room) for room in rooms.find(asker.user, query.q)], None)


class OneRoom(Endpoint):
    """A room."""

    @operation(gives=events.RoomSummary, for_guests=True)
    def get(self, asker: Asker, *, room_id: int) -> object:
        """A room of mine."""
        return room_of(asker, room_id)

    @operation(takes=shapes.RoomChange, gives=events.RoomSummary)
    def patch(self, asker: Asker, body: shapes.RoomChange, *, room_id: int) -> object:
        """Give it another name or topic, archive it, open it again."""
        room_of(asker, room_id)
        if body.name is not None:
            rooms.rename(room_id, asker.user, body.name)
        if body.topic is not None:
            rooms.set_topic(room_id, asker.user, body.topic)
        if body.archived is not None:
            rooms.archive(room_id, asker.user, body.archived)
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


class Directs(Endpoint):
    """Conversations of two."""

    @operation(takes=shapes.Somebody, gives=events.RoomSummary)
    def post(self, asker: Asker, body: shapes.Somebody) -> object:
        """Find the direct conversation with somebody, or make it."""
        return reading.summary(asker.actor, rooms.open_direct_of(asker.actor, body.username))


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
