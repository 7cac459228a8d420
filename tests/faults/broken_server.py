"""`loopchat` with one of its mechanisms taken out, to see that the runs notice.

A run that stays green with a broken server proves nothing about a whole one.
`python -m tests.faults.broken_server serve …` breaks what the environment names.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final

import django

if TYPE_CHECKING:
    from loopchat.chat.ledger import Ledger
    from loopchat.chat.models import Room
    from loopchat.realtime.outbox import Entry
    from loopchat.realtime.stream import Stream

WHAT: Final = "FAULT_BROKEN"
"""The name of one of the functions of `BREAKS`."""

SHARE: Final = 0.1
"""How many batches of a broken writer go wrong."""

LATE: Final = 0.02
"""Seconds between a number and its commit at most, where nothing keeps their order."""


def acks_before_commit() -> None:
    """One batch in ten is acknowledged and told, and then it is not stored."""
    _break_append(answered=True)


def tells_before_commit() -> None:
    """One batch in ten is told, and then it is not stored; the authors learn nothing."""
    _break_append(answered=False)


def _break_append(*, answered: bool) -> None:
    from django.db import transaction

    from loopchat.chat import log
    from loopchat.core.errors import Refused

    whole = log.append

    def append(operations: Sequence[log.Operation]) -> log.Appended:
        if random.random() >= SHARE:
            return whole(operations)
        with transaction.atomic():
            appended = whole(operations)
            transaction.set_rollback(True)
        if not answered:
            unknown = Refused("unavailable", "Nobody knows.", definite=False)
            appended.outcomes[:] = [unknown for _ in operations]
        return appended

    log.append = append


def forgets_cids() -> None:
    """Nobody looks whether a message was sent before; its index has been dropped."""
    from loopchat.chat import lookups

    lookups.sent_with = lambda cids: {}


def never_sweeps() -> None:
    """Nobody compares the heads of rooms with what was told."""
    from loopchat.realtime.sweep import Sweep

    async def nothing(_: Sweep) -> None:
        pass

    Sweep._sweep_rooms = nothing  # type: ignore[method-assign,assignment]


def only_hears() -> None:
    """Nobody looks at the database: what is not told is not known."""
    from loopchat.realtime.sweep import Sweep

    async def nothing(_: Sweep) -> None:
        pass

    Sweep.once = Sweep.check_logins = nothing  # type: ignore[method-assign,assignment]


def shows_the_removed() -> None:
    """A kick is in the log, and the sockets of who was removed stay in the room."""
    from loopchat.realtime.stream import Stream

    Stream._expel = lambda self, user_id: None  # type: ignore[method-assign]


def orders_by_id() -> None:
    """Numbers are handed out before the commit and under no lock, as serial ids are; who has seen
    a number is told nothing below it any more, because such numbers have holes anyway.
    """
    from loopchat.chat import ledger, lookups
    from loopchat.chat.models import Room
    from loopchat.realtime.stream import Stream

    lookups.locked_rooms = lambda ids: list(Room.objects.filter(pk__in=ids))
    ledger.Ledger._next = _next_in_sequence  # type: ignore[method-assign]
    ledger.Ledger.flush = _flush_late  # type: ignore[method-assign]
    Stream.receive = _receive_above  # type: ignore[method-assign]
    Stream._repairing = _read_above  # type: ignore[method-assign]


def _next_in_sequence(self: Ledger, room: Room) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s)", [f"log_of_{room.pk}"])
        room.head = cursor.fetchone()[0]
    room.updated_ts = self.now
    self.staged.changed_rooms[room.pk] = room
    return room.head


def _flush_late(self: Ledger) -> None:
    """What takes a moment on a busy machine."""
    time.sleep(random.uniform(0, LATE))
    self.staged.flush()


def _receive_above(self: Stream, entries: Iterable[Entry]) -> None:
    for entry in entries:
        if entry.seq > self.cursor:
            self._accept(entry)
    self._flush_soon()


async def _read_above(self: Stream) -> None:
    found = await self._read(self.room_id, self.cursor, self._target)
    self._target = self.cursor
    self.receive(found)


BREAKS: Final[dict[str, Callable[[], None]]] = {
    breaks.__name__: breaks
    for breaks in (
        acks_before_commit,
        tells_before_commit,
        forgets_cids,
        never_sweeps,
        only_hears,
        shows_the_removed,
        orders_by_id,
    )
}


def main() -> int:
    """Break it, then be the product."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loopchat.settings")
    django.setup()
    BREAKS[os.environ[WHAT]]()
    from tests.faults import chaos_server

    return chaos_server.main()


if __name__ == "__main__":
    sys.exit(main())
