"""People, rooms and what was told about them: the scenery of the tests of `chat`."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction

from loopchat.accounts.models import User
from loopchat.chat import log, messages, posting, reading, rooms
from loopchat.chat.ledger import Actor, Done
from loopchat.chat.log import Operation
from loopchat.chat.models import Membership, Room
from loopchat.contacts import privacy
from loopchat.contacts.models import Friendship
from loopchat.core.errors import Refused
from loopchat.realtime import publish
from loopchat.realtime.outbox import Aside, Committed, Entry, Replies
from tests.chat.replica import plain

Event = dict[str, Any]

KINDS = ("public", "private", "direct", "group")
STANDINGS = ("stranger", "former", "banned", "member", "moderator", "owner")


class Told:
    """Stands where the hub stands, without a loop: keeps what it was told, in order."""

    def __init__(self) -> None:
        self.committed: list[Committed] = []

    def take(self, committed: Committed, replies: Replies) -> None:
        self.committed.append(committed)
        for reply, outcome in replies:
            reply(outcome)

    def call_soon_threadsafe(self, call: Callable[..., None], *arguments: object) -> None:
        call(*arguments)

    def entries(self, room_id: int) -> list[Entry]:
        """What was told of a room's log."""
        return [entry for told in self.committed for entry in told.rooms.get(room_id, ())]

    def log(self, room_id: int) -> list[Event]:
        """The same, decoded."""
        return [json.loads(entry.data) for entry in self.entries(room_id)]

    def asides(self) -> list[tuple[str, Event, int | None]]:
        """What was told outside of logs: topic, event, whom to skip."""
        return [_opened(aside) for told in self.committed for aside in told.asides]

    def people(self) -> set[int]:
        """Whose rights were said to have changed."""
        return set().union(*(told.people for told in self.committed))

    def gone(self) -> set[int]:
        """Rooms that were said to be gone."""
        return set().union(*(told.gone for told in self.committed))

    def clear(self) -> None:
        """Forget it."""
        self.committed.clear()


@contextmanager
def listening() -> Iterator[Told]:
    """Hear what is told after commits."""
    told = Told()
    publish.attach(told, told)  # type: ignore[arg-type]
    try:
        yield told
    finally:
        publish.detach()


def person(username: str) -> User:
    """A new account."""
    return User.objects.create(username=username)


def people(*usernames: str) -> list[User]:
    """New accounts."""
    return [person(username) for username in usernames]


def room_of(owner: User, *members: User, kind: str = "private", **options: Any) -> Room:
    """A room of these people; the first is its owner."""
    name = options.pop("name", "" if kind == "group" else f"Room {uuid.uuid4().hex[:8]}")
    return rooms.create(owner, kind=kind, name=name, people=members, **options)


def direct_of(one: User, other: User) -> Room:
    """The conversation of two people, opened by both."""
    rooms.open_direct(one, other.username)
    return rooms.open_direct(other, one.username)


def send(room: Room | int, author: User, text: str = "hello", **options: Any) -> Done:
    """A message with a cid of its own."""
    room_id = room if isinstance(room, int) else room.pk
    options.setdefault("cid", uuid.uuid4())
    return messages.send(room_id, rooms.actor(author), body=text, **options)


def draft(room: Room, author: User, text: str = "hello", **options: Any) -> posting.Send:
    """A message that is not stored yet."""
    options.setdefault("cid", uuid.uuid4())
    options.setdefault("reply_to", None)
    return posting.Send.draft(room.pk, rooms.actor(author), body=text, **options)


def append(*operations: Operation) -> list[Any]:
    """The outcomes of one batch: what was done, or the code of the refusal."""
    return [code_or_done(outcome) for outcome in log.append(operations).outcomes]


def code_or_done(outcome: Done | Refused) -> Any:
    """A refusal as its code."""
    return outcome.code if isinstance(outcome, Refused) else outcome


def membership(room: Room, who: User) -> Membership:
    """As it is in the database now."""
    return Membership.objects.get(room=room, user=who)


def head(room: Room) -> int:
    """As it is in the database now."""
    return Room.objects.values_list("head", flat=True).get(pk=room.pk)


def seqs(room: Room) -> list[int]:
    """The whole log's numbers, as they are read."""
    return [entry.seq for entry in log.read(room.pk, after=0, upto=10**9)]


def stored(room: Room) -> list[Event]:
    """The whole log, as it is read."""
    return [json.loads(entry.data) for entry in log.read(room.pk, after=0, upto=10**9)]


def actor(who: User) -> Actor:
    """A person as the log knows them."""
    return rooms.actor(who)


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens in here has not happened afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def outcome_of(act: Callable[[], object]) -> str:
    """`ok`, or the code of the refusal; nothing of it stays."""
    with undone():
        try:
            act()
        except Refused as no:
            return no.code
        return "ok"
    raise AssertionError("unreachable")


class Company:
    """A room with somebody of every standing in it, or not in it.

    `other` is one more member, to whom things are done and who has said something; in a direct
    room that is the member.
    """

    def __init__(self, kind: str) -> None:
        tag = uuid.uuid4().hex[:6]
        self.by: dict[str, User] = {name: person(f"{name}-{tag}") for name in STANDINGS}
        self.other = self["member"] if kind == "direct" else person(f"other-{tag}")
        self.guest = person(f"guest-{tag}")
        self.room = self._opened(kind)
        self.said = send(self.room, self.other, "said by the other")

    def __getitem__(self, standing: str) -> User:
        return self.by[standing]

    def _opened(self, kind: str) -> Room:
        owner, member = self["owner"], self["member"]
        if kind == "direct":  # both are members there, and nobody can go
            return rooms.open_direct(member, owner.username)
        inside = [self["former"], self["banned"], member, self["moderator"], self.other]
        room = room_of(owner, *inside, kind=kind)
        rooms.set_role(room.pk, owner, self["moderator"], "moderator")
        rooms.leave(room.pk, self["former"])
        rooms.ban(room.pk, owner, self["banned"])
        return room


def _opened(aside: Aside) -> tuple[str, Event, int | None]:
    return aside.topic, json.loads(aside.data), aside.skip


def befriend(one: User, *others: User) -> None:
    """They are friends."""
    for other in others:
        first, second = sorted((one, other), key=lambda person: person.pk)
        Friendship.objects.get_or_create(first=first, second=second)


def choosy(who: User, rule: str = "friends") -> None:
    """From now on only these may write to this person without being asked about."""
    privacy.change(who.pk, write=rule)


def listed(who: User) -> dict[int, Event]:
    """The rooms that somebody sees, by their ids."""
    return {one.room: plain(one) for one in reading.overview(who).rooms}


def refused(code: str) -> pytest.RaisesExc[Refused]:
    """Expect a refusal with this code."""
    return pytest.raises(Refused, check=lambda no: no.code == code)
