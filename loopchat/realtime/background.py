"""Work beside the loop: database threads, and tasks whose failure is said."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol, TypeVar

from loopchat.core.rarely import Rarely

logger = logging.getLogger(__name__)

T = TypeVar("T")


class InDatabase(Protocol):
    """Runs a function in a database thread."""

    def __call__(self, function: Callable[[], T], /) -> Awaitable[T]:
        """What the function returns."""


class Tasks:
    """Tasks that are held until they end; who stops them waits for their end."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._tasks: set[asyncio.Task[None]] = set()
        self._rarely = Rarely()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Begin a task; an error in it costs a line in the log, at most one a minute."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    async def settle(self) -> None:
        """Wait for the tasks that run now."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def stop(self) -> None:
        """End all of them."""
        for task in list(self._tasks):
            task.cancel()
        await self.settle()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and self._rarely():
            logger.error("%s could not finish a task: %r", self._name, error)
