"""Who is told who is here: presence to those who may know, online counts to those who look."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from loopchat.core.clock import now_ms
from loopchat.realtime import events
from loopchat.realtime.background import InDatabase
from loopchat.realtime.frames import frame, payloads
from loopchat.realtime.listener import Audience, Listener, Source
from loopchat.realtime.stream import Stream
from loopchat.realtime.veil import CLEAR, meet


class Onlookers:
    """Finds in the database who may know, and among the sockets who is here to be told."""

    def __init__(
        self,
        source: Source,
        in_database: InDatabase,
        people: Mapping[int, set[Listener]],
        streams: Mapping[int, Stream],
    ) -> None:
        self._source = source
        self._in_database = in_database
        self._people = people
        self._streams = streams

    async def tell_presence(self, states: Mapping[int, events.PresenceState]) -> None:
        """People came, stepped away or left."""
        audience = await self._in_database(lambda: self._source.audience(states))
        said: dict[Listener, list[bytes]] = {}
        for user_id, state in states.items():
            seen = now_ms() if state == "offline" else None
            data = events.encode(events.Presence(uid=user_id, state=state, last_seen_ts=seen))
            bare = events.encode(events.Presence(uid=user_id, state=state))
            for socket in self._who_may_know(user_id, audience):
                if _sees(socket, user_id, audience):
                    knows_when = _sees(socket, user_id, audience, when=True)
                    said.setdefault(socket, []).append(data if knows_when else bare)
        for socket, objects in said.items():
            for payload in payloads(objects):
                socket.offer(frame(payload))
        await self.count_online(audience.counted)

    async def count_online(self, room_ids: Collection[int]) -> None:
        """Tell those who show one of these rooms how many of its members are online."""
        shown = [r for r in room_ids if (s := self._streams.get(r)) is not None and s.viewers]
        if not shown:
            return
        counts = await self._in_database(lambda: self._source.online_counts(shown))
        for room_id, count in counts.items():
            event = events.OnlineCount(room=room_id, online_count=count)
            data = frame(events.encode(event))
            stream = self._streams.get(room_id)
            for socket in list(stream.viewers) if stream is not None else ():
                if not socket.veil.apart:
                    socket.offer(data)
        await self._count_for_some(counts)

    async def _count_for_some(self, counts: Mapping[int, int]) -> None:
        """Who blocks or is blocked is told a number without those whom they do not see."""
        viewers = [
            (room_id, socket)
            for room_id in counts
            if (stream := self._streams.get(room_id)) is not None
            for socket in stream.viewers
            if socket.veil.apart
        ]
        if not viewers:
            return
        unseen = {user_id for _, socket in viewers for user_id in socket.veil.apart}
        there = await self._in_database(lambda: self._source.counted(list(counts), unseen))
        for room_id, socket in viewers:
            stream = self._streams.get(room_id)
            if stream is None or socket not in stream.viewers:
                continue  # they have gone, or were removed, while the database was asked
            less = len(there.get(room_id, set()) & socket.veil.apart)
            event = events.OnlineCount(room=room_id, online_count=counts[room_id] - less)
            socket.offer(frame(events.encode(event)))

    def _who_may_know(self, user_id: int, audience: Audience) -> set[Listener]:
        """Sockets in a room with receipts that they share, and those of contacts; not their own."""
        found: set[Listener] = set()
        for room_id in audience.rooms.get(user_id, ()):
            if (stream := self._streams.get(room_id)) is not None:
                found |= stream.sockets
        for contact in audience.contacts.get(user_id, ()):
            found |= {s for s in self._people.get(contact, ()) if s.is_ready and s.only is None}
        return found - self._people.get(user_id, set())


def _sees(socket: Listener, user_id: int, audience: Audience, *, when: bool = False) -> bool:
    """Whether the person of a socket sees that another is here, or when they were here last."""
    shows, veil = audience.shows.get(user_id), socket.veil
    if shows is None and veil is CLEAR:
        return True
    if user_id in veil.apart:
        return False
    online, last_seen = shows or ("everyone", "everyone")
    are_friends = socket.user_id in audience.contacts.get(user_id, ())
    if when:
        return meet(last_seen, veil.last_seen, are_friends)
    return meet(online, veil.online, are_friends)
