"""`loopchat` with one of its mechanisms taken out, to see that the runs notice.

A run that stays green with a broken server proves nothing about a whole one.
`python -m tests.faults.broken_server serve …` breaks what the environment names.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Sequence
from typing import Final

import django

WHAT: Final = "FAULT_BROKEN"
"""The name of one of the functions of `BREAKS`."""

SHARE: Final = 0.1
"""How many batches of a broken writer go wrong."""


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


def shows_the_removed() -> None:
    """A kick is in the log, and the sockets of who was removed stay in the room."""
    from loopchat.realtime.stream import Stream

    Stream._expel = lambda self, user_id: None  # type: ignore[method-assign]


BREAKS: Final[dict[str, Callable[[], None]]] = {
    breaks.__name__: breaks
    for breaks in (
        acks_before_commit,
        tells_before_commit,
        forgets_cids,
        never_sweeps,
        shows_the_removed,
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
