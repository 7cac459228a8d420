"""The two lists behind presence, in memory: people on this worker, and people on the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from loopchat.core.clock import now_ms
from loopchat.realtime.presence_rows import GRACE, News

State = Literal["online", "away", "offline"]

_STATES: tuple[State, State, State] = ("offline", "away", "online")
NUMBERS: Mapping[State, int] = {state: number for number, state in enumerate(_STATES)}
"""How a state is stored; of several states of a person the highest counts."""


class Here:
    """People with sockets on this worker, or who had some within the grace."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._sockets: dict[int, int] = {}
        self._states: dict[int, State] = {}
        self._leaving: dict[int, tuple[float, int]] = {}  # until when (clock), last seen (ms)

    def __iter__(self) -> Iterator[int]:
        return iter(self._states)

    def state_of(self, user: int) -> State:
        """This person's state as far as this worker goes."""
        return self._states.get(user, "offline")

    def came(self, user: int) -> bool:
        """One more socket; who opens one is online. True when the state changed."""
        self._sockets[user] = self._sockets.get(user, 0) + 1
        self._leaving.pop(user, None)
        return self._set(user, "online")

    def went(self, user: int) -> None:
        """One socket less; with the last one the grace begins."""
        left = self._sockets.get(user, 0) - 1
        if left > 0:
            self._sockets[user] = left
        elif left == 0:
            del self._sockets[user]
            self._leaving[user] = (self._clock() + GRACE.total_seconds(), now_ms())

    def set_away(self, user: int, away: bool) -> bool:
        """True when the state changed."""
        return user in self._sockets and self._set(user, "away" if away else "online")

    def end_grace(self) -> dict[int, int]:
        """Let go of those whose grace is over; when they were last seen (ms)."""
        now, gone = self._clock(), dict[int, int]()
        for user, (until, seen_ts) in self._leaving.items():
            if until > now:
                break  # the rest left later
            gone[user] = seen_ts
        for user in gone:
            del self._leaving[user], self._states[user]
        return gone

    def _set(self, user: int, state: State) -> bool:
        changed = self._states.get(user) != state
        self._states[user] = state
        return changed


class Elsewhere:
    """People on the other workers, as last read."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}
        self._states: dict[str, dict[int, State]] = {}

    def __bool__(self) -> bool:
        return bool(self._states)

    def state_of(self, user: int) -> State:
        """The most present of this person's states."""
        states = [there[user] for there in self._states.values() if user in there]
        return max(states, key=NUMBERS.__getitem__, default="offline")

    def workers_of(self, user: int) -> int:
        """On how many of the other workers this person is."""
        return sum(user in there for there in self._states.values())

    def take(self, news: Mapping[str, News]) -> set[int]:
        """Take in what was read of all live workers; whose state may have changed."""
        touched: set[int] = set()
        for worker in self._states.keys() - news.keys():
            touched.update(self._states.pop(worker))
            del self.known[worker]
        for worker, one in news.items():
            touched.update(self._take(worker, one))
        return touched

    def _take(self, worker: str, news: News) -> set[int]:
        there = self._states.setdefault(worker, {})
        touched = set(news.states)
        if news.whole:
            touched.update(there)
            there.clear()
        for user, number in news.states.items():
            if number:
                there[user] = _STATES[number]
            else:
                there.pop(user, None)
        self.known[worker] = news.change
        return touched
