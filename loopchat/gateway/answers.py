"""What one socket is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from loopchat import words
from loopchat.core.errors import Refused
from loopchat.core.tally import one_more, tally
from loopchat.realtime import events


class Answers:
    """Answers on their way to the client; those of one turn of the loop share a frame."""

    __slots__ = ("_queue", "_say", "language")

    def __init__(self, say: Callable[..., None]) -> None:
        self.language = "en"
        self._say = say
        self._queue: list[bytes] = []

    def reply(self, ref: int | None, kind: str, fields: dict[str, Any]) -> None:
        """Answer a command with an object of this type."""
        named = {} if ref is None else {"ref": ref}
        self._put({"type": kind, **named, **fields})

    def refuse(self, ref: int | None, no: Refused) -> None:
        """Answer a command with `error`, also when it gave no ref."""
        one_more(tally.refused, no.code)
        self._put({"type": "error", "ref": ref, **words.fields(no, self.language)})

    def flush(self) -> None:
        """Write what waits for the end of this turn."""
        if self._queue:
            queue, self._queue = self._queue, []
            self._say(*queue)

    def _put(self, fields: dict[str, Any]) -> None:
        if not self._queue:
            asyncio.get_running_loop().call_soon(self.flush)
        self._queue.append(events.encode(fields))
