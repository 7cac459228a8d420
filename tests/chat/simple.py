"""The rules of a room's log in the simplest words: lists and counting, no database.

Each operation says what must come out: a seq, None for "nothing changed", or the code of a refusal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

Outcome = int | str | None


@dataclass
class Said:
    """A message."""

    room: int
    seq: int
    author: int
    text: str
    is_deleted: bool = False
    is_pinned: bool = False
    edited_at: int = 0
    deleted_at: int = 0
    reactions: set[tuple[int, str]] = field(default_factory=set)


@dataclass
class Member:
    """Somebody in a room."""

    role: str
    read: int
    joined: int


@dataclass
class SimpleRoom:
    """What is in a room."""

    kind: str
    log: list[str] = field(default_factory=list)
    members: dict[int, Member] = field(default_factory=dict)
    left: dict[int, int] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    name: str = ""

    def add(self, what: str) -> int:
        self.log.append(what)
        return len(self.log)

    def unread(self, who: int) -> int:
        """By counting."""
        read = self.members[who].read
        return sum(m.author != who and m.seq > read for m in self.said)


class Model:
    """Some rooms."""

    def __init__(self, kinds: list[str], crew: int) -> None:
        """The first of the crew owns the rooms; all are in them."""
        self.rooms = [SimpleRoom(kind) for kind in kinds]
        self.cids: dict[tuple[int, int], tuple[int, str, int | None, Said]] = {}
        for room in self.rooms:
            for who in range(crew):
                self._enter(room, who)
            room.members[0].role = "owner"

    def send(
        self, room: int, who: int, text: str, cid: int, reply: Said | None
    ) -> tuple[Outcome, Said | None]:
        known = self.cids.get((who, cid))
        sent = (room, text, id(reply) if reply else None)
        if known is not None:
            return (known[3].seq, known[3]) if known[:3] == sent else ("cid_conflict", None)
        place = self.rooms[room]
        if refusal := self._outside(place, who):
            return refusal, None
        if reply is not None and reply.room != room:
            return "not_found", None
        nothing_unread = place.unread(who) == 0
        said = Said(room, place.add("chat_message"), who, text)
        place.said.append(said)
        self.cids[who, cid] = (*sent, said)
        if nothing_unread:
            place.members[who].read = said.seq
        return said.seq, said

    def edit(self, who: int, said: Said, text: str) -> Outcome:
        place = self.rooms[said.room]
        if refusal := self._outside(place, who):
            return refusal
        if said.author != who:
            return "forbidden"
        if said.is_deleted:
            return "not_found"
        if said.text == text:
            return said.edited_at or said.seq
        said.text, said.edited_at = text, place.add("edited")
        return said.edited_at

    def delete(self, who: int, said: Said) -> Outcome:
        place = self.rooms[said.room]
        if refusal := self._outside(place, who):
            return refusal
        if said.author != who and place.members[who].role == "member":
            return "forbidden"
        if not said.is_deleted:
            said.is_deleted, said.deleted_at = True, place.add("deleted")
            said.is_pinned = False
            said.reactions.clear()
        return said.deleted_at

    def pin(self, who: int, said: Said, on: bool) -> Outcome:
        place = self.rooms[said.room]
        if refusal := self._outside(place, who):
            return refusal
        if place.members[who].role == "member":
            return "forbidden"
        if said.is_deleted:
            return "not_found"
        if said.is_pinned == on:
            return None
        said.is_pinned = on
        return place.add("pinned")

    def react(self, who: int, said: Said, emoji: str, on: bool) -> Outcome:
        place = self.rooms[said.room]
        if refusal := self._outside(place, who):
            return refusal
        if said.is_deleted:
            return "not_found"
        if ((who, emoji) in said.reactions) == on:
            return None
        (said.reactions.add if on else said.reactions.discard)((who, emoji))
        return place.add("reaction")

    def join(self, room: int, who: int) -> Outcome:
        place = self.rooms[room]
        if who in place.members:
            return place.members[who].joined
        if place.kind != "public":
            return "not_found"
        return self._enter(place, who)

    def invite(self, room: int, by: int, who: int) -> Outcome:
        place = self.rooms[room]
        if refusal := self._outside(place, by):
            return refusal
        if place.kind == "private" and place.members[by].role == "member":
            return "forbidden"
        return None if who in place.members else self._enter(place, who)

    def leave(self, room: int, who: int) -> Outcome:
        place = self.rooms[room]
        if who in place.left and who not in place.members:
            return place.left[who]
        if refusal := self._outside(place, who):
            return refusal
        if place.members[who].role == "owner" and len(place.members) > 1:
            return "conflict"  # there is one owner here
        return self._exit(place, who)

    def kick(self, room: int, by: int, who: int) -> Outcome:
        place = self.rooms[room]
        if refusal := self._outside(place, by):
            return refusal
        if place.members[by].role == "member":
            return "forbidden"
        if who not in place.members:
            return "not_found"
        if place.members[who].role == "owner":
            return "forbidden"
        return self._exit(place, who)

    def rename(self, room: int, who: int, name: str) -> Outcome:
        place = self.rooms[room]
        if refusal := self._outside(place, who):
            return refusal
        if place.members[who].role == "member":
            return "forbidden"
        if place.name == name:
            return None
        place.name = name
        return place.add("room")

    def read(self, room: int, who: int, seq: int) -> Outcome:
        place = self.rooms[room]
        if refusal := self._outside(place, who):
            return refusal
        member = place.members[who]
        member.read = max(member.read, min(seq, len(place.log)))
        return member.read

    def _enter(self, place: SimpleRoom, who: int) -> int:
        seq = place.add("membership")
        place.members[who] = Member("member", seq, seq)
        return seq

    def _exit(self, place: SimpleRoom, who: int) -> int:
        del place.members[who]
        place.left[who] = place.add("membership")
        return place.left[who]

    def _outside(self, place: SimpleRoom, who: int) -> str | None:
        if who in place.members:
            return None
        return "forbidden" if place.kind == "public" else "not_found"


Step = Callable[[Model], Outcome]
