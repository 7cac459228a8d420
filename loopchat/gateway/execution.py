"""Carries out what the commands of one socket ask for, and sees that each is answered once."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final

from django.db import DatabaseError

from loopchat.chat import log
from loopchat.chat.cursors import Position
from loopchat.chat.ledger import Done
from loopchat.chat.writer import writer
from loopchat.core.errors import Refused
from loopchat.gateway.answers import Answers
from loopchat.gateway.commands import steps
from loopchat.gateway.pending import ANSWER_WITHIN, Pending
from loopchat.realtime.background import InDatabase

logger = logging.getLogger(__name__)

IN_FLIGHT_MAX: Final = 32

Fields = dict[str, Any]
Line = deque[tuple[int, steps.Writing | steps.Do]]

_NO_ROOM: Final = 0
"""Stands for the room of what changes something that is in none."""


class Execution:
    """Steps that have begun. What changes something takes effect in the order in which it came."""

    __slots__ = ("_acts", "_answers", "_in_database", "_line", "_pending", "_tasks")

    def __init__(self, in_database: InDatabase, answers: Answers) -> None:
        self._in_database = in_database
        self._answers = answers
        self._pending = Pending(self._give_up)
        self._line: Line = deque()
        self._acts: Line = deque()
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, ref: int | None, step: steps.Step) -> None:
        """Carry out a step. Nothing here waits for a commit."""
        match step:
            case steps.Now(answer=answer, kind=kind):
                if ref is not None or kind != "ok":
                    self._answers.reply(ref, kind, answer)
            case steps.Write() | steps.MoveCursor() | steps.Prepare():
                token = self._pending.add(ref, step.room)
                if self._line or isinstance(step, steps.Prepare):
                    self._stand_in(self._line, token, step)
                else:
                    self._to_writer(token, step)
            case steps.Do(room=room):
                token = self._pending.add(ref, room or _NO_ROOM)
                self._stand_in(self._acts if room is None else self._line, token, step)
            case steps.Read(look=look, room=seen_room):
                token = self._pending.add(ref, None)
                self._spawn(self._look(token, look, seen_room))

    async def until_few(self) -> None:
        """Return when fewer commands wait for an answer than one socket may have."""
        if self._pending.count >= IN_FLIGHT_MAX:
            await self._pending.below(IN_FLIGHT_MAX)

    def stop(self) -> None:
        """The socket is gone. What was given to the writer takes effect all the same."""
        self._pending.clear()
        for task in self._tasks:
            task.cancel()

    # --- what writes ---------------------------------------------------------------------------

    def _stand_in(self, line: Line, token: int, step: steps.Writing | steps.Do) -> None:
        """What takes a thread keeps its place before what came after it."""
        line.append((token, step))
        if len(line) == 1:
            self._spawn(self._serve(line))

    async def _serve(self, line: Line) -> None:
        while line:
            token, step = line[0]
            try:
                if not self._pending.waits(token):
                    continue  # given up: the client has been told to repeat it
                if isinstance(step, steps.Do):
                    self._answer(token, await self._in_database(step.act))
                    continue
                if isinstance(step, steps.Prepare):
                    operation = await self._in_database(step.draft)
                    step = steps.Write(operation, step.room, step.answer)
                self._to_writer(token, step)
            except Refused as no:
                self._answer(token, no)
            except DatabaseError as error:
                self._answer(token, log.refusal(error))
            except Exception:
                logger.exception("a command could not be carried out")
                self._answer(token, _UNAVAILABLE)
            finally:
                line.popleft()

    def _to_writer(self, token: int, step: steps.Write | steps.MoveCursor) -> None:
        reply = partial(self._written, token, step.answer)
        try:
            if isinstance(step, steps.Write):
                writer.submit(step.operation, reply)
            else:
                writer.move((step.room, step.move.actor.id), step.move, reply)
        except Refused as no:
            self._answer(token, no)

    def _written(
        self, token: int, answer: Callable[[Any], Fields], outcome: Done | Position | Refused
    ) -> None:
        """Called on the loop, after COMMIT."""
        self._answer(token, outcome if isinstance(outcome, Refused) else answer(outcome))

    # --- what reads ----------------------------------------------------------------------------

    async def _look(self, token: int, look: Callable[[], Fields], room: int | None) -> None:
        if room is not None:
            await self._pending.written(room, before=token)
        outcome: Fields | Refused
        try:
            async with asyncio.timeout(ANSWER_WITHIN):  # then nobody waits for it any more
                outcome = await self._in_database(look)
        except TimeoutError:
            return
        except Refused as no:
            outcome = no
        except DatabaseError as error:
            outcome = log.refusal(error)
        except Exception:
            self._answer(token, Refused("unavailable", "The server could not answer this."))
            raise
        self._answer(token, outcome)

    # --- answers -------------------------------------------------------------------------------

    def _answer(self, token: int, outcome: Fields | Refused) -> None:
        """Answer a command that waits, unless it has been given up or the socket is gone."""
        found = self._pending.pop(token)
        if found is None:
            return
        if isinstance(outcome, Refused):
            self._answers.refuse(found.ref, outcome)
        elif found.ref is not None:
            self._answers.reply(found.ref, "ok", outcome)

    def _give_up(self, ref: int | None, is_write: bool) -> None:
        """Five seconds have passed."""
        slow = Refused("timeout", "The server is too slow at the moment.", definite=not is_write)
        self._answers.refuse(ref, slow)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


_UNAVAILABLE: Final = Refused("unavailable", "The database is not available.", retry_after_ms=1000)
