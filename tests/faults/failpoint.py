"""`loopchat` that dies at a certain step of the way of a message, as if its power had failed.

`python -m tests.faults.failpoint serve …` dies at the step that the environment names, as soon as
the file that it names is there; it takes the file with it, so it dies once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import django

from tests.faults import chaos_server

if TYPE_CHECKING:
    from loopchat.chat import log
    from loopchat.realtime.hub import Hub
    from loopchat.realtime.outbox import Committed, Replies

STEP: Final = "FAULT_STEP"
ORDER: Final = "FAULT_ORDER"
"""The file that says: now."""


def die_if_told() -> None:
    """End without a goodbye."""
    order = Path(os.environ[ORDER])
    if order.exists():
        order.unlink()
        os._exit(137)


def before_commit() -> None:
    """Everything is written, and COMMIT is not said."""
    from loopchat.chat.ledger import Ledger

    committed = Ledger.committed

    def told(self: Ledger) -> Committed:
        die_if_told()
        return committed(self)

    Ledger.committed = told  # type: ignore[method-assign]


def after_commit() -> None:
    """It is stored, and nobody knows."""
    from loopchat.chat import log

    append = log.append

    def appended(operations: Sequence[log.Operation]) -> log.Appended:
        done = append(operations)
        die_if_told()
        return done

    log.append = appended


def before_publish() -> None:
    """The loop has heard of it, and has told nobody."""
    from loopchat.realtime.hub import Hub

    take = Hub.take

    def taken(self: Hub, committed: Committed, replies: Replies) -> None:
        if committed.rooms:
            die_if_told()
        take(self, committed, replies)

    Hub.take = taken  # type: ignore[method-assign]


def before_ack() -> None:
    """Others may have it already; its author has no answer."""
    from loopchat.realtime.hub import Hub

    take = Hub.take

    def taken(self: Hub, committed: Committed, replies: Replies) -> None:
        if committed.rooms and Path(os.environ[ORDER]).exists():
            take(self, committed, ())
            die_if_told()
        take(self, committed, replies)

    Hub.take = taken  # type: ignore[method-assign]


STEPS: Final[dict[str, Callable[[], None]]] = {
    step.__name__: step for step in (before_commit, after_commit, before_publish, before_ack)
}


def main() -> int:
    """Lay the trap, then be the product."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loopchat.settings")
    django.setup()
    STEPS[os.environ[STEP]]()
    return chaos_server.main()


class FailingServer(chaos_server.ChaosServer):
    """The product with a trap."""

    module = "tests.faults.failpoint"


if __name__ == "__main__":
    sys.exit(main())
