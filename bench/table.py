"""Tables for the terminal and, because they are Markdown, for the documentation."""

from __future__ import annotations

from collections.abc import Sequence

from bench.report import PeerRow, Report
from bench.targets import TIMES, Judged

Row = Sequence[str]

_NOTHING = "–"  # noqa: RUF001


def markdown(header: Row, rows: Sequence[Row]) -> str:
    """A table with columns as wide as their widest cell; all but the first align right."""
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    rule = [
        ("-" * width) if not column else "-" * (width - 1) + ":"
        for column, width in enumerate(widths)
    ]
    return "\n".join(_line(row, widths) for row in (header, rule, *rows))


def peers(report: Report) -> str:
    """Who was measured, and how they compare in a saturated room."""
    header = (
        *("server", "stored", "open loop µs", "p50 / p99 ms", "saturated /s", "µs"),
        *("others' share", "against it"),
    )
    product = next((row for row in report.peers if row.name == report.product), None)
    return markdown(header, [_peer(row, product) for row in report.peers])


def figures(judged: Sequence[Judged]) -> str:
    """What must be reached and what was."""
    header = ("figure", "measured", "must", "dream", "verdict")
    return markdown(header, [_figure(one) for one in judged])


def number(value: float | None) -> str:
    """Three digits that matter, thousands apart; a dash for nothing."""
    if value is None:
        return _NOTHING
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _peer(row: PeerRow, product: PeerRow | None) -> Row:
    if row.missing:
        return (row.name, "", row.missing, "", "", "", "", "")
    opened, full = row.open_loop, row.saturated
    delay = opened.latency if opened else None
    overloaded = opened is not None and row.overloaded
    times = (
        product.saturated.per_second / full.per_second
        if (product and product.saturated and full and product is not row)
        else None
    )
    return (
        row.name,
        "yes" if row.stored else "no",
        "overloaded" if overloaded else number(opened.cpu_us if opened else None),
        f"{number(delay.p50)} / {number(delay.p99)}" if delay and not overloaded else _NOTHING,
        number(full.per_second if full else None),
        number(full.cpu_us if full else None),
        f"{max(r.others_cpu for r in (opened, full) if r):.0%}" if opened or full else _NOTHING,
        f"{number(times)} {TIMES}" if times else _NOTHING,
    )


def _figure(one: Judged) -> Row:
    target, sign = one.target, "≤" if one.target.at_most else "≥"
    bounds = [f"{sign} {bound:,.0f} {target.unit}" for bound in (target.must, target.dream)]
    value = _NOTHING if one.value is None else f"{number(one.value)} {target.unit}"
    return (target.label, value, *bounds, one.verdict)


def _line(row: Row, widths: Sequence[int]) -> str:
    cells = [
        cell.ljust(width) if not column else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return f"| {' | '.join(cells)} |"
