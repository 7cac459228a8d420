"""Judging a backup: what it holds must be a gapless beginning of the true log."""

from __future__ import annotations

from collections.abc import Sequence

from tests.faults.history import ops
from tests.faults.history.history import History
from tests.faults.history.report import Report
from tests.faults.history.verdict import Verdict


def judge_prefix(
    restored: Sequence[ops.Op], reference: Sequence[ops.Op], *, seed: int | str | None = None
) -> Verdict:
    """Compare every final log of a restored server with the same room in the reference run."""
    truth = History(reference).truth
    finals = History(restored).each(ops.Final)
    report = Report()
    for final in finals:
        _compare(final, truth.get(final.room, {}), report)
    vacuous = [] if any(final.items for final in finals) else ["no final log"]
    return Verdict(
        valid=False if report else "unknown" if vacuous else True,
        report=report,
        stats={"finals": len(finals), "items": sum(len(final.items) for final in finals)},
        seed=seed,
        vacuous=vacuous,
    )


def _compare(final: ops.Final, truth: dict[int, ops.Value], report: Report) -> None:
    seqs = [seq for seq, _ in final.items]
    if seqs != list(range(1, len(seqs) + 1)):
        missing = sorted(set(range(1, max(seqs) + 1)) - set(seqs))
        report.add("final_not_gapless", room=final.room, src=final.src, missing=missing[:20])
    for seq, value in final.items:
        if truth.get(seq) != value:
            there = truth.get(seq)
            report.add(
                "not_a_prefix",
                room=final.room,
                src=final.src,
                seq=seq,
                values=[list(value), list(there) if there else None],
            )
