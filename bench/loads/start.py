"""From the command to the first answer."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping, Sequence

from bench.peers.base import Place
from bench.processes import NotServing

_REQUEST = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n"


def seconds_to_first_answer(
    command: Sequence[str], port: int, env: Mapping[str, str], place: Place, *, limit_s: float = 60
) -> float:
    """Start a server, ask until it answers 200, stop it."""
    processes = place.processes("start")
    began = time.monotonic()
    try:
        processes.start(command, env=env, cwd=place.folder)
        while time.monotonic() - began < limit_s:
            if _answers(port):
                return time.monotonic() - began
            processes.check()
            time.sleep(0.005)
    finally:
        processes.stop()
    raise NotServing(f"no answer after {limit_s:.0f} s: {processes.tail()}")


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(_REQUEST % port)
            return b" 200 " in connection.recv(64)
    except OSError:
        return False
