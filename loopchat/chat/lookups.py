"""What a batch looks up at its beginning, under the locks, all at once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from loopchat import rows
from loopchat.chat.models import Membership, Message, Reaction, Room


@dataclass(slots=True)
class Needs:
    """What the operations of a batch want to have looked up, all at once."""

    rooms: set[int] = field(default_factory=set)
    people: set[int] = field(default_factory=set)
    cids: set[UUID] = field(default_factory=set)
    messages: set[int] = field(default_factory=set)
    reactions: set[int] = field(default_factory=set)
    """Ids of messages whose reactions by `people` matter."""
    named: set[int] = field(default_factory=set)
    """People who name or answer others, and whom they name: a block between them matters."""

    def want(self, room_id: int, *people: int, message: int | None = None) -> None:
        """A room, the people who act there or are acted on, and the message that it is about."""
        self.rooms.add(room_id)
        self.people.update(people)
        if message is not None:
            self.messages.add(message)


def locked_rooms(ids: set[int]) -> list[Room]:
    """The rooms, their rows locked in the order of ids so that two batches cannot deadlock."""
    if not ids:
        return []
    where = f"{rows.in_list('id')} ORDER BY id{rows.for_update()}"
    return rows.fetch(Room, where, [rows.a_list(ids)])


def direct_key(one: int, other: int) -> str:
    """The opaque key of a direct room: the same from both sides, and made of ids, not names."""
    low, high = sorted((one, other))
    return hashlib.blake2b(f"{low}:{high}".encode(), digest_size=16).hexdigest()


FOUNDING_KEY: Final = 39
"""Digits of a founding key, for 128 bits; the 20 behind them, for 64, say what was asked for."""

_REQUEST: Final = 20


def founding_key(person_id: int, key: str, asked: object) -> str:
    """The opaque key of a room that somebody has made under a name of theirs, and as what.

    Digits only: they have the same order in the alphabets of all databases.
    """
    name = hashlib.blake2b(f"{person_id}\0{key}".encode(), digest_size=16)
    request = hashlib.blake2b(repr(asked).encode(), digest_size=8)
    return f"{int(name.hexdigest(), 16):0{FOUNDING_KEY}}{int(request.hexdigest(), 16):0{_REQUEST}}"


def founded_room(key: str) -> Room | None:
    """The room that was made under the same name, whatever it was to be; its row locked."""
    name = key[:FOUNDING_KEY]
    place = f"direct_key BETWEEN %s AND %s AND deleted_ts IS NULL{rows.for_update()}"
    found = rows.fetch(Room, place, [name + "0" * _REQUEST, name + "9" * _REQUEST])
    return found[0] if found else None


def direct_room(key: str) -> Room | None:
    """The room of two people, its row locked."""
    found = rows.fetch(Room, f"direct_key = %s AND deleted_ts IS NULL{rows.for_update()}", [key])
    return found[0] if found else None


def sent_with(cids: set[UUID]) -> dict[tuple[int, UUID], Message]:
    """Messages that were sent before with one of these cids. Looked up after the locks."""
    if not cids:
        return {}
    found = rows.fetch(Message, rows.in_list("cid"), [rows.a_list(cids)])
    return {(row.author_id, row.cid): row for row in found}


def memberships_in(needs: Needs, direct: set[int]) -> dict[tuple[int, int], Membership]:
    """The people of the batch in its rooms; of direct rooms everybody, because of blocks."""
    if not needs.rooms or not needs.people:
        return {}
    within = f"{rows.in_list('room_id')} AND {rows.in_list('user_id')}"
    found = rows.fetch(Membership, within, [rows.a_list(needs.rooms), rows.a_list(needs.people)])
    if direct:
        found += rows.fetch(Membership, rows.in_list("room_id"), [rows.a_list(direct)])
    # The first instance of a row is the one that changes; the second one is not kept.
    kept: dict[tuple[int, int], Membership] = {}
    for row in found:
        kept.setdefault((row.room_id, row.user_id), row)
    return kept


def reactions_of(needs: Needs) -> dict[tuple[int, int, str], Reaction]:
    """Reactions of the batch's people to the messages that it asks about."""
    if not needs.reactions:
        return {}
    found = Reaction.objects.filter(message__in=needs.reactions, user__in=needs.people)
    return {(row.message_id, row.user_id, row.emoji): row for row in found}
