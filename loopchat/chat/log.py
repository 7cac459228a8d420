"""The log of each room: `append` a batch of operations, `read` a range.

A `seq` is taken under the room's row lock inside the write transaction, so 1, 2, 3 … has no holes
and the order of the log is the order of commits.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    transaction,
)

from loopchat import rows
from loopchat.chat import wire
from loopchat.chat.ledger import Done, Ledger, Needs
from loopchat.chat.models import Message, Room, RoomEvent
from loopchat.core.errors import Refused
from loopchat.core.rarely import Rarely
from loopchat.realtime import events
from loopchat.realtime.outbox import Committed, Entry

logger = logging.getLogger(__name__)

ATTEMPTS: Final = 3
"""How often a batch is tried when the database says that it lost a race."""

RANGES_PER_STATEMENT: Final = 100
"""Rooms whose ranges share one statement: SQLite bounds the depth of a condition."""

Outcome = Done | Refused

_rarely = Rarely()


class Operation(Protocol):
    """Something that takes a seq. `decide` raises `Refused` and then takes none."""

    def needs(self, needs: Needs) -> None:
        """Say what must be locked and looked up first."""

    def decide(self, ledger: Ledger) -> Done:
        """Decide on what the ledger holds, and stage what follows from it."""


@dataclass(slots=True)
class Appended:
    """The outcome of each operation, in order, and what there is to tell."""

    outcomes: list[Outcome]
    committed: Committed


def append(operations: Sequence[Operation]) -> Appended:
    """Write a batch in one transaction; each operation has its own outcome.

    A lost race (unique violation, deadlock, serialization failure) is tried again; on any other
    error the operations run one by one, so that only the culprit fails, unless the database itself
    is away: to wait for it once per operation would take minutes. When the connection is lost
    while COMMIT is under way nobody can know the outcome: `unavailable`, not definite.
    """
    for attempt in itertools.count(1):
        try:
            return _write(operations)
        except _Uncertain:
            lost = Refused(
                "unavailable",
                "The database went away while storing.",
                definite=False,
                retry_after_ms=1000,
            )
            return Appended([lost for _ in operations], Committed())
        except (DatabaseError, InterfaceError) as error:
            if attempt < ATTEMPTS and _lost_race(error):
                continue
            if len(operations) > 1 and not _is_away(error):
                return _one_by_one(operations)
            refused: list[Outcome] = [refusal(error) for _ in operations]
            return Appended(refused, Committed())
        except Exception:
            if len(operations) > 1:
                return _one_by_one(operations)
            raise
    raise AssertionError("unreachable")


Range = tuple[int, int]
"""`(after, upto)`: the events with `after` < seq ≤ `upto`."""


def read(room_id: int, *, after: int, upto: int) -> list[Entry]:
    """The events of a range, oldest first, with the texts as they are now.

    Nothing when the room was deleted meanwhile.
    """
    return read_many({room_id: (after, upto)}).get(room_id, [])


def read_many(ranges: Mapping[int, Range]) -> dict[int, list[Entry]]:
    """The events of a range in each of several rooms, in a fixed number of statements a hundred."""
    found: dict[int, list[Entry]] = {}
    wanted = [(room, after, upto) for room, (after, upto) in ranges.items() if upto > after]
    for chunk in _batched(wanted):
        found.update(_read_chunk(chunk))
    return found


def names_of(user_ids: set[int]) -> dict[int, str]:
    """User names by id."""
    if not user_ids:
        return {}
    named = f"SELECT id, username FROM accounts_user WHERE {rows.in_list('id')}"  # noqa: S608
    return dict(rows.select(named, [rows.a_list(user_ids)]))


def reactions_of(message_ids: Sequence[int]) -> dict[int, dict[str, events.ReactionCount]]:
    """Reactions by message and emoji, in the order of their first appearance."""
    if not message_ids:
        return {}
    found: dict[int, dict[str, list[int]]] = {}
    of_these = (
        "SELECT message_id, emoji, user_id FROM chat_reaction"  # noqa: S608
        f" WHERE {rows.in_list('message_id')} ORDER BY seq"
    )
    for message_id, emoji, user_id in rows.select(of_these, [rows.a_list(message_ids)]):
        found.setdefault(message_id, {}).setdefault(emoji, []).append(user_id)
    return {
        message_id: {
            emoji: events.ReactionCount(n=len(uids), uids=uids[: wire.REACTORS_MAX])
            for emoji, uids in by_emoji.items()
        }
        for message_id, by_emoji in found.items()
    }


def _write(operations: Sequence[Operation]) -> Appended:
    needs = Needs()
    for operation in operations:
        operation.needs(needs)
    decided = False
    try:
        with transaction.atomic():
            ledger = Ledger(needs)
            outcomes = [_decide(operation, ledger) for operation in operations]
            ledger.flush()
            told = ledger.committed()  # what cannot be told is not stored
            decided = True
    except (OperationalError, InterfaceError) as error:
        if decided and not _lost_race(error) and not _is_full(error):
            raise _Uncertain from error
        raise
    return Appended(outcomes, told)


def _decide(operation: Operation, ledger: Ledger) -> Outcome:
    try:
        return operation.decide(ledger)
    except Refused as no:
        return no


def _one_by_one(operations: Sequence[Operation]) -> Appended:
    outcomes: list[Outcome] = []
    told = Committed()
    for operation in operations:
        try:
            part = append([operation])
        except Exception:
            logger.exception("%s could not be stored", type(operation).__name__)
            outcomes.append(Refused("unavailable", "The server could not store this."))
            continue
        outcomes.extend(part.outcomes)
        told.merge(part.committed)
    return Appended(outcomes, told)


class _Uncertain(Exception):
    """COMMIT was under way when the database went away."""


_LOST_RACES: Final = ("40001", "40P01", "23505")  # serialization, deadlock, unique (PostgreSQL)


def _lost_race(error: Exception) -> bool:
    if isinstance(error, IntegrityError):
        return True
    return getattr(error.__cause__, "sqlstate", None) in _LOST_RACES


def _is_away(error: Exception) -> bool:
    """Whether it is about the database, not about one of the operations."""
    return isinstance(error, OperationalError | InterfaceError) and not (
        _lost_race(error) or _is_full(error)
    )


def _is_full(error: Exception) -> bool:
    return getattr(error.__cause__, "sqlstate", None) == "53100" or "full" in str(error)


def refusal(error: Exception) -> Refused:
    """What somebody is told when the database did not do it; one line a minute in the log."""
    if _is_full(error):
        return Refused("storage_full", "The server's disk is full; the message was not stored.")
    if isinstance(error, DataError):
        return Refused("bad_request", "The database cannot hold this.")
    if _rarely():
        logger.error("the database could not do something: %s", error)
    return Refused("unavailable", "The database is not available.", retry_after_ms=1000)


def _batched(wanted: list[tuple[int, int, int]]) -> Iterator[list[tuple[int, int, int]]]:
    for start in range(0, len(wanted), RANGES_PER_STATEMENT):
        yield wanted[start : start + RANGES_PER_STATEMENT]


def _read_chunk(chunk: list[tuple[int, int, int]]) -> dict[int, list[Entry]]:
    ids = [room for room, _, _ in chunk]
    there = f"{rows.in_list('id')} AND deleted_ts IS NULL"
    rooms = {room.pk: room for room in rows.fetch(Room, there, [rows.a_list(ids)])}
    ranges = [one for one in chunk if one[0] in rooms]
    if not ranges:
        return {}
    within = " OR ".join(["(room_id = %s AND seq > %s AND seq <= %s)"] * len(ranges))
    bounds = [number for one in ranges for number in one]
    messages = rows.fetch(Message, within, bounds)
    logged = rows.fetch(RoomEvent, within, bounds)
    found: dict[int, list[Entry]] = {room: [] for room in rooms}
    for room_id, entry in _entries(rooms, messages, logged):
        found[room_id].append(entry)
    return found


def _entries(
    rooms: Mapping[int, Room], messages: list[Message], logged: list[RoomEvent]
) -> Iterator[tuple[int, Entry]]:
    wanted = {row.message_id for row in logged if row.message_id}
    targets = Message.objects.in_bulk(wanted) if wanted else {}
    people = {row.author_id for row in messages}
    people.update(row.actor_id for row in logged)
    people.update(row.subject_id for row in logged if row.subject_id)
    names = names_of(people)
    reactions = reactions_of([row.pk for row in messages])
    merged: list[Message | RoomEvent] = [*messages, *logged]
    merged.sort(key=lambda row: row.seq)
    for row in merged:
        if isinstance(row, Message):
            username = names.get(row.author_id, "")
            told: events.Event = wire.message(row, username, reactions=reactions.get(row.pk))
            yield row.room_id, Entry(row.seq, events.encode(told))
        else:
            target = targets.get(row.message_id) if row.message_id else None
            room = rooms[row.room_id]
            told = wire.logged(row, room, target, names)
            yield row.room_id, wire.entry(row, room, told)
