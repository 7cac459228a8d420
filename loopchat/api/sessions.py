"""Rooms and messages under other words: sessions with participants, messages with a content.

For scripts that were written for a chat with these addresses. Lists are plain arrays, as theirs
were; what is older than a page is at the address in the `Link` header.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Final
from urllib.parse import urlencode

import msgspec

from loopchat.accounts import rates
from loopchat.accounts.models import User
from loopchat.api import messages
from loopchat.api.asking import Asker
from loopchat.api.endpoint import Endpoint
from loopchat.api.operations import Given, operation
from loopchat.api.rooms import person, room_of
from loopchat.api.shapes import Limit, Text
from loopchat.chat import history, reading, rooms
from loopchat.chat import messages as said
from loopchat.chat.models import Membership, Room
from loopchat.core.errors import Refused
from loopchat.core.fields import Id, Seq, Short
from loopchat.core.limits import refuse_often
from loopchat.realtime import events

Participants = Annotated[list[Id | Short], msgspec.Meta(max_length=100)]
"""People by id or by name."""


class Session(msgspec.Struct, frozen=True):
    """A room; it is active unless it is archived."""

    id: int
    name: str
    created_at: str
    updated_at: str
    participants: list[int]
    is_active: bool


class NewSession(msgspec.Struct):
    """A private room."""

    name: Short
    participants: Participants = []
    is_active: bool = True


class WholeSession(msgspec.Struct):
    """A session as it is to be."""

    name: Short
    participants: Participants | None = None
    is_active: bool = True


class SessionChange(msgspec.Struct):
    """What is to be different; what is left out stays."""

    name: Short | None = None
    participants: Participants | None = None
    is_active: bool | None = None


class SessionMessage(msgspec.Struct, frozen=True):
    """A message. One's own is read when somebody else has read it."""

    id: int
    chat_session: int
    sender: int
    sender_username: str
    content: str
    timestamp: str
    is_read: bool


class SessionText(msgspec.Struct):
    """A message for a session."""

    content: Text
    session_id: Id | None = None
    chat_session: Id | None = None


class OfSession(msgspec.Struct):
    """Which session, and what is older than `before`."""

    session_id: Id
    before: Seq | None = None
    limit: Limit = 100


class Sessions(Endpoint):
    """My sessions."""

    @operation(gives=list[Session], for_guests=True, for_some_rooms=True)
    def get(self, asker: Asker) -> object:
        """My sessions, the one that changed last first."""
        mine = reading.memberships_of(asker.user.pk)
        wanted = asker.grant.of(one.room_id for one in mine)
        return _sessions([one for one in mine if one.room_id in wanted])

    @operation(
        takes=NewSession,
        gives=Session,
        status=201,
        also={200: Session},
        forms=True,
        headers={"Idempotency-Key": "Any text that names this session: again it is made once."},
    )
    def post(self, asker: Asker, body: NewSession) -> object:
        """Make a session. 200 says that it was made before."""
        refuse_often(rates.founds.take(asker.user.pk))
        people = [other for other in _people(body.participants) if other.pk != asker.user.pk]
        options = {"kind": "private", "name": body.name, "topic": "", "history": "shared"}
        made, was_there = rooms.create_once(asker.user, asker.key, people=people, **options)
        return Given(_session(asker, made.pk), 200 if was_there else 201)


class OneSession(Endpoint):
    """A session."""

    changeable = ("name", "participants", "is_active")

    @operation(gives=Session, for_guests=True)
    def get(self, asker: Asker, *, room_id: int) -> object:
        """A session of mine."""
        return _session(asker, room_id)

    @operation(takes=WholeSession, gives=Session, forms=True)
    def put(self, asker: Asker, body: WholeSession, *, room_id: int) -> object:
        """Change a session. Without `participants` they stay, else those who are left out go."""
        change = SessionChange(
            name=body.name, participants=body.participants, is_active=body.is_active
        )
        return _changed(asker, room_id, change)

    @operation(takes=SessionChange, gives=Session, forms=True)
    def patch(self, asker: Asker, body: SessionChange, *, room_id: int) -> object:
        """Change what is given."""
        return _changed(asker, room_id, body)

    @operation()
    def delete(self, asker: Asker, *, room_id: int) -> None:
        """Delete a session with its messages."""
        rooms.delete(room_id, asker.user)


class Messages(Endpoint):
    """The messages of a session."""

    @operation(query=OfSession, gives=list[SessionMessage], for_guests=True, for_some_rooms=True)
    def get(self, asker: Asker, query: OfSession) -> object:
        """The newest messages of a session, the oldest of them first."""
        asker.grant.admit_room(query.session_id)
        page = history.page(asker.actor, query.session_id, before=query.before, limit=query.limit)
        found = [item for item in page.items if isinstance(item, events.ChatMessage)]
        shown = _messages(asker, query.session_id, found)
        if page.complete:
            return shown
        older = {"session_id": query.session_id, "before": page.start, "limit": query.limit}
        address = asker.request.build_absolute_uri(f"{asker.request.path}?{urlencode(older)}")
        return Given(shown, headers={"Link": f'<{address}>; rel="next"'})

    @operation(
        takes=SessionText,
        gives=SessionMessage,
        status=201,
        also={200: SessionMessage},
        is_send=True,
        for_guests=True,
        for_some_rooms=True,
        forms=True,
        headers={"Idempotency-Key": "Any text that names this message: again it is sent once."},
    )
    def post(self, asker: Asker, body: SessionText) -> object:
        """Send a message to a session."""
        room_id = body.session_id or body.chat_session
        if room_id is None:
            raise Refused("bad_request", "Say which session.", field="session_id")
        asker.grant.admit_room(room_id)
        said.refuse_haste(room_id, asker.user.pk)
        given = messages.sent(asker, room_id, body.content, cid=messages.cid_of(asker))
        (shown,) = _messages(asker, room_id, [given.value])  # type: ignore[list-item]
        return Given(shown, given.status)


def _changed(asker: Asker, room_id: int, body: SessionChange) -> Session:
    before = _session(asker, room_id)
    if body.participants == []:
        raise Refused(
            "bad_request",
            "An empty list would remove everybody; to be alone name yourself.",
            field="participants",
        )
    if body.is_active is True and not before.is_active:
        rooms.archive(room_id, asker.user, False)
    if body.name is not None and body.name != before.name:
        rooms.rename(room_id, asker.user, body.name)
    if body.participants is not None:
        _bring_to(asker, room_id, before.participants, _people(body.participants))
    if body.is_active is False and before.is_active:
        rooms.archive(room_id, asker.user, True)
    return _session(asker, room_id)


def _bring_to(asker: Asker, room_id: int, before: Sequence[int], people: Sequence[User]) -> None:
    """Bring in who is new; take out who is missing, but never who asks."""
    if new := [other for other in people if other.pk not in before]:
        rooms.invite(room_id, asker.user, new)
    gone = set(before) - {other.pk for other in people} - {asker.user.pk}
    for other in User.objects.filter(pk__in=gone):
        rooms.kick(room_id, asker.user, other)


def _people(given: Sequence[int | str]) -> list[User]:
    known = User.objects.in_bulk([one for one in given if isinstance(one, int)])
    found = []
    for one in given:
        other = person(one, field="participants") if isinstance(one, str) else known.get(one)
        if other is None:
            raise Refused("not_found", "There is nobody with this id.", field="participants")
        found.append(other)
    return found


def _session(asker: Asker, room_id: int) -> Session:
    room_of(asker, room_id)
    return _sessions(reading.memberships_of(asker.user.pk, [room_id]))[0]


def _sessions(mine: Sequence[Membership]) -> list[Session]:
    """In two statements, whatever the number."""
    there = Membership.objects.filter(room__in=[one.room_id for one in mine], left_seq=None)
    members: dict[int, list[int]] = {}
    for room_id, user_id in there.order_by("pk").values_list("room_id", "user_id"):
        members.setdefault(room_id, []).append(user_id)
    shown = {one.room: one.name for one in reading.summaries(mine)}
    return [_as_session(one.room, shown[one.room_id], members[one.room_id]) for one in mine]


def _as_session(room: Room, name: str, participants: list[int]) -> Session:
    return Session(
        id=room.pk,
        name=name,
        created_at=_iso(room.created_ts),
        updated_at=_iso(room.updated_ts),
        participants=participants,
        is_active=room.archived_ts is None,
    )


def _messages(
    asker: Asker, room_id: int, found: Sequence[events.ChatMessage]
) -> list[SessionMessage]:
    mine = reading.summary(asker.actor, room_id).read
    others = max((at.read for at in reading.cursors_of(asker.user.pk, room_id)), default=0)
    return [
        SessionMessage(
            id=one.id,
            chat_session=room_id,
            sender=one.uid,
            sender_username=one.username,
            content=one.message or "",
            timestamp=_iso(one.ts),
            is_read=one.seq <= (others if one.uid == asker.user.pk else mine),
        )
        for one in found
    ]


_MS: Final = 1000


def _iso(ts: int) -> str:
    return datetime.fromtimestamp(ts / _MS, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
