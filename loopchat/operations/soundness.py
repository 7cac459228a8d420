"""Whether a database keeps what Loopchat promises: logs without holes, cursors within them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

Ask = Callable[[str], Iterable[tuple[Any, ...]]]
"""Runs a statement and gives its rows."""

_QUESTIONS: Final = {
    "rooms whose log has holes": (
        "SELECT room.id FROM chat_room room LEFT JOIN ("
        " SELECT room_id, seq FROM chat_message UNION ALL SELECT room_id, seq FROM chat_roomevent"
        ") entry ON entry.room_id = room.id"
        " WHERE room.deleted_ts IS NULL GROUP BY room.id, room.head"
        " HAVING COUNT(entry.seq) <> room.head OR COUNT(DISTINCT entry.seq) <> room.head"
        " OR COALESCE(MAX(entry.seq), 0) <> room.head"
    ),
    "rooms with a read cursor beyond their log": (
        "SELECT DISTINCT membership.room_id FROM chat_membership membership"
        " JOIN chat_room room ON room.id = membership.room_id"
        " WHERE room.deleted_ts IS NULL AND membership.read_seq > room.head"
    ),
    "people whose name exists twice": (
        "SELECT username_key FROM accounts_user GROUP BY username_key HAVING COUNT(*) > 1"
    ),
}


def faults(ask: Ask) -> list[str]:
    """What is wrong, a sentence each; nothing when all is well."""
    found = {what: [row[0] for row in ask(statement)] for what, statement in _QUESTIONS.items()}
    return [f"{what}: {_few(which)}" for what, which in found.items() if which]


def size(ask: Ask) -> str:
    """How much there is, for people."""
    [(people, rooms, messages)] = ask(
        "SELECT (SELECT COUNT(*) FROM accounts_user), (SELECT COUNT(*) FROM chat_room),"
        " (SELECT COUNT(*) FROM chat_message)"
    )
    return f"{people} people, {rooms} rooms, {messages} messages"


def _few(which: list[Any]) -> str:
    shown = ", ".join(str(one) for one in which[:5])
    return shown if len(which) <= 5 else f"{shown} and {len(which) - 5} more"
