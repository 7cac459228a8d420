"""The threads of a process that look after webhooks: one finds what there is to tell, some tell it.

Every process has them; rows of the database decide who does what (`watching`, `queue`).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from django.db import DatabaseError, InterfaceError, connection

from loopchat.connections import let_go
from loopchat.core.crew import Crew
from loopchat.core.outgoing import Way
from loopchat.core.rarely import Rarely
from loopchat.hooks import delivering, queue, watching
from loopchat.hooks.models import Delivery, working
from loopchat.realtime import publish
from loopchat.realtime.outbox import Committed

logger = logging.getLogger(__name__)

THREADS: Final = 8
"""Requests at the same time."""

POLL: Final = 1.0
"""Seconds between two looks, when nothing in this process calls for one."""

REST: Final = 0.05
"""Seconds between two looks at least: what comes meanwhile is found together."""


class Deliverer:
    """One per process."""

    def __init__(self, way: Callable[[], Way] = delivering.way) -> None:
        self._way = way
        self._news = threading.Event()
        self._stopping = threading.Event()
        self._free = threading.Semaphore(THREADS)
        self._crew = Crew(THREADS, "webhook")
        self._rarely = Rarely()
        self._quiet = watching.Quiet()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; whatever was left behind by others is found at once."""
        if self._thread is None:
            self._stopping.clear()
            self._thread = threading.Thread(target=self._work, name="webhooks", daemon=True)
            publish.watch(self._heard)
            self._thread.start()

    def stop(self) -> None:
        """End. What is under way has its seven seconds; what hangs ends with the process.

        Its lease ends later, and then somebody else is at it.
        """
        thread, self._thread = self._thread, None
        if thread is not None:
            publish.watch(None)
            self._stopping.set()
            self._news.set()
            thread.join()
            self._wait_for_crew()

    def _wait_for_crew(self) -> None:
        ends_at = time.monotonic() + delivering.WITHIN
        free = 0
        while free < THREADS and self._free.acquire(timeout=max(0.0, ends_at - time.monotonic())):
            free += 1
        for _ in range(free):  # it may be started again
            self._free.release()

    def wake(self) -> None:
        """There is something to deliver."""
        self._news.set()

    def _heard(self, what: Committed) -> None:
        if what.rooms:
            self._news.set()

    def _work(self) -> None:
        while not self._stopping.is_set():
            self._news.clear()
            try:
                is_used = self._look()
            except (DatabaseError, InterfaceError) as error:
                if self._rarely():
                    logger.warning("webhooks wait for the database: %s", error)
                is_used = False
            except Exception:  # it has to outlive whatever it was
                if self._rarely():
                    logger.exception("webhooks could not be looked after")
                is_used = False
            finally:
                let_go()
            self._wait(is_used=is_used)
        connection.close()

    def _look(self) -> bool:
        """Queue and begin what there is; whether there is any hook at all."""
        if not working().exists():
            return False
        if watching.watch(self._quiet):
            self._news.set()
        while self._free.acquire(blocking=False):
            delivery = queue.claim()
            if delivery is None:
                self._free.release()
                break
            self._crew.submit(self._deliver, delivery)
        return True

    def _wait(self, *, is_used: bool) -> None:
        """Where nobody uses hooks, messages do not wake anybody."""
        if is_used:
            self._stopping.wait(REST)
            self._news.wait(POLL)
        else:
            self._stopping.wait(POLL)

    def _deliver(self, delivery: Delivery) -> None:
        try:
            delivering.deliver(delivery, self._way())
        except Exception:  # the lease ends, and somebody tries again
            logger.exception("%s could not be delivered", delivery)
        finally:
            let_go()
            self._free.release()
            self._news.set()


deliverer: Final = Deliverer()
