"""What is in a Loopchat database before a load begins: people, rooms, old messages."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class RoomPlan:
    """A room, its members (numbers of people) and how many messages it already holds."""

    members: tuple[int, ...]
    messages: int = 0


@dataclass(frozen=True, slots=True)
class World:
    """All that is seeded; everybody gets a token."""

    people: int
    rooms: tuple[RoomPlan, ...] = field(default=())

    def as_json(self) -> str:
        """For the seeding process."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> World:
        """What `as_json` wrote."""
        data = json.loads(text)
        rooms = (RoomPlan(tuple(r["members"]), r["messages"]) for r in data["rooms"])
        return cls(data["people"], tuple(rooms))

    @classmethod
    def hall(cls, members: int) -> World:
        """Everybody in one room."""
        return cls(members, (RoomPlan(tuple(range(members))),))

    @classmethod
    def village(cls, people: int, rooms: int, rooms_each: int, messages: int = 0) -> World:
        """Everybody in some of many rooms, spread evenly."""
        members: list[list[int]] = [[] for _ in range(rooms)]
        for person in range(people):
            for step in range(rooms_each):
                members[(person + step * max(rooms // rooms_each, 1)) % rooms].append(person)
        return cls(people, tuple(RoomPlan(tuple(inside), messages) for inside in members if inside))


@dataclass(frozen=True, slots=True)
class Seeded:
    """What the seeding process made: a token for each person, an id for each room."""

    tokens: tuple[str, ...]
    rooms: tuple[int, ...]
