"""`loopchat` with somebody who watches its event loop: `python -m tests.watched serve …`.

Whatever holds the loop up holds up every socket. A thread looks every moment whether the loop has
turned; when it has not although it used the processor itself for long, or sat in one call for very
long, its stack goes to the log, and the test that has started the server fails when it is closed.
A machine that stands still is no reason: it does not use the loop's own processor time.
"""

from __future__ import annotations

import asyncio
import ctypes
import sys
import threading
import time
import traceback
from typing import Final

import uvicorn

BLOCKED: Final = "THE EVENT LOOP WAS BLOCKED"
"""What the log says then."""

BUSY: Final = 1.5
"""Seconds of its own processor time that one turn of the loop may take."""

STUCK: Final = 6.0
"""Seconds that one turn may take in one call that waits: longer than this machine ever sleeps."""

BEAT: Final = 0.05

_PR_SET_PTRACER: Final = 0x59616D61
_ANY_OF_THE_SAME_USER: Final = ctypes.c_ulong(-1)


class Watch:
    """A thread beside one loop; made on that loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._thread_id = threading.get_ident()
        self._clock = time.pthread_getcpuclockid(self._thread_id)
        self._turned = threading.Event()
        threading.Thread(target=self._look, name="watch", daemon=True).start()

    def _look(self) -> None:
        while not self._loop.is_closed():
            self._turned.clear()
            busy = time.clock_gettime(self._clock)
            try:
                self._loop.call_soon_threadsafe(self._turned.set)
            except RuntimeError:
                return
            self._wait(busy)
            time.sleep(BEAT)

    def _wait(self, busy: float) -> None:
        """Until the loop has turned once; says so when that takes too long."""
        waited, place, said = 0.0, "", False
        while not self._turned.wait(BEAT) and not self._loop.is_closed():
            here = self._stack()
            waited = waited + BEAT if here == place else 0.0  # a machine's pause is one beat long
            place = here
            used = time.clock_gettime(self._clock) - busy
            if not said and (used > BUSY or waited > STUCK):
                said = True
                sys.stderr.write(f"{BLOCKED}: {used:.2f} s busy, {waited:.2f} s in\n{here}\n")
                sys.stderr.flush()

    def _stack(self) -> str:
        frame = sys._current_frames().get(self._thread_id)
        return "".join(traceback.format_stack(frame)[-12:]) if frame is not None else ""


def install() -> None:
    """Watch the loop of each server that starts in this process from now on."""
    startup = uvicorn.Server.startup

    async def watched(self: uvicorn.Server, sockets: object = None) -> None:
        await startup(self, sockets)  # type: ignore[arg-type]
        Watch(asyncio.get_running_loop())

    uvicorn.Server.startup = watched  # type: ignore[method-assign,assignment]


def let_be_traced() -> None:
    """Some tests trace a server that runs, to break its disk: Linux with Yama asks it first."""
    if sys.platform == "linux":  # where there is no Yama nobody needs to be asked
        ctypes.CDLL(None).prctl(_PR_SET_PTRACER, _ANY_OF_THE_SAME_USER, 0, 0, 0)


if __name__ in {"__main__", "__mp_main__"}:  # worker processes import it by the other name
    install()
    let_be_traced()

if __name__ == "__main__":
    from loopchat import cli

    sys.exit(cli.main())
