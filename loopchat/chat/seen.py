"""Moving one's own read cursor, for those who wait for it in a thread."""

from __future__ import annotations

import queue

from loopchat.chat.cursors import Move, Position
from loopchat.chat.ledger import Actor
from loopchat.chat.writer import ANSWER_WITHIN, writer
from loopchat.core.errors import Refused


def read_up_to(person: Actor, room_id: int, seq: int) -> Position:
    """Say that everything up to `seq` was seen."""
    return _moved(room_id, Move(person, read=seq))


def unread_from(person: Actor, room_id: int, seq: int) -> Position:
    """Draw the line of what one wants to come back to."""
    return _moved(room_id, Move(person, unread_from=seq))


def _moved(room_id: int, move: Move) -> Position:
    answers: queue.SimpleQueue[Position | Refused] = queue.SimpleQueue()
    writer.move((room_id, move.actor.id), move, answers.put)
    try:
        outcome = answers.get(timeout=ANSWER_WITHIN)
    except queue.Empty:
        raise Refused("timeout", "The server is slow at the moment.", definite=False) from None
    if isinstance(outcome, Refused):
        raise outcome
    return outcome
