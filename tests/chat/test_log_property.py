"""Random lives of two rooms, told twice: to the database in batches, and to a simple model."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loopchat.accounts.models import User
from loopchat.chat import cursors, log, posting, wire
from loopchat.chat.cursors import Move, Position
from loopchat.chat.doors import Invite, Join, Leave, Remove
from loopchat.chat.founding import Change
from loopchat.chat.ledger import Done
from loopchat.chat.log import Operation
from loopchat.chat.models import Membership, Room
from loopchat.core.errors import Refused
from tests.chat.replica import Replica
from tests.chat.simple import Model, Outcome, Said
from tests.chat.stage import Told, actor, people, room_of, stored

pytestmark = pytest.mark.django_db

KINDS = ["public", "private"]
CREW = 3
EMOJI = ["👍", "🎉"]
ABOUT_MESSAGES = ("edit", "delete", "react", "pin")

person_ = st.integers(0, CREW - 1)
room_ = st.integers(0, len(KINDS) - 1)
some = st.integers(0, 10**6)
text_ = st.sampled_from(["one", "two", "three"])

SENDING = st.tuples(st.just("send"), room_, person_, text_, st.integers(0, 30), some)
OTHERS = [
    st.tuples(st.just("edit"), person_, some, text_),
    st.tuples(st.just("delete"), person_, some),
    st.tuples(st.just("react"), person_, some, st.sampled_from(EMOJI), st.booleans()),
    st.tuples(st.just("pin"), person_, some, st.booleans()),
    st.tuples(st.just("join"), room_, person_),
    st.tuples(st.just("invite"), room_, person_, person_),
    st.tuples(st.just("leave"), room_, person_),
    st.tuples(st.just("kick"), room_, person_, person_),
    st.tuples(st.just("rename"), room_, person_, text_),
]
READING = st.tuples(st.just("read"), room_, person_, st.integers(0, 60))
BATCH = st.lists(st.one_of(SENDING, SENDING, SENDING, *OTHERS), min_size=4, max_size=15)
LIFE = st.lists(st.one_of(BATCH, BATCH, READING.map(lambda one: [one])), min_size=3, max_size=12)


class World:
    """Both tellings side by side, and a client of everybody in every room."""

    def __init__(self) -> None:
        tag = uuid.uuid4().hex[:8]
        self.crew: list[User] = people(*(f"p{n}-{tag}" for n in range(CREW)))
        self.places: list[Room] = [
            room_of(*self.crew, kind=kind, name=f"room {tag}") for kind in KINDS
        ]
        self.model = Model(KINDS, CREW)
        for simple, place in zip(self.model.rooms, self.places, strict=True):
            simple.name = place.name
        self.ids: dict[int, int] = {}
        self.cids = [uuid.uuid4() for _ in range(31)]
        self.clients = {
            (room, who): Replica(self.crew[who], place.pk)
            for room, place in enumerate(self.places)
            for who in range(CREW)
        }

    def live(self, batch: list[tuple[Any, ...]]) -> None:
        """Do it in both, and compare everything."""
        known = [m for room in self.model.rooms for m in room.said]
        if batch[0][0] == "read":
            self._read(*batch[0][1:])
            self._compare_state()
            return
        plans = [self._plan(act, known) for act in batch]
        plans = [plan for plan in plans if plan is not None]
        appended = log.append([operation for operation, _, _ in plans])
        for (_, expected, said), outcome in zip(plans, appended.outcomes, strict=True):
            assert _short(outcome) == expected
            if said is not None and isinstance(outcome, Done):
                assert self.ids.setdefault(id(said), outcome.id) == outcome.id
        told = Told()
        told.take(appended.committed, ())
        self._fold(told)
        self._compare_state()

    def _plan(
        self, act: tuple[Any, ...], known: list[Said]
    ) -> tuple[Operation, Outcome, Said | None] | None:
        """The operation, and what the model says must come of it."""
        name, *rest = act
        if name in ABOUT_MESSAGES and not known:
            return None
        operation: Operation
        said = None
        if name == "send":
            room, who, text, cid, pick = rest
            reply = known[pick % len(known)] if known and pick % 3 == 0 else None
            operation = posting.Send.draft(
                self.places[room].pk,
                actor(self.crew[who]),
                cid=self.cids[cid],
                body=text,
                reply_to=self.ids[id(reply)] if reply else None,
            )
            expected, said = self.model.send(room, who, text, cid, reply)
        elif name in ABOUT_MESSAGES:
            who, pick, *more = rest
            target = known[pick % len(known)]
            place, me = self.places[target.room].pk, actor(self.crew[who])
            message = self.ids[id(target)]
            operation = {
                "edit": lambda text: posting.Edit.draft(place, me, message_id=message, body=text),
                "delete": lambda: posting.Delete(place, me, message),
                "pin": lambda on: posting.Pin(place, me, message, on),
                "react": lambda emoji, on: posting.React.draft(
                    place, me, message_id=message, emoji=emoji, on=on
                ),
            }[name](*more)
            expected = getattr(self.model, name)(who, target, *more)
        else:
            operation = self._door(name, *rest)
            expected = getattr(self.model, name)(*rest)
        return operation, expected, said

    def _door(self, name: str, room: int, who: int, *more: Any) -> Operation:
        place, me = self.places[room].pk, actor(self.crew[who])
        if name == "join":
            return Join(place, me)
        if name == "leave":
            return Leave(place, me)
        if name == "rename":
            return Change(place, me, name=more[0])
        other = actor(self.crew[more[0]])
        return Invite(place, me, other) if name == "invite" else Remove(place, me, other, "kick")

    def _read(self, room: int, who: int, seq: int) -> None:
        key = (self.places[room].pk, self.crew[who].pk)
        outcome = cursors.advance({key: Move(actor(self.crew[who]), read=seq)}).outcomes[key]
        expected = self.model.read(room, who, seq)
        if isinstance(outcome, Position):
            assert outcome.read == expected
            self.clients[room, who].summary["unread"] = outcome.unread
        else:
            assert outcome.code == expected

    def _fold(self, told: Told) -> None:
        """Give every client what was told of its rooms, up to its own removal."""
        for room, place in enumerate(self.places):
            for event in told.log(place.pk):
                self._give(room, event)
            for who in self.model.rooms[room].members:
                if (room, who) not in self.clients:  # has come in with this batch
                    self.clients[room, who] = Replica(self.crew[who], place.pk)

    def _give(self, room: int, event: dict[str, Any]) -> None:
        for who in range(CREW):
            client = self.clients.get((room, who))
            if client is None:
                continue
            client.fold([event])
            mine = event["type"] == "membership" and event["uid"] == self.crew[who].pk
            if mine and event["kind"] in ("leave", "kick"):
                del self.clients[room, who]

    def _compare_state(self) -> None:
        for room, place in enumerate(self.places):
            simple = self.model.rooms[room]
            whole = stored(place)
            assert [e["seq"] for e in whole] == list(range(1, len(simple.log) + 1))
            assert [e["type"] for e in whole] == simple.log
            place.refresh_from_db()
            assert (place.head, place.message_count, place.member_count, place.name) == (
                len(simple.log),
                len(simple.said),
                len(simple.members),
                simple.name,
            )
            texts = {e["id"]: e.get("message") for e in whole if e["type"] == "chat_message"}
            assert texts == {self.ids[id(m)]: None if m.is_deleted else m.text for m in simple.said}
            inside = Membership.objects.filter(room=place, left_seq=None)
            assert {m.user_id: (wire.unread(place, m), m.read_seq) for m in inside} == {
                self.crew[who].pk: (simple.unread(who), member.read)
                for who, member in simple.members.items()
            }

    def compare_clients(self) -> None:
        """What they hold, folded event by event, is what they would read now."""
        for client in self.clients.values():
            client.check()


def _short(outcome: Done | Refused) -> Outcome:
    return outcome.code if isinstance(outcome, Refused) else outcome.seq


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(LIFE)
def test_any_life_of_a_room_is_what_the_model_says(db: None, life: list[list[Any]]) -> None:
    world = World()
    for batch in life:
        world.live(batch)
    world.compare_clients()


def test_the_model_is_really_compared(db: None) -> None:
    """A model with another opinion is noticed."""
    world = World()
    world.live([("send", 0, 0, "one", 1, 1)])
    world.model.rooms[0].log.append("edited")
    with pytest.raises(AssertionError):
        world.live([("send", 0, 0, "two", 2, 1)])
