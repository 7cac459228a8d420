"""The same loop as kernel.c in Python, for machines without a compiler; same arguments."""

from __future__ import annotations

import os
import resource
import socket
import sys
import time

from bench.frames import server_frame


def main(members: int, seconds: float, size: int, objects: int, rate: float) -> None:
    """Serve one run and print what it took."""
    frame = server_frame(b"\n".join([b"x" * size] * objects))
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    print(listener.getsockname()[1], flush=True)
    room = [listener.accept()[0] for _ in range(members)]
    descriptors = [member.fileno() for member in room]
    os.read(0, 1)
    began, cpu, rounds = time.monotonic(), _cpu_seconds(), 0
    while (now := time.monotonic()) < began + seconds:
        if rate and (wait := began + rounds / rate - now) > 0:
            time.sleep(wait)
        rounds += 1
        for descriptor in descriptors:
            os.write(descriptor, frame)
    wall, spent = time.monotonic() - began, _cpu_seconds() - cpu
    print(rounds * members, int(spent * 1e6), int(wall * 1e6), flush=True)
    os.read(0, 1)


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    members_, seconds_, size_, objects_, rate_ = sys.argv[1:]
    main(int(members_), float(seconds_), int(size_), int(objects_), float(rate_))
