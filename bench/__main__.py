"""`python -m bench`: measure Loopchat and its peers side by side, print the tables."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from bench import table
from bench.chart import draw
from bench.machine import cores, facts, raise_descriptor_limit
from bench.peers.base import Place
from bench.peers.loopchat import PROFILE, Loopchat
from bench.report import Report
from bench.runs import FULL, PARTS, QUICK, Runs
from bench.targets import judge

_RESULTS = Path(__file__).with_name("results")


def main(arguments: list[str] | None = None) -> int:
    """Run what was asked for; the exit code says whether something could not be measured."""
    options = _options(arguments)
    pinned, sizes = cores(), QUICK if options.quick else FULL
    raise_descriptor_limit()
    report = Report(
        machine=facts(pinned),
        settings={"quick": options.quick, "members": sizes.members, **PROFILE},
        product=Loopchat().name,
    )
    folder = Path(tempfile.mkdtemp(prefix="loopchat-bench-"))
    try:
        Runs(report, Place(folder, pinned), sizes).all(options.only or PARTS)
    except KeyboardInterrupt:
        report.troubles.append("stopped before the end")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _tell(report)
    report.write(options.results / "latest.json")
    (options.results / "latest.svg").write_text(draw(report))
    return 1 if report.troubles else 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=main.__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller and shorter")
    parser.add_argument(
        "--only", nargs="+", choices=PARTS, metavar="PART", help=f"some of: {' '.join(PARTS)}"
    )
    parser.add_argument("--results", type=Path, default=_RESULTS, help="where to write the results")
    return parser.parse_args(arguments)


def _tell(report: Report) -> None:
    facts_ = ", ".join(f"{name} {value}" for name, value in report.machine.items())
    print(f"\n{facts_}\n")
    if report.kernel:
        print("kernel: " + ", ".join(f"{k} {_short(v)}" for k, v in report.kernel.items()) + "\n")
    if report.peers:
        print(table.peers(report) + "\n")
    print(table.figures(judge(report.measured())))
    for trouble in report.troubles:
        print(f"! {trouble}", file=sys.stderr)


def _short(value: float | str) -> str:
    return value if isinstance(value, str) else table.number(value)


if __name__ == "__main__":
    sys.exit(main())
