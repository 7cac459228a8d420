"""The usual forms of an operation: what it is about, and whose rows it needs."""

from __future__ import annotations

from dataclasses import dataclass

from loopchat.chat.ledger import Actor, Needs


@dataclass(frozen=True, slots=True)
class Own:
    """Somebody does something in a room by themselves."""

    room_id: int
    person: Actor

    def needs(self, needs: Needs) -> None:
        needs.want(self.room_id, self.person.id)


@dataclass(frozen=True, slots=True)
class Upon:
    """Somebody does something to somebody in a room."""

    room_id: int
    by: Actor
    person: Actor

    def needs(self, needs: Needs) -> None:
        needs.want(self.room_id, self.by.id, self.person.id)


@dataclass(frozen=True, slots=True)
class OnMessage(Own):
    """Somebody does something with a message of a room."""

    message_id: int

    def needs(self, needs: Needs) -> None:
        needs.want(self.room_id, self.person.id, message=self.message_id)
