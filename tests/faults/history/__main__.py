"""`python -m tests.faults.history RUN.jsonl`: prints the verdict, exits 0 only when it is true."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from tests.faults.history.excerpt import excerpt
from tests.faults.history.lag import Bounds
from tests.faults.history.parse import Malformed, load
from tests.faults.history.prefix import judge_prefix
from tests.faults.history.vacuity import Demand
from tests.faults.history.verdict import Verdict, judge_operations, malformed


def main(arguments: list[str] | None = None) -> int:
    """Judge the run named on the command line."""
    options = _parser().parse_args(arguments)
    try:
        verdict = _judge(options)
    except Malformed as error:
        verdict = malformed(error, seed=options.seed)
    sys.stdout.write(json.dumps(verdict.as_dict(), indent=2) + "\n")
    if verdict.valid is False:
        _print_excerpt(options.history, verdict)
    return 0 if verdict.valid is True else 1


def _judge(options: argparse.Namespace) -> Verdict:
    operations = load(_lines(options.history))
    if options.prefix:
        return judge_prefix(operations, load(_lines(options.prefix)), seed=options.seed)
    return judge_operations(
        operations,
        seed=options.seed,
        demand=Demand(options.min_ok, options.min_info, options.min_faults_in_flight),
        bounds=Bounds(options.lag, options.heal),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.history", description=__doc__)
    parser.add_argument("history", type=Path, help="the recorded run, one operation a line")
    parser.add_argument(
        "--prefix",
        type=Path,
        metavar="REFERENCE",
        help="judge only that the final logs are a gapless prefix of those of this run",
    )
    parser.add_argument("--seed", help="printed with the verdict")
    parser.add_argument("--min-ok", type=int, default=Demand().ok)
    parser.add_argument("--min-info", type=int, default=Demand().info)
    parser.add_argument("--min-faults-in-flight", type=int, default=Demand().faults_in_flight)
    parser.add_argument("--lag", type=float, default=Bounds().outside, help="seconds")
    parser.add_argument("--heal", type=float, default=Bounds().heal, help="seconds")
    return parser


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")


def _print_excerpt(path: Path, verdict: Verdict) -> None:
    case = verdict.report.earliest()
    if case is None or "malformed" in verdict.report.found:
        return
    raws = [json.loads(line) for line in _lines(path) if line.strip()]
    lines = [json.dumps(raw) for raw in excerpt(raws, case)]
    sys.stderr.write("\n".join(["around the first violation:", *lines, ""]))


if __name__ == "__main__":
    sys.exit(main())
