"""How long one client waits: coming back to many rooms, and paging through a large one."""

from __future__ import annotations

import json
import random
import time
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

from bench.connection import Lost
from bench.figures import Spread
from bench.peers.base import Place, Served, member
from bench.swarm import Swarm

_LIMIT_S = 30.0


def returning(served: Served, place: Place, *, person: int, times: int) -> Spread | None:
    """`hello` with cursors until the last `ready`, on one new socket after the other."""
    place.take_load_core()
    waits = []
    with Swarm(served.port) as swarm:
        for _ in range(times):
            (connection,) = swarm.open([member(served.dialect, person)])
            waits.append(connection.ready_at - connection.upgraded_at)
            connection.close()
    return Spread.of_ns(waits)


def paging(
    served: Served, place: Place, *, room: int, head: int, limit: int, times: int
) -> Spread | None:
    """Pages of history from random places of one room, one after the other."""
    place.take_load_core()
    places = random.Random(1)
    waits = []
    with Swarm(served.port) as swarm:
        (connection,) = swarm.open([member(served.dialect, 0)])
        answers: list[bytes] = []
        connection.watch(answers.append)
        for ref in range(10, 10 + times):
            before = places.randrange(limit, head)
            ask = {"type": "history", "ref": ref, "room": room, "before": before, "limit": limit}
            mark = b'"ref":%d,' % ref
            answers.clear()
            began = time.monotonic_ns()
            connection.send(json.dumps(ask).encode())
            if not swarm.run(lambda mark=mark: any(mark in a for a in answers), _LIMIT_S):  # type: ignore[misc]
                raise Lost("no page of history came")
            waits.append(time.monotonic_ns() - began)
            if not any(b'"items":[{' in answer for answer in answers):
                raise Lost(f"not a page: {answers[-1][:200]!r}")
    return Spread.of_ns(waits)


def paging_by_rest(
    served: Served, place: Place, *, token: str, room: int, head: int, limit: int, times: int
) -> Spread | None:
    """The same pages over REST, on one connection that is kept."""
    place.take_load_core()
    places = random.Random(1)
    waits = []
    line = HTTPConnection("127.0.0.1", served.port, timeout=_LIMIT_S)
    try:
        for _ in range(times):
            before = places.randrange(limit, head)
            path = f"/api/v1/rooms/{room}/history/?before={before}&limit={limit}"
            began = time.monotonic_ns()
            line.request("GET", path, headers={"Authorization": f"Bearer {token}"})
            answer = line.getresponse()
            page = answer.read()
            waits.append(time.monotonic_ns() - began)
            if answer.status != HTTPStatus.OK or b'"items":[{' not in page:
                raise Lost(f"not a page: {answer.status} {page[:200]!r}")
    except (OSError, HTTPException) as failure:
        raise Lost(f"no page of history came: {failure}") from failure
    finally:
        line.close()
    return Spread.of_ns(waits)
