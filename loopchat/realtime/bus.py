"""The bus: how the workers of one server ring at each other's door.

What a bus promises, and all that the hub relies on:

* At most once. A message may be lost (the log and the sweep repair that), is never changed on the
  way, and comes in the order of publishing per topic and publisher.
* A publisher does not receive its own messages: its hub has had them already.
* `subscribe` returns when messages published from now on will arrive. While the backend is away it
  returns at once, and the topics are subscribed with the reconnect. After `unsubscribe` has
  returned nothing of the topic arrives.
* `lost()` is called whenever messages may have been missed: after each reconnect, once all topics
  are subscribed again, and on overflow. The hub then compares heads with the database.
* `publish` neither waits nor raises, whatever the backend does; what cannot be sent is dropped,
  the oldest first.
* All methods are called on the event loop, and `receive` and `lost` are called there. They should
  be quick; an error in them is logged and ends nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, Protocol

Receive = Callable[[str, bytes], None]
Lost = Callable[[], None]


def room_topic(room_id: int) -> str:
    """Where the events of a room are rung."""
    return f"room:{room_id}"


def person_topic(user_id: int) -> str:
    """Where what concerns one person alone is rung."""
    return f"person:{user_id}"


LOBBY: Final = "lobby:0"
"""Where news of public rooms are rung, for those who look at the lobby."""

WORKERS: Final = "workers:0"
"""Where workers ask each other how they are."""


class Bus(Protocol):
    """A backend: `bus_memory` within a process, `bus_redis` between processes."""

    @property
    def name(self) -> str:
        """`memory` or `redis`, for the log and the health page."""

    @property
    def healthy(self) -> bool:
        """Whether messages are getting through as far as is known."""

    @property
    def waiting(self) -> int:
        """How many messages wait to be sent."""

    async def start(self, receive: Receive, lost: Lost) -> None:
        """Begin. Returns within seconds also when the backend is away; it is then tried again."""

    async def stop(self) -> None:
        """End: send what waits if that is quick, and call nobody any more."""

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Hear these topics too; to hear a topic twice is the same as once."""

    async def unsubscribe(self, topics: Iterable[str]) -> None:
        """Hear these topics no more; unknown ones are ignored."""

    def publish(self, topic: str, payload: bytes) -> None:
        """Ring at everybody else who has subscribed to the topic."""
