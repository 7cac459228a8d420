"""`python -m bench`: measure Loopchat and its peers side by side, print the tables."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from bench import table
from bench.chart import draw
from bench.loads.soak import SoakResult
from bench.machine import (
    cores,
    facts,
    flush_ms,
    go_first,
    in_own_session,
    raise_descriptor_limit,
)
from bench.peers.base import Place
from bench.peers.loopchat import PROFILE, Loopchat
from bench.report import Report
from bench.runs import ASKED_FOR, FULL, PARTS, QUICK, Runs
from bench.targets import judge

_RESULTS = Path(__file__).with_name("results")


def main(arguments: list[str] | None = None) -> int:
    """Run what was asked for; the exit code says whether something could not be measured."""
    options = _options(arguments)
    return in_own_session(lambda: _measure(options))


def _measure(options: argparse.Namespace) -> int:
    pinned = cores()
    sizes = replace(QUICK if options.quick else FULL, soak_minutes=options.minutes)
    raise_descriptor_limit()
    report = Report(
        machine=facts(pinned) | {"priority": go_first(os.getpid())},
        settings={"quick": options.quick, "members": sizes.members, **PROFILE},
        product=Loopchat().name,
    )
    folder = Path(tempfile.mkdtemp(prefix="loopchat-bench-"))
    report.disk = dict(zip(("flush_p50_ms", "flush_p99_ms"), flush_ms(folder), strict=True))
    try:
        Runs(report, Place(folder, pinned), sizes).all(options.only or PARTS)
    except KeyboardInterrupt:
        report.troubles.append("stopped before the end")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    said = _said(report)
    print(f"\n{said}")
    name = "partial" if options.quick or options.only else "latest"
    report.write(options.results / f"{name}.json")
    (options.results / f"{name}.md").write_text(said)
    (options.results / f"{name}.svg").write_text(draw(report))
    return 1 if report.troubles else 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=main.__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller and shorter")
    parser.add_argument(
        "--only",
        nargs="+",
        choices=(*PARTS, *ASKED_FOR),
        metavar="PART",
        help=f"some of: {' '.join((*PARTS, *ASKED_FOR))}",
    )
    parser.add_argument("--minutes", type=float, default=FULL.soak_minutes, help="of the soak")
    parser.add_argument("--results", type=Path, default=_RESULTS, help="where to write the results")
    return parser.parse_args(arguments)


def _said(report: Report) -> str:
    """The run in words and tables, as Markdown."""
    parts = [_words("machine", report.machine), _words("disk", report.disk)]
    if report.kernel:
        parts.append(_words("kernel", report.kernel))
    if report.peers:
        parts.append(table.peers(report))
    if report.soak:
        parts.append(_words("soak", _of_soak(report.soak)))
    parts.append(table.figures(judge(report.measured())))
    parts += [f"{trouble}." for trouble in report.troubles]
    return "\n\n".join(parts) + "\n"


def _of_soak(soak: SoakResult) -> dict[str, str | float | bool]:
    p99 = soak.latency.p99 if soak.latency else 0.0
    return {
        "sockets": soak.sockets,
        "messages": soak.messages,
        "complete": soak.complete,
        "p99_ms": p99,
        "memory_mib": soak.samples[-1].memory_mib,
        "grown_mib": soak.grown_mib,
        "more_descriptors": soak.more_descriptors,
        "more_threads": soak.more_threads,
        "back_s": soak.back_s,
        "left_over": soak.left_over,
    }


def _words(name: str, values: Mapping[str, str | float | bool]) -> str:
    said = (f"{key} {_short(value)}" for key, value in values.items())
    return f"{name}: {', '.join(said)}"


def _short(value: str | float | bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return table.number(value) if isinstance(value, float) else str(value)


if __name__ == "__main__":
    sys.exit(main())
