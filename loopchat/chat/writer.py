"""The writer thread: everything that takes a seq or moves a cursor, in the order of arrival.

What arrives while a commit is running is written together in the next one. A process without a
running writer (a management command, a test) does the same in place.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from loopchat import sqlite
from loopchat.chat import cursors, log
from loopchat.chat.cursors import Key, Move, Position
from loopchat.chat.ledger import Done
from loopchat.chat.log import Operation, Outcome
from loopchat.core.errors import Refused
from loopchat.core.tally import tally
from loopchat.realtime import publish
from loopchat.realtime.outbox import Committed

logger = logging.getLogger(__name__)

QUEUE_MAX: Final = 10_000
"""Operations that wait before more are refused."""

BATCH_MAX: Final = 256
"""Operations in one transaction: beyond it the gain per commit is small and the wait is not."""

CURSOR_INTERVAL: Final = 0.2
"""Seconds between two writes of cursor moves."""

CHECKPOINT_INTERVAL: Final = 1.0
"""Seconds between two checkpoints of SQLite's write-ahead log while anything is written."""

FULL_FOR: Final = 60.0
"""Seconds for which a full disk is spoken of after the last time that something did not fit."""

ANSWER_WITHIN: Final = 5.0
"""Seconds that a caller waits for its commit."""

Reply = Callable[[Outcome], None]
CursorReply = Callable[[Position | Refused], None]


@dataclass(slots=True)
class _Job:
    operation: Operation
    reply: Reply
    on_loop: bool
    came_at: float


@dataclass(slots=True)
class _CursorJob:
    key: Key
    move: Move
    reply: CursorReply | None


class Writer:
    """One per process. `submit` and `move` never wait; `run` waits for the commit."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[_Job | _CursorJob | None] = queue.SimpleQueue()
        self._moves: dict[Key, Move] = {}
        self._move_replies: list[tuple[Key, CursorReply]] = []
        self._moved_at = 0.0
        self._checkpoint_at: float | None = None
        self._full_at = float("-inf")
        self._thread: threading.Thread | None = None
        self._in_place = threading.Lock()

    def start(self) -> None:
        """Start the thread. What was run in place before is stored already."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Write what waits, then end the thread."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._jobs.put(None)
            thread.join()

    def submit(self, operation: Operation, reply: Reply) -> None:
        """Queue an operation. `reply` is called on the event loop after COMMIT.

        Raises `Refused("unavailable")`, definite, when 10,000 operations wait already or the writer
        has stopped: what is put behind its end would never be answered.
        """
        self._refuse_when_full()
        if self._thread is None:
            raise Refused("unavailable", "The server is stopping.", retry_after_ms=1000)
        self._jobs.put(_Job(operation, reply, on_loop=True, came_at=time.monotonic()))

    def run(self, operation: Operation) -> Done:
        """Store an operation and return what became of it; raises its `Refused`.

        Waits at most five seconds, then `timeout`, not definite: it may still be stored.
        """
        if self._thread is None:
            return self._run_here(operation)
        self._refuse_when_full()
        answers: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        self._jobs.put(_Job(operation, answers.put, on_loop=False, came_at=time.monotonic()))
        try:
            outcome = answers.get(timeout=ANSWER_WITHIN)
        except queue.Empty:
            raise Refused(
                "timeout", "The server is slow; it may still be stored.", definite=False
            ) from None
        if isinstance(outcome, Refused):
            raise outcome
        return outcome

    def move(self, key: Key, move: Move, reply: CursorReply | None = None) -> None:
        """Queue a cursor move; moves of one person in one room become one."""
        if self._thread is None:
            moved = cursors.advance({key: move})
            publish.committed(moved.committed)
            if reply is not None:
                reply(moved.outcomes[key])
            return
        self._refuse_when_full()
        self._jobs.put(_CursorJob(key, move, reply))

    @property
    def is_full(self) -> bool:
        """Whether something could not be stored within the last minute: the disk was full."""
        return time.monotonic() < self._full_at + FULL_FOR

    @property
    def depth(self) -> int:
        """How many operations wait."""
        return self._jobs.qsize()

    def _refuse_when_full(self) -> None:
        if self._jobs.qsize() >= QUEUE_MAX:
            raise Refused(
                "unavailable", "The server is overloaded; try again.", retry_after_ms=1000
            )

    def _run_here(self, operation: Operation) -> Done:
        with self._in_place:
            appended = log.append([operation])
        publish.committed(appended.committed)
        outcome = appended.outcomes[0]
        if isinstance(outcome, Refused):
            raise outcome
        return outcome

    def _work(self) -> None:
        stopping = False
        while not stopping:
            batch: list[_Job] = []
            for job in self._take():
                if job is None:
                    stopping = True
                elif isinstance(job, _Job):
                    batch.append(job)
                else:
                    self._remember(job)
            if batch:
                self._write(batch)
            if self._moves and (stopping or time.monotonic() >= self._moved_at + CURSOR_INTERVAL):
                self._write_moves()
            if self._checkpoint_at is not None and time.monotonic() >= self._checkpoint_at:
                self._checkpoint()
        connection.close()

    def _take(self) -> Iterator[_Job | _CursorJob | None]:
        """Wait for the first job, then take what else is there, at most a batch."""
        try:
            yield self._jobs.get(timeout=self._patience())
            for _ in range(BATCH_MAX - 1):
                yield self._jobs.get_nowait()
        except queue.Empty:
            return

    def _patience(self) -> float | None:
        """Seconds until cursor moves or a checkpoint are due; None when nothing is."""
        due = [self._moved_at + CURSOR_INTERVAL] if self._moves else []
        if self._checkpoint_at is not None:
            due.append(self._checkpoint_at)
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _remember(self, job: _CursorJob) -> None:
        waiting = self._moves.get(job.key)
        if waiting is None:
            self._moves[job.key] = job.move
        else:
            waiting.merge(job.move)
        if job.reply is not None:
            self._move_replies.append((job.key, job.reply))

    def _write(self, batch: list[_Job]) -> None:
        begun_at = time.monotonic()
        try:
            appended = log.append([job.operation for job in batch])
        except Exception:
            logger.exception("a batch of %d could not be stored", len(batch))
            broken = Refused("unavailable", "The server could not store this.")
            appended = log.Appended([broken for _ in batch], Committed())
        answered = list(zip(batch, appended.outcomes, strict=True))
        publish.committed(
            appended.committed, [(job.reply, outcome) for job, outcome in answered if job.on_loop]
        )
        for job, outcome in answered:
            if not job.on_loop:
                job.reply(outcome)
        _count(batch, appended, begun_at)
        if any(map(_is_full, appended.outcomes)):
            self._full_at = time.monotonic()
        self._has_written()

    def _write_moves(self) -> None:
        moves, self._moves = self._moves, {}
        replies, self._move_replies = self._move_replies, []
        self._moved_at = time.monotonic()
        try:
            moved = cursors.advance(moves)
        except (DatabaseError, InterfaceError) as error:
            away = log.refusal(error)
            moved = cursors.Moved(dict.fromkeys(moves, away), Committed())
        except Exception:
            logger.exception("%d cursor moves could not be stored", len(moves))
            broken = Refused("unavailable", "The server could not store this.")
            moved = cursors.Moved(dict.fromkeys(moves, broken), Committed())
        publish.committed(moved.committed, [(reply, moved.outcomes[key]) for key, reply in replies])
        tally.moves += len(moves)
        self._has_written()

    def _has_written(self) -> None:
        """A broken connection is thrown away; a file's log wants a checkpoint before long."""
        if connection.errors_occurred:
            connection.close()
        if self._checkpoint_at is None and connection.vendor == "sqlite":
            self._checkpoint_at = time.monotonic() + CHECKPOINT_INTERVAL

    def _checkpoint(self) -> None:
        self._checkpoint_at = None
        try:
            sqlite.checkpoint()
        except DatabaseError as error:  # a full disk, say: the log goes on growing until it works
            logger.warning("the write-ahead log could not be checkpointed: %s", error)


def _count(batch: list[_Job], appended: log.Appended, begun_at: float) -> None:
    """After everybody has been told: nobody waits for these numbers."""
    stored_at = time.monotonic()
    tally.batches.add(len(batch))
    tally.commit.add(stored_at - begun_at)
    for job in batch:
        tally.waited.add(stored_at - job.came_at)
    tally.messages += appended.committed.messages
    tally.events += sum(map(len, appended.committed.rooms.values()))
    if settings.SLOW_S is not None and stored_at - begun_at >= settings.SLOW_S:
        logger.warning("storing %d operations took %.1f s", len(batch), stored_at - begun_at)
    tally.failed += sum(1 for outcome in appended.outcomes if _is_fault(outcome))


def _is_full(outcome: Outcome) -> bool:
    return isinstance(outcome, Refused) and outcome.code == "storage_full"


def _is_fault(outcome: Outcome) -> bool:
    return isinstance(outcome, Refused) and outcome.code in ("unavailable", "storage_full")


writer: Final = Writer()
