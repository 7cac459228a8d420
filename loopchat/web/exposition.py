"""The reports of workers as metrics of Prometheus. Each has the label `worker`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from loopchat.core.tally import Spread
from loopchat.realtime.report import Report, Roll

Number = Callable[[Report], float]

GAUGES: Final[dict[str, tuple[str, Number]]] = {
    "started_timestamp_seconds": ("When the worker started", lambda r: r.started_ts / 1000),
    "draining": ("1 while the worker sends its sockets away", lambda r: r.draining),
    "sockets": ("Sockets that have come in", lambda r: r.sockets),
    "people": ("People who have a socket at this worker", lambda r: r.people),
    "live_rooms": ("Rooms that this worker delivers", lambda r: r.rooms),
    "writer_queue": ("Operations that wait to be stored", lambda r: r.queue),
    "database_reads_waiting": ("Reads that wait for a thread", lambda r: r.reads),
    "bus_up": ("1 while the bus between workers works", lambda r: r.bus_up),
    "bus_waiting": ("Messages that wait to be sent to other workers", lambda r: r.bus_waiting),
    "memory_bytes": ("Resident memory", lambda r: r.machine.memory),
    "open_files": ("Open files; each socket is one", lambda r: r.machine.files),
    "open_files_max": ("Open files that are allowed", lambda r: r.machine.files_most),
    "disk_free_bytes": ("Free in the data folder", lambda r: r.machine.disk_free),
    "disk_size_bytes": ("Size of the disk below the data folder", lambda r: r.machine.disk_size),
    "database_bytes": ("The SQLite file and its log", lambda r: r.machine.database_size),
    "backup_timestamp_seconds": (
        "When the newest backup that was read back was made, 0 for none",
        lambda r: r.backup.made_ts / 1000 if r.backup else 0,
    ),
}
COUNTERS: Final[dict[str, tuple[str, Number]]] = {
    "cpu_seconds": ("Processor time", lambda r: r.machine.cpu),
    "sockets_opened": ("Sockets that were accepted", lambda r: r.tally.opened),
    "commands": ("Frames that clients have sent", lambda r: r.tally.commands),
    "messages": ("Messages that were stored", lambda r: r.tally.messages),
    "events": ("Events of rooms that were stored, messages included", lambda r: r.tally.events),
    "cursor_moves": ("Read cursors that were stored", lambda r: r.tally.moves),
    "writes_failed": ("Operations that the database did not take", lambda r: r.tally.failed),
    "deliveries": ("Events of rooms written to sockets, live", lambda r: r.tally.deliveries),
    "frames": ("Frames that carried them", lambda r: r.tally.frames),
    "drops": (
        "Typing, presence and counts that slow readers were not told",
        lambda r: r.tally.passing_dropped,
    ),
    "gaps": ("Holes in what was told of a room", lambda r: r.tally.gaps),
    "repairs": ("Reads that filled such holes", lambda r: r.tally.repairs),
    "repaired_events": ("Events that they have read", lambda r: r.tally.repaired),
    "resyncs": ("Rooms that were too far behind for that", lambda r: r.tally.resyncs),
    "sweeps": ("Comparisons with the database", lambda r: r.tally.sweeps),
    "sweeps_failed": ("Comparisons that could not be made", lambda r: r.tally.sweeps_failed),
    "sweep_finds": ("Rooms that they found behind", lambda r: r.tally.found),
    "bus_sent": ("Messages for other workers", lambda r: r.tally.rung),
    "bus_received": ("Messages of other workers", lambda r: r.tally.heard),
    "bus_dropped": ("Messages that could not be sent in time", lambda r: r.tally.unsent),
    "bus_lost": ("Times at which messages may have been missed", lambda r: r.tally.lost),
}
Counts = Mapping[int, int] | Mapping[str, int]

BY_LABEL: Final[dict[str, tuple[str, str, Callable[[Report], Counts]]]] = {
    "sockets_closed": ("Goodbyes that we said", "code", lambda r: r.tally.closed),
    "sockets_refused": (
        "Upgrades that were turned away",
        "status",
        lambda r: r.tally.turned_away,
    ),
    "commands_refused": ("Commands that were refused", "code", lambda r: r.tally.refused),
    "requests": ("HTTP requests", "status", lambda r: r.tally.requests),
}
HISTOGRAMS: Final[dict[str, tuple[str, Callable[[Report], Spread]]]] = {
    "commit_operations": ("Operations in one transaction", lambda r: r.tally.batches),
    "commit_seconds": ("One transaction, COMMIT included", lambda r: r.tally.commit),
    "store_seconds": ("From arrival until stored", lambda r: r.tally.waited),
    "fan_out_seconds": ("From COMMIT until written to sockets", lambda r: r.tally.fan_out),
    "loop_delay_seconds": ("How late the event loop is", lambda r: r.tally.loop_delay),
    "request_seconds": ("HTTP requests", lambda r: r.tally.answered),
}


def text(roll: Roll) -> bytes:
    """Everything, in the text format."""
    registry = CollectorRegistry()
    registry.register(_Reports(roll))
    return generate_latest(registry)


class _Reports:
    """What the library calls a collector: it makes metrics from what is there already."""

    def __init__(self, roll: Roll) -> None:
        self._roll = roll

    def collect(self) -> Iterator[Metric]:
        """See `prometheus_client.registry.Collector`."""
        yield GaugeMetricFamily(
            "loopchat_people_online", "People connected to any worker", self._roll.online
        )
        yield GaugeMetricFamily(
            "loopchat_workers_silent", "Workers that did not answer", self._roll.silent
        )
        yield self._info()
        for name, (about, number) in GAUGES.items():
            gauge = GaugeMetricFamily(f"loopchat_{name}", about, labels=["worker"])
            yield self._each(gauge, number)
        for name, (about, number) in COUNTERS.items():
            counter = CounterMetricFamily(f"loopchat_{name}", about, labels=["worker"])
            yield self._each(counter, number)
        yield from self._labelled()
        yield from self._histograms()
        yield self._pool()

    def _each(
        self, metric: GaugeMetricFamily | CounterMetricFamily, number: Number
    ) -> GaugeMetricFamily | CounterMetricFamily:
        for one in self._roll.reports:
            metric.add_metric([one.name], float(number(one)))
        return metric

    def _info(self) -> Metric:
        labels = ["worker", "version", "bus"]
        info = GaugeMetricFamily("loopchat_worker", "Always 1", labels=labels)
        for one in self._roll.reports:
            info.add_metric([one.name, one.version, one.bus], 1)
        return info

    def _labelled(self) -> Iterator[Metric]:
        for name, (about, label, numbers) in BY_LABEL.items():
            counter = CounterMetricFamily(f"loopchat_{name}", about, labels=["worker", label])
            for one in self._roll.reports:
                for key, number in list(numbers(one).items()):  # the loop goes on counting
                    counter.add_metric([one.name, str(key)], number)
            yield counter

    def _histograms(self) -> Iterator[Metric]:
        for name, (about, spread) in HISTOGRAMS.items():
            metric = HistogramMetricFamily(f"loopchat_{name}", about, labels=["worker"])
            for one in self._roll.reports:
                found = spread(one)
                metric.add_metric([one.name], _buckets(found), found.total)
            yield metric

    def _pool(self) -> Metric:
        about = "Connections to PostgreSQL: how many there are, are free, may be, and who waits"
        pool = GaugeMetricFamily("loopchat_database_pool", about, labels=["worker", "what"])
        for one in self._roll.reports:
            for what, number in one.pool.items():
                pool.add_metric([one.name, what], number)
        return pool


def _buckets(spread: Spread) -> list[tuple[str, float]]:
    """As the format wants them: each with all that is below it."""
    found, below = [], 0
    for bound, count in zip([*map(str, spread.bounds), "+Inf"], spread.counts, strict=True):
        below += count
        found.append((bound, float(below)))
    return found
