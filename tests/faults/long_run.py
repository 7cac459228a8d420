"""The long run: a seed, many clients, one fault after the other, and a verdict with its evidence.

A run is vacuous, not valid, when too little happened in it: see `missing`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from tests.backends import POSTGRES
from tests.faults import nemesis, site
from tests.faults.history.lag import Bounds
from tests.faults.history.vacuity import Demand
from tests.faults.history.verdict import Verdict
from tests.faults.lab import Lab
from tests.faults.nemesis import rage
from tests.faults.workload import Workload

PEOPLE: Final = ("ann", "ben", "cat", "dan")
WANDERER: Final = "eve"
ROOMS: Final = ("garden", "kitchen", "attic")
MACHINE: Final = "machine"
"""The name of a window in which this machine did nothing, neither for servers nor for clients."""

LATE: Final = Bounds(outside=3.0, heal=12.0)
"""Seconds that a live event may be late, in good times and after a fault."""

Word = Literal["valid", "invalid", "vacuous"]


@dataclass(frozen=True, slots=True)
class Minima:
    """What has to have happened, or the run proves nothing."""

    faults: int
    acknowledged: int
    reconnects: int = 10
    resumed: int = 20
    """Events that were missed and came before `ready`."""
    repeated: int = 3
    """Messages that were stored already when they were sent."""
    repaired: int = 10
    """Live events of another server that came while the bus was broken: the sweep's."""


@dataclass(frozen=True, slots=True)
class Result:
    """One seed's."""

    seed: int
    backend: str
    word: Word
    verdict: Verdict
    counted: dict[str, int]
    vacuous: list[str]
    faults: dict[str, int]
    tracebacks: list[str]
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """All of it, for the file."""
        return {
            "seed": self.seed,
            "backend": self.backend,
            "result": self.word,
            "counted": self.counted,
            "vacuous": self.vacuous,
            "faults": self.faults,
            "tracebacks": self.tracebacks,
            "seconds": round(self.seconds, 1),
            "verdict": self.verdict.as_dict(),
        }


def run(
    backend: str,
    seed: int,
    folder: Path,
    minima: Minima,
    seconds: float = 0,
    *,
    pooled: bool = False,
) -> Result:
    """One seed from the start of the servers to the verdict; the evidence is in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with site.standing(backend, seed, pooled=pooled) as standing:
        try:
            result = asyncio.run(_run(backend, standing, seed, folder, minima, seconds, began))
        finally:
            _keep_logs(standing, folder)
    (folder / "verdict.json").write_text(json.dumps(result.as_dict(), indent=1))
    return result


async def _run(
    backend: str,
    standing: site.Site,
    seed: int,
    folder: Path,
    minima: Minima,
    seconds: float,
    began: float,
) -> Result:
    async with Lab(standing.servers, folder, seed, roads=standing.addresses) as lab:
        await _settle(lab)
        workers = [client for client in lab.clients if not client.name.startswith(WANDERER)]
        walks = [(client, lab.rooms[ROOMS[0]]) for client in lab.clients[len(workers) :]]
        async with _watching(lab), Workload(lab, whole=True).going_on(workers, walks):
            done = await rage(standing, lab, backend, minima.faults, seconds)
            await lab.recorder.until_acknowledged(nemesis.ANSWERED, nemesis.AGAIN_WITHIN)
        standing.heal()
        await lab.come_to_rest()
        verdict = await lab.verdict(Demand(ok=minima.acknowledged), bounds=LATE)
        counted = count(lab.recorder.lines, done)
        vacuous = [*verdict.vacuous, *missing(counted, minima, done)]
        tracebacks = lab.tracebacks()
    return Result(
        seed=seed,
        backend=backend,
        word=_word(verdict, vacuous, tracebacks),
        verdict=verdict,
        counted=counted,
        vacuous=vacuous,
        faults=dict(Counter(done)),
        tracebacks=tracebacks,
        seconds=time.monotonic() - began,
    )


def _word(verdict: Verdict, vacuous: Sequence[str], tracebacks: Sequence[str]) -> Word:
    if verdict.valid is False or tracebacks:
        return "invalid"
    return "vacuous" if vacuous else "valid"


async def _settle(lab: Lab) -> None:
    """Everybody with two devices in all rooms; somebody who comes and goes with one."""
    lab.furnish([*PEOPLE, WANDERER], ROOMS)
    for name in PEOPLE:
        await lab.client(name)
        await lab.client(name, "-phone")
    await lab.client(WANDERER)


def count(lines: Sequence[dict[str, Any]], done: Sequence[str]) -> dict[str, int]:
    """What happened, from the record of the clients."""
    by_op = Counter(line["op"] for line in lines)
    people = {line["u"] for line in lines if line["op"] == "conn"}
    return {
        "faults": len(done),
        "acknowledged": sum(line.get("phase") == "ok" for line in lines),
        "unknown": sum(line.get("phase") == "info" for line in lines),
        "received": by_op["recv"],
        "reconnects": by_op["conn"] - len(people),
        "resumed": sum(line.get("src") == "replay" for line in lines),
        "repeated": sum(bool(line.get("dup")) for line in lines),
        "repaired": _repaired(lines),
    }


def missing(counted: dict[str, int], minima: Minima, done: Sequence[str]) -> list[str]:
    """Why the run proves too little; empty when it does not."""
    wanted = {
        "faults": minima.faults,
        "acknowledged": minima.acknowledged,
        "reconnects": minima.reconnects,
        "resumed": minima.resumed,
        "repeated": minima.repeated,
    }
    if any(name in _WITHOUT_BUS for name in done):
        wanted["repaired"] = minima.repaired
    return [
        f"only {counted[name]} {name}, not {least}"
        for name, least in wanted.items()
        if counted[name] < least
    ]


_WITHOUT_BUS: Final = {"redis killed", "redis asleep"}


def _repaired(lines: Sequence[dict[str, Any]]) -> int:
    """Live events that crossed from one server to another while nothing passed the bus."""
    worker: dict[object, object] = {}
    stored_at: dict[tuple[object, object], object] = {}
    waiting: dict[object, object] = {}
    without = found = 0
    for line in sorted(lines, key=lambda line: float(line["t"])):
        match line:
            case {"op": "conn"}:
                worker[line["conn"]] = line["worker"]
            case {"op": "send", "phase": "invoke"}:
                waiting[line["cid"]] = worker.get(line["conn"])
            case {"op": "send", "phase": "ok"}:
                stored_at.setdefault((line["room"], line["seq"]), waiting.get(line["cid"]))
            case {"op": "nemesis"} if line["what"] in _WITHOUT_BUS:
                without += 1 if line["phase"] == "start" else -1
            case {"op": "recv", "src": "live"} if without:
                there = stored_at.get((line["room"], line["seq"]))
                found += there is not None and there != worker.get(line["conn"])
    return found


@contextlib.asynccontextmanager
async def _watching(lab: Lab, beat: float = 0.1, pause: float = 1.0) -> AsyncIterator[None]:
    """Write down when this machine stood still: nothing is late then that can be blamed."""

    async def watch() -> None:
        while True:
            before = lab.recorder.now()
            await asyncio.sleep(beat)
            if lab.recorder.now() - before > beat + pause:
                lab.recorder.write("nemesis", what=MACHINE, phase="start", t=before)
                lab.recorder.write("nemesis", what=MACHINE, phase="stop")

    task = asyncio.create_task(watch())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _keep_logs(standing: site.Site, folder: Path) -> None:
    for number, server in enumerate(standing.servers):
        if server.log_file.exists():
            shutil.copy(server.log_file, folder / f"server-{number}.log")


def minima_for(backend: str, faults: int) -> Minima:
    """What so many faults have to bring with them at least."""
    each = 8 if backend == POSTGRES else 10
    return Minima(faults=faults, acknowledged=faults * each, reconnects=faults)
