"""The bus within a process: alone it is silent; several on an `Exchange` act as several workers."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable

from loopchat.realtime.bus import Lost, Receive
from loopchat.realtime.bus_ear import Ear

INBOX_MAX = 10_000


class MemoryBus:
    """Hands messages over in a later turn of the loop, as a network would."""

    name = "memory"
    healthy = True
    waiting = 0

    def __init__(self, exchange: Exchange | None = None) -> None:
        self._exchange = exchange or Exchange()
        self._topics: set[str] = set()
        self._inbox: deque[tuple[str, bytes]] = deque()
        self._overflowed = False
        self._ear = Ear()

    async def start(self, receive: Receive, lost: Lost) -> None:
        """Begin to hear what the others on the exchange publish."""
        self._ear.listen(receive, lost)
        self._exchange.join(self)

    async def stop(self) -> None:
        """Leave the exchange and forget what waits."""
        self._exchange.leave(self)
        self._ear.close()
        self._topics.clear()
        self._inbox.clear()

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Hear these topics too."""
        self._topics.update(topics)

    async def unsubscribe(self, topics: Iterable[str]) -> None:
        """Hear these topics no more."""
        self._topics.difference_update(topics)

    def publish(self, topic: str, payload: bytes) -> None:
        """Ring at the others on the exchange; alone there is nobody."""
        if self._ear.open:
            self._exchange.pass_on(self, topic, payload)

    def accept(self, topic: str, payload: bytes) -> None:
        """Called by the exchange: take a message in, to be handed over in a later turn."""
        if topic not in self._topics or not self._ear.open:
            return
        if not self._inbox:
            asyncio.get_running_loop().call_soon(self._hand_over)
        if len(self._inbox) >= INBOX_MAX:
            self._inbox.popleft()
            self._overflowed = True
        self._inbox.append((topic, payload))

    def _hand_over(self) -> None:
        waiting, self._inbox = self._inbox, deque()
        for topic, payload in waiting:
            if topic in self._topics:
                self._ear.hear(topic, payload)
        if self._overflowed:
            self._overflowed = False
            self._ear.lose()


class Exchange:
    """What a broker is between processes: passes messages from one bus to all the others."""

    def __init__(self) -> None:
        self._buses: dict[MemoryBus, None] = {}

    def join(self, bus: MemoryBus) -> None:
        """From now on this bus gets what the others publish."""
        self._buses[bus] = None

    def leave(self, bus: MemoryBus) -> None:
        """This bus gets nothing more."""
        self._buses.pop(bus, None)

    def pass_on(self, sender: MemoryBus, topic: str, payload: bytes) -> None:
        """Give a message to every bus but its sender."""
        for bus in self._buses:
            if bus is not sender:
                self.deliver(bus, topic, payload)

    def deliver(self, bus: MemoryBus, topic: str, payload: bytes) -> None:
        """Give a message to one bus; a test that wants a bad network overrides this."""
        bus.accept(topic, payload)
