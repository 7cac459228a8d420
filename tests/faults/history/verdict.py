"""The verdict over one run: every check, once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from tests.faults.history import (
    acks,
    cursors,
    finals,
    heads,
    membership,
    ops,
    outbox,
    revocation,
    sockets,
    tail,
    vacuity,
    values,
)
from tests.faults.history.history import History
from tests.faults.history.lag import Bounds, Lag, measure
from tests.faults.history.parse import Malformed, read
from tests.faults.history.report import Report
from tests.faults.history.vacuity import Demand

CHECKS = (values, finals, acks, sockets, heads, membership, revocation, tail, cursors, outbox)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a run kept every promise, with what was counted and what was found."""

    valid: Literal[True, False, "unknown"]
    report: Report
    stats: dict[str, object] = field(default_factory=dict)
    seed: int | str | None = None
    nemesis: list[dict[str, object]] = field(default_factory=list)
    vacuous: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """The verdict as it is printed."""
        return {
            "valid": self.valid,
            "stats": self.stats,
            "errors": self.report.as_dict(),
            "seed": self.seed,
            "nemesis": self.nemesis,
            **({"vacuous": self.vacuous} if self.vacuous else {}),
        }


def judge(
    raws: Iterable[object],
    *,
    seed: int | str | None = None,
    demand: Demand | None = None,
    bounds: Bounds | None = None,
) -> Verdict:
    """Judge decoded operations; a malformed history is invalid, an empty one unknown."""
    try:
        operations = read(raws)
    except Malformed as error:
        return malformed(error, seed=seed)
    return judge_operations(operations, seed=seed, demand=demand, bounds=bounds)


def judge_operations(
    operations: list[ops.Op],
    *,
    seed: int | str | None = None,
    demand: Demand | None = None,
    bounds: Bounds | None = None,
) -> Verdict:
    """Judge operations that have been read and sorted."""
    history = History(operations)
    report = Report()
    for check in CHECKS:
        check.check(history, report)
    lag = measure(history, report, bounds or Bounds())
    vacuous = vacuity.reasons(history, demand or Demand())
    return Verdict(
        valid=False if report else "unknown" if vacuous else True,
        report=report,
        stats=_stats(history, lag),
        seed=seed,
        nemesis=[
            {"what": window.what, "start": window.start, "stop": window.stop}
            for window in history.windows
        ],
        vacuous=vacuous,
    )


def malformed(error: Malformed, *, seed: int | str | None = None) -> Verdict:
    """The verdict over a history that cannot be read."""
    report = Report()
    report.add("malformed", why=str(error))
    return Verdict(valid=False, report=report, seed=seed)


def _stats(history: History, lag: Lag) -> dict[str, object]:
    return {
        "invoke": len(history.each(ops.Invoke)),
        "ok": len(history.each(ops.Ok)),
        "info": len(history.each(ops.Info)),
        "fail": len(history.each(ops.Fail)),
        "recv": len(history.each(ops.Recv)),
        "conns": len(history.each(ops.Conn)),
        "faults": len(history.windows),
        "faults_in_flight": vacuity.in_flight(history),
        "unresolved": len(outbox.unresolved(history)),
        "lag": _percentiles(lag.outside) | {"fault": _percentiles(lag.inside)},
    }


def _percentiles(summary: tuple[float, float, float]) -> dict[str, object]:
    return dict(zip(("50", "99", "100"), (round(value, 4) for value in summary), strict=True))
