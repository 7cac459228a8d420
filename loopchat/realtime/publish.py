"""From the domain to the hub, after COMMIT: one hand-over to the event loop per transaction.

A process without a loop (a management command) has nobody to tell: the workers' sweep finds what
it has changed.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop
from collections.abc import Callable, Iterable
from typing import Protocol

from loopchat.realtime.outbox import Aside, Committed, Replies


class Taker(Protocol):
    """What the hub looks like from here."""

    def take(self, committed: Committed, replies: Replies) -> None:
        """Tell everybody. Called on the loop, in the order of commits."""


_loop: AbstractEventLoop | None = None
_taker: Taker | None = None
_watcher: Callable[[Committed], None] | None = None


def attach(taker: Taker, loop: AbstractEventLoop) -> None:
    """From now on this process has a hub on this loop."""
    global _loop, _taker
    _loop, _taker = loop, taker


def detach() -> None:
    """The hub is gone."""
    global _loop, _taker
    _loop = _taker = None


def watch(watcher: Callable[[Committed], None] | None) -> None:
    """From now on somebody beside the hub hears of commits, at once and in their thread."""
    global _watcher
    _watcher = watcher


def committed(what: Committed, replies: Replies = ()) -> None:
    """Hand over what a transaction has to tell, and who is waiting for it. Any thread."""
    loop, taker, watcher = _loop, _taker, _watcher
    if watcher is not None:
        watcher(what)
    if loop is None or taker is None:
        for reply, outcome in replies:
            reply(outcome)
        return
    try:
        loop.call_soon_threadsafe(taker.take, what, replies)
    except RuntimeError:  # the loop is closed: the process is ending and nobody listens
        detach()


def people_changed(user_ids: Iterable[int]) -> None:
    """What these people's sockets may see has changed (their `version` was raised)."""
    committed(Committed(people=set(user_ids)))


def aside(*asides: Aside) -> None:
    """Tell something that is in no log."""
    committed(Committed(asides=list(asides)))
