"""The kernel's own limit: a loop that only writes, in C where a compiler is at hand."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.peers.base import Place
from bench.processes import NotServing
from bench.swarm import Swarm

_SOURCE = Path(__file__).with_name("kernel.c")
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Writes:
    """One run of the loop: what it wrote, what it cost, and whether the reader got all of it."""

    per_second: float
    cpu_us: float
    objects_per_second: float
    reader_cpu: float
    complete: bool


@dataclass(frozen=True, slots=True)
class KernelLoop:
    """The loop, ready to run."""

    command: tuple[str, ...]
    language: str

    @classmethod
    def build(cls, folder: Path) -> KernelLoop:
        """Compile it, or take the Python one."""
        compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        binary = folder / "kernel"
        if compiler:
            made = subprocess.run([compiler, "-O2", "-o", binary, _SOURCE], check=False)
            if made.returncode == 0:
                return cls((str(binary),), "C")
        return cls((sys.executable, "-m", "bench.peers.kernel_loop"), "Python")

    def run(
        self,
        place: Place,
        *,
        members: int,
        seconds: float,
        size: int,
        objects: int = 1,
        rate: float = 0,
    ) -> Writes:
        """Write to that many sockets for that long, while a swarm counts."""
        processes = place.processes("kernel")
        arguments = (str(members), str(seconds), str(size), str(objects), str(rate))
        loop = processes.start(
            [*self.command, *arguments], cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert loop.stdin is not None
        assert loop.stdout is not None
        try:
            with Swarm(int(loop.stdout.readline())) as swarm:
                opened = swarm.open([(b"", None)] * members, at_once=200)
                for connection in opened:
                    connection.count()
                spent = time.process_time()
                loop.stdin.write(b"g")
                loop.stdin.flush()
                until = time.monotonic() + seconds
                while time.monotonic() < until:
                    swarm.turn(0.05)
                spent = time.process_time() - spent
                swarm.settle(0.3, limit_s=10)
                counted = sum(connection.objects for connection in opened)
            report = loop.stdout.readline().split()
        finally:
            loop.stdin.close()
            processes.stop()
        if len(report) != 3:
            raise NotServing(f"the write loop ended early: {processes.tail()}")
        writes, cpu_us, wall_us = (int(field) for field in report)
        return Writes(
            per_second=writes / wall_us * 1e6,
            cpu_us=cpu_us / writes,
            objects_per_second=counted / wall_us * 1e6,
            reader_cpu=spent / seconds,
            complete=counted == writes * objects,
        )
