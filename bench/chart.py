"""A chart of the run as SVG, drawn by hand: it needs no library and reads well as a diff."""

from __future__ import annotations

import math
from html import escape

from bench.report import PeerRow, Report
from bench.table import number

_WIDTH, _LEFT, _RIGHT, _BAR, _TOP = 800, 310, 110, 34, 66
_LEAST = 1000.0
"""Where the logarithmic axis begins."""
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#3d4451}.t{font-size:15px;font-weight:600}"
    ".g{stroke:#d5d9e0}.b{fill:#9aa4b5}.p{fill:#2f6fed}.s{font-size:11px;fill:#6b7280}.m{text-anchor:middle}"
)


def draw(report: Report) -> str:
    """Deliveries a second of each server in a saturated room, on a logarithmic axis."""
    rows = [row for row in report.peers if row.saturated]
    most = max((row.saturated.per_second for row in rows if row.saturated), default=_LEAST * 10)
    decades = max(math.ceil(math.log10(most / _LEAST)), 1)
    members = report.settings["members"]
    height = _TOP + len(rows) * _BAR + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
        "<title>Deliveries a second of each server</title>",
        f"<style>{_STYLE}</style>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        '<text class="t" x="16" y="26">Deliveries a second, one room, one core</text>',
        f'<text class="s" x="16" y="45">{members} members, logarithmic axis</text>',
        *_grid(decades, height),
    ]
    for number_, row in enumerate(rows):
        parts += _bar(row, _TOP + number_ * _BAR, decades, row.name == report.product)
    return "\n".join([*parts, "</svg>", ""])


def _grid(decades: int, height: int) -> list[str]:
    lines = []
    for decade in range(decades + 1):
        x, value = _x(_LEAST * 10**decade, decades), _LEAST * 10**decade
        lines += [
            f'<line class="g" x1="{x:.0f}" x2="{x:.0f}" y1="{_TOP - 8}" y2="{height - 26}"/>',
            f'<text class="s m" x="{x:.0f}" y="{height - 10}">{value:,.0f}</text>',
        ]
    return lines


def _bar(row: PeerRow, y: int, decades: int, is_product: bool) -> list[str]:
    rate = row.saturated.per_second if row.saturated else 0.0
    kind = "p" if is_product else "b"
    end, label = _x(rate, decades), row.name + (", stored" if row.stored else "")
    wide = max(end - _LEFT, 2)
    return [
        f'<text x="{_LEFT - 10}" y="{y + 16}" text-anchor="end">{escape(label)}</text>',
        f'<rect class="{kind}" x="{_LEFT}" y="{y}" rx="3" width="{wide:.0f}" height="22"/>',
        f'<text x="{end + 8:.0f}" y="{y + 16}">{number(rate)}</text>',
    ]


def _x(value: float, decades: int) -> float:
    share = math.log10(max(value, _LEAST) / _LEAST) / decades
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)
