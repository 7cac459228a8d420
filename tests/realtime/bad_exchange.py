"""An exchange that behaves as badly as a network may: for tests of what is built on the bus."""

from __future__ import annotations

import random

from loopchat.realtime.bus_memory import Exchange, MemoryBus

Delivery = tuple[MemoryBus, str, bytes]


class BadExchange(Exchange):
    """Drops, doubles and delays a share of all messages; what is delayed comes out of order."""

    def __init__(self, seed: int, share: float = 0.3) -> None:
        super().__init__()
        self.dropped = self.doubled = self.delayed = 0
        self._random = random.Random(seed)
        self.share = share
        self._waiting: list[Delivery] = []

    def deliver(self, bus: MemoryBus, topic: str, payload: bytes) -> None:
        """Let a message come to grief, or deliver it and some that were held back."""
        if self._happens():
            self.dropped += 1
        elif self._happens():
            self.delayed += 1
            self._waiting.append((bus, topic, payload))
        else:
            super().deliver(bus, topic, payload)
            self._double(bus, topic, payload)
            self._release()

    def _double(self, bus: MemoryBus, topic: str, payload: bytes) -> None:
        if self._happens():
            self.doubled += 1
            super().deliver(bus, topic, payload)

    def _release(self) -> None:
        while self._waiting and not self._happens():
            late = self._waiting.pop(self._random.randrange(len(self._waiting)))
            super().deliver(*late)

    def _happens(self) -> bool:
        return self._random.random() < self.share
