"""Simulated runs of a correct server, to test the checker with.

The simulation knows no server: a room is a list, a socket a position in it. What it writes is what
the clients of a correct server would have recorded, lost answers and lost sockets included.
"""

from __future__ import annotations

from random import Random

Raw = dict[str, object]

ROOMS = ("garden", "kitchen")
PEOPLE = ("ann", "ben", "cat", "dan", "eve", "fay")
SENDS = 300


class Simulation:
    """Two rooms, six people, a network that loses things and a log that does not."""

    def __init__(self, seed: int) -> None:
        self.raws: list[Raw] = []
        self._random = Random(seed)
        self._now = 0.0
        self._logs: dict[str, list[list[object]]] = {room: [] for room in ROOMS}
        self._sockets: dict[str, str] = {}
        self._connections = 0
        self._reached: dict[tuple[str, str], int] = {}
        self._late: set[tuple[str, str]] = set()
        self._unanswered: list[tuple[str, str, str, str]] = []

    def run(self) -> list[Raw]:
        """Write the whole history and return it."""
        for room in ROOMS:
            for person in PEOPLE:
                self._add(room, person)
        for person in PEOPLE:
            self._connect(person)
        for number in range(SENDS):
            self._send(self._random.choice(PEOPLE), self._random.choice(ROOMS), number)
        self._come_to_rest()
        return self.raws

    def _write(self, op: str, **fields: object) -> None:
        self._now += self._random.uniform(0.0001, 0.002)
        self.raws.append({"op": op, "t": round(self._now, 6), **fields})

    def _add(self, room: str, person: str) -> None:
        log = self._logs[room]
        event = f"add-{person}"
        log.append([len(log) + 1, event, "_sys", event, "add"])
        self._write("member", room=room, u=person, kind="add", seq=len(log), id=event)

    def _connect(self, person: str) -> None:
        """Open a socket, present the cursors and get what was missed."""
        if old := self._sockets.get(person):
            self._write("close", conn=old, code=1006)
        self._connections += 1
        conn = self._sockets[person] = f"{person}/{self._connections}"
        worker = self._random.choice(("w1", "w2"))
        self._write("conn", conn=conn, u=person, sess=f"login-{person}", worker=worker)
        for room in ROOMS:
            reached = self._reached.get((person, room), 0)
            self._write("sub", conn=conn, room=room, **{"from": reached})
            for item in self._logs[room][reached:]:
                self._receive(person, room, item, "replay")
            self._late.discard((person, room))

    def _receive(self, person: str, room: str, item: list[object], src: str) -> None:
        seq, event, u, cid, h = item
        self._reached[person, room] = int(str(seq))
        conn = self._sockets[person]
        self._write("recv", conn=conn, room=room, seq=seq, id=event, u=u, cid=cid, h=h, src=src)

    def _send(self, person: str, room: str, number: int) -> None:
        if self._random.random() < 0.04:
            self._connect(person)
        message = (person, room, f"cid-{number}", f"hash-{number}")
        for _ in range(5):
            if self._attempt(*message):
                return
        self._unanswered.append(message)

    def _attempt(self, person: str, room: str, cid: str, h: str) -> bool:
        message = {"u": person, "room": room, "cid": cid}
        self._write("send", phase="invoke", conn=self._sockets[person], **message, h=h)
        stored = [item for item in self._logs[room] if item[3] == cid]
        if not stored and self._random.random() < 0.93:
            stored = [self._append(room, person, cid, h)]
            dup = False
        else:
            dup = True
        if not stored or self._random.random() >= 0.9:
            self._write("send", phase="info", **message)
            return False
        seq, event, *_ = stored[0]
        self._write("send", phase="ok", **message, seq=seq, id=event, dup=dup)
        return True

    def _append(self, room: str, person: str, cid: str, h: str) -> list[object]:
        log = self._logs[room]
        item: list[object] = [len(log) + 1, f"id-{room}-{cid}", person, cid, h]
        log.append(item)
        for reader in PEOPLE:
            if (reader, room) in self._late:
                continue
            if self._random.random() < 0.9:
                self._receive(reader, room, item, "live")
            else:
                self._late.add((reader, room))
        return item

    def _come_to_rest(self) -> None:
        self._write("nemesis", what="kill worker")
        for person in PEOPLE:
            self._connect(person)
        while self._unanswered:
            message = self._unanswered.pop()
            while not self._attempt(*message):
                pass
        for person, _ in sorted(self._late):
            self._connect(person)
        self._write("quiesce")
        for room, log in self._logs.items():
            for src in ("w1", "w2", "database"):
                self._write("final", room=room, src=src, items=[list(item) for item in log])


def clean(seed: int) -> list[Raw]:
    """A history in which nothing is wrong."""
    return Simulation(seed).run()
