"""`python -m tests.faults`: long runs, one seed after the other; a line for each.

Ends with 0 only when every run was valid. The evidence of all that were not is kept: what clients
saw (`run-SEED.jsonl`, for `python -m tests.faults.history`), the verdict, the servers' logs.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import traceback
from pathlib import Path

from tests.backends import POSTGRES, SQLITE
from tests.faults.long_run import Result, minima_for, run


def main(arguments: list[str] | None = None) -> int:
    """All seeds on all backends that were asked for."""
    options = _options(arguments)
    keep = options.keep or Path(tempfile.mkdtemp(prefix="loopchat-faults-"))
    seeds = options.seed or random.SystemRandom().sample(range(10**6), options.seeds)
    say(f"evidence: {keep}")
    words = [
        _one(backend, seed, keep / f"{backend}-{seed}", options)
        for seed in seeds
        for backend in options.backend or (SQLITE, POSTGRES)
    ]
    say(", ".join(f"{words.count(word)} {word}" for word in sorted(set(words))))
    return 0 if set(words) == {"valid"} else 1


def _one(backend: str, seed: int, folder: Path, options: argparse.Namespace) -> str:
    """One run. A harness that fails is no verdict about the product, but it is not valid either."""
    minima = minima_for(backend, options.faults)
    try:
        result = run(backend, seed, folder, minima, options.minutes * 60, pooled=options.pooled)
    except Exception:  # noqa: BLE001 - the other seeds are to be run all the same
        (folder / "broken.txt").write_text(traceback.format_exc())
        say(f"{backend} {seed}: broken off, see {folder}/broken.txt")
        return "broken off"
    say(_line(result, folder))
    if result.word == "valid" and not options.keep:
        shutil.rmtree(folder)
    return result.word


def _line(result: Result, folder: Path) -> str:
    counted = ", ".join(f"{number} {name}" for name, number in result.counted.items())
    line = f"{result.backend} {result.seed}: {result.word} ({counted}, {result.seconds:.0f} s)"
    if result.word == "valid":
        return line
    found = [*sorted(result.verdict.report.found), *result.vacuous, *result.tracebacks[:3]]
    return f"{line}\n  {'; '.join(found)}\n  see {folder}"


def say(text: str) -> None:
    """A line for the person at the console."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/faults", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, metavar="N", help="how many (10)")
    parser.add_argument("--seed", type=int, nargs="+", help="these ones, to repeat a run")
    parser.add_argument("--backend", choices=(SQLITE, POSTGRES), action="append")
    parser.add_argument(
        "--minutes", type=float, default=1.0, help="for how long things break in each run (1)"
    )
    parser.add_argument("--faults", type=int, default=10, help="at least, in each run (10)")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the evidence of all runs")
    parser.add_argument(
        "--pooled", action="store_true", help="with PgBouncer in transaction mode before PostgreSQL"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
