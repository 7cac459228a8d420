"""The bus between processes: publish and subscribe of a Redis (or Valkey) server.

Two connections, each kept by a task of its own: one listens, one publishes. Both notice within
three seconds that the server is gone or has stopped answering, and come back by themselves.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from functools import partial

from redis.asyncio.connection import AbstractConnection, ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from loopchat.core.rarely import Rarely
from loopchat.realtime.bus import Lost, Receive
from loopchat.realtime.bus_ear import Ear
from loopchat.realtime.bus_line import Line, Notices
from loopchat.realtime.bus_queue import Outgoing
from loopchat.realtime.bus_seal import Seal
from loopchat.realtime.bus_session import Command, Listener, Speaker

CONNECT_SECONDS = 1.0
STOP_SECONDS = 0.5

_log = logging.getLogger(__name__)


class RedisBus:
    """Topics are channels under a prefix; payloads are sealed with the key of this server.

    `beat` is the pause in seconds between two pings.
    """

    name = "redis"

    def __init__(
        self, url: str, *, key: bytes, prefix: str = "loopchat:", beat: float = 1.0
    ) -> None:
        dial = partial(_dial, _pool(url))
        self._prefix = prefix
        self._prefix_bytes = len(prefix.encode())
        self._seal = Seal(key)
        self._ear = Ear()
        self._topics: set[str] = set()
        self._queue = Outgoing()
        self._notices = Notices()
        self._forgeries = 0
        self._say_forgery = Rarely()
        self._listening = Line(self._listens, self._notices.away)
        self._speaking = Line(self._speaks, self._notices.away)
        self._listener = Listener(dial, self._hear, self._listening, beat)
        self._speaker = Speaker(dial, self._queue, self._speaking, beat)
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def healthy(self) -> bool:
        """Whether both connections work."""
        return self._listening.up and self._speaking.up

    @property
    def waiting(self) -> int:
        """How many messages wait to be sent."""
        return len(self._queue)

    @property
    def forgeries(self) -> int:
        """How many messages were dropped because none of us had sealed them."""
        return self._forgeries

    async def start(self, receive: Receive, lost: Lost) -> None:
        """Begin, and return when both connections were tried once."""
        self._ear.listen(receive, lost)
        listen = partial(self._listener.session, lambda: self._channels(self._topics))
        self._tasks = [
            asyncio.create_task(self._listening.run(listen), name="bus: listen"),
            asyncio.create_task(self._speaking.run(self._speaker.session), name="bus: publish"),
        ]
        await self._listening.tried.wait()
        await self._speaking.tried.wait()

    async def stop(self) -> None:
        """Publish what waits if that is quick, and close both connections."""
        self._queue.close()
        if self._tasks and self._speaking.up:
            await asyncio.wait(self._tasks[1:], timeout=STOP_SECONDS)
        self._ear.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Hear these topics too; returns when the server has confirmed them or is away."""
        names = list(topics)
        self._topics.update(names)
        await self._listener.tell("SUBSCRIBE", self._channels(names))

    async def unsubscribe(self, topics: Iterable[str]) -> None:
        """Hear these topics no more."""
        names = [topic for topic in topics if topic in self._topics]
        self._topics.difference_update(names)
        await self._listener.tell("UNSUBSCRIBE", self._channels(names))

    def publish(self, topic: str, payload: bytes) -> None:
        """Put a message into the queue of the publishing task."""
        self._queue.put(self._prefix + topic, self._seal.close(topic, payload))

    def _channels(self, topics: Iterable[str]) -> list[str]:
        return [self._prefix + topic for topic in topics]

    def _listens(self) -> None:
        """All topics are subscribed, and what was published before that is not known."""
        self._say_back()
        if self._topics:
            self._ear.lose()

    def _speaks(self) -> None:
        self._say_back()

    def _say_back(self) -> None:
        if self.healthy:
            self._notices.back()

    def _hear(self, channel: bytes, envelope: bytes) -> None:
        if self._seal.is_own(envelope):
            return
        topic = channel[self._prefix_bytes :].decode()
        if topic not in self._topics:
            return
        payload = self._seal.open(topic, envelope)
        if payload is None:
            self._drop_forged(topic)
        else:
            self._ear.hear(topic, payload)

    def _drop_forged(self, topic: str) -> None:
        self._forgeries += 1
        if self._say_forgery():
            _log.warning("Forged bus messages were dropped, %d by now: %s", self._forgeries, topic)


class _RedisWire:
    """A connection of redis-py, without its habit of connecting again behind one's back."""

    def __init__(self, connection: AbstractConnection) -> None:
        self._connection = connection

    async def send(self, commands: Iterable[Command]) -> None:
        """Write these commands at once and wait while too much is on its way."""
        if not self._connection.is_connected:
            raise ConnectionError("the connection was lost")
        packed = self._connection.pack_commands(commands)
        try:
            await self._connection.send_packed_command(packed, check_health=False)
        except RedisError as error:
            raise ConnectionError(str(error)) from error

    async def read(self) -> object:
        """The next reply, undecoded."""
        try:
            return await self._connection.read_response(disable_decoding=True, push_request=True)
        except RedisError as error:
            raise ConnectionError(str(error)) from error

    async def close(self) -> None:
        """Close without waiting for the other side."""
        await self._connection.disconnect(nowait=True)


def _pool(url: str) -> ConnectionPool:
    """Only used to make connections: it knows how to read a URL."""
    return ConnectionPool.from_url(
        url,
        protocol=2,
        retry=Retry(NoBackoff(), 0),
        socket_connect_timeout=CONNECT_SECONDS,
        client_name="loopchat",
    )


async def _dial(pool: ConnectionPool) -> _RedisWire:
    """A connection on which the server has answered a ping."""
    connection = pool.make_connection()  # type: ignore[no-untyped-call]
    connection.socket_timeout = None  # a listener may wait for ever; its pings watch over it
    wire = _RedisWire(connection)
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await connection.connect()
            await wire.send([("PING",)])
            await wire.read()
    except BaseException:
        await wire.close()
        raise
    return wire
