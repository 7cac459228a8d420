"""Who is in a room, and who may not come back."""

from __future__ import annotations

from loopchat.api import shapes
from loopchat.api.asking import Asker
from loopchat.api.endpoint import Endpoint
from loopchat.api.operations import operation
from loopchat.api.paging import listed, paged
from loopchat.api.people import with_presence
from loopchat.api.rooms import person
from loopchat.chat import reading, rooms
from loopchat.realtime import events


class Members(Endpoint):
    """The people of a room."""

    @operation(query=shapes.MemberSearch, gives=shapes.Listed[events.Member], for_guests=True)
    def get(self, asker: Asker, query: shapes.MemberSearch, *, room_id: int) -> object:
        """Who is in a room, owners first; with `q` those who have it in their name."""
        text = query.q if query.q.isprintable() else ""
        page = reading.members(asker.user, room_id, text=text, after=query.after, limit=query.limit)
        return listed(asker, page.members, None if page.next is None else {"after": page.next})

    @operation(takes=shapes.Invited, gives=shapes.Listed[events.Member])
    def post(self, asker: Asker, body: shapes.Invited, *, room_id: int) -> object:
        """Bring people in."""
        rooms.invite(room_id, asker.user, [person(name, field="people") for name in body.people])
        page = reading.members(asker.user, room_id)
        return listed(asker, page.members, None if page.next is None else {"after": page.next})


class OneMember(Endpoint):
    """Somebody in a room."""

    @operation(takes=shapes.Role, gives=shapes.Placed)
    def patch(self, asker: Asker, body: shapes.Role, *, room_id: int, username: str) -> object:
        """Give somebody another role."""
        seq = rooms.set_role(room_id, asker.user, person(username), body.role)
        return shapes.Placed(seq or None)

    @operation(gives=shapes.Placed)
    def delete(self, asker: Asker, *, room_id: int, username: str) -> object:
        """Take somebody out; they may come back."""
        return shapes.Placed(rooms.kick(room_id, asker.user, person(username)))


class Bans(Endpoint):
    """Who may not come back."""

    @operation(query=shapes.ByName, gives=shapes.Listed[events.Person])
    def get(self, asker: Asker, query: shapes.ByName, *, room_id: int) -> object:
        """Who was banned, for those who may ban."""
        most = query.limit + 1
        found = rooms.banned(room_id, asker.user, after=query.after, most=most)
        people = with_presence(asker, found)
        return paged(asker, people, query.limit, lambda one: {"after": one.username})

    @operation(takes=shapes.Somebody, gives=shapes.Placed)
    def post(self, asker: Asker, body: shapes.Somebody, *, room_id: int) -> object:
        """Take somebody out and keep them out."""
        return shapes.Placed(rooms.ban(room_id, asker.user, person(body.username)))


class OneBan(Endpoint):
    """Somebody who may not come back."""

    @operation()
    def delete(self, asker: Asker, *, room_id: int, username: str) -> None:
        """Let somebody come back."""
        rooms.unban(room_id, asker.user, person(username))
