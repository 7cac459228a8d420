"""How often one person may do what.

Each process counts for itself. Whoever is on several of them is charged on each for all: so the
rates are those of the server, whatever the number of processes, once these know of each other
(a second or two). What is asked by REST is not charged so: it comes without a socket.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from loopchat.accounts import rates
from loopchat.core.limits import Buckets, Rate

TYPING_RATE: Final = Rate(0.5, 2)
"""Once per two seconds and room: one start and one stop may follow each other at once."""

DRAFT_RATE: Final = Rate(1.0, 3)
DELIVERED_RATE: Final = Rate(1.0, 2)


@dataclass(frozen=True, slots=True)
class Limits:
    """Token buckets, by person, and one by room."""

    send: Buckets
    room: Buckets
    command: Buckets
    typing: Buckets
    delivered: Buckets
    draft: Buckets


def of_settings() -> Limits:
    """As the operator wants it."""
    return Limits(
        send=rates.sends,
        room=rates.in_rooms,
        command=rates.commands,
        typing=Buckets(TYPING_RATE),
        delivered=Buckets(DELIVERED_RATE),
        draft=Buckets(DRAFT_RATE),
    )
