"""All that one run measured, as data: the tables, the chart and the JSON are drawn from it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.figures import Spread, ratio
from bench.loads.city import CityResult
from bench.loads.crowd import CrowdResult
from bench.loads.durable import DurableResult
from bench.loads.room import RoomResult
from bench.loads.slow import SlowResult
from bench.loads.soak import SoakResult
from bench.targets import judge

_OVERLOADED_MS = 1000


@dataclass(slots=True)
class PeerRow:
    """One server and its room."""

    name: str
    stored: bool
    missing: str = ""
    open_loop: RoomResult | None = None
    saturated: RoomResult | None = None

    @property
    def overloaded(self) -> bool:
        """The offered rate was more than it could deliver within a second."""
        opened = self.open_loop
        if opened is None:
            return False
        late = opened.latency is None or opened.latency.p99 > _OVERLOADED_MS
        return late or not opened.complete


@dataclass(slots=True)
class Report:
    """One run."""

    machine: dict[str, str | int | bool]
    settings: dict[str, str | int | float | bool]
    product: str
    disk: dict[str, float] = field(default_factory=dict)
    kernel: dict[str, float | str] = field(default_factory=dict)
    peers: list[PeerRow] = field(default_factory=list)
    durable: DurableResult | None = None
    durable_postgres: DurableResult | None = None
    crowd: CrowdResult | None = None
    city: CityResult | None = None
    soak: SoakResult | None = None
    slow: SlowResult | None = None
    start: dict[str, float] = field(default_factory=dict)
    history: Spread | None = None
    history_rest: Spread | None = None
    returning: Spread | None = None
    troubles: list[str] = field(default_factory=list)

    def measured(self) -> dict[str, float | None]:
        """The figures that have a target, by key."""
        mine = self._row(self.product)
        opened = mine.open_loop if mine else None
        full = mine.saturated if mine else None
        cpu_us = opened.cpu_us if opened else None
        paced = self.kernel.get("paced_us")
        return {
            "cpu_us": cpu_us,
            "p99_ms": opened.latency.p99 if opened and opened.latency else None,
            "saturated": full.per_second if full else None,
            "over_kernel": ratio(cpu_us, paced if isinstance(paced, float) else None),
            "over_channels": self._over("Channels + channels_redis + Daphne"),
            "over_ejabberd": self._over("ejabberd MUC over WebSocket"),
            "durable": self.durable.per_second if self.durable else None,
            "durable_postgres": self._postgres_sends(),
            "memory_kib": self.crowd.bytes_per_socket / 1024 if self.crowd else None,
            "city_live_s": self._city_live(),
            "history_ms": self.history.p99 if self.history else None,
            "history_rest_ms": self.history_rest.p99 if self.history_rest else None,
            "return_ms": self.returning.p99 if self.returning else None,
            "beside_slow": self.slow.slower if self.slow else None,
            "start_s": self.start.get("second"),
        }

    def write(self, path: Path) -> None:
        """As JSON, with the verdicts."""
        data = asdict(self)
        data["figures"] = [
            {**asdict(one.target), "value": one.value, "verdict": one.verdict}
            for one in judge(self.measured())
        ]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(_rounded(data), indent=1, ensure_ascii=False) + "\n")

    def _row(self, name: str) -> PeerRow | None:
        return next((row for row in self.peers if row.name == name), None)

    def _over(self, name: str) -> float | None:
        """Against the fastest variant of a peer (stored or not)."""
        mine = self._row(self.product)
        rates = [r.saturated.per_second for r in self.peers if r.name == name and r.saturated]
        full = mine.saturated if mine else None
        return ratio(full.per_second if full else None, max(rates, default=None))

    def _postgres_sends(self) -> float | None:
        return self.durable_postgres.per_second if self.durable_postgres else None

    def _city_live(self) -> float | None:
        """Scaled to 10,000 when a smaller city was measured."""
        return self.city.all_live_s * 10_000 / self.city.sockets if self.city else None


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return float(f"{value:.5g}")
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return value
