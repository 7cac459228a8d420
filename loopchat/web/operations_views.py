"""The page for owners on which one sees how the server is, and the figures that keep it live."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

import msgspec
from django.db import connection
from django.http import Http404, HttpResponse
from django.shortcuts import render

from loopchat.core.clock import now_ms
from loopchat.core.recent import Problem
from loopchat.realtime.report import Backup, Report, Roll
from loopchat.web.answers import PersonRequest, data, lookup, page
from loopchat.web.health import probes

PROBLEMS: Final = 20

SUMS: Final = (
    "messages",
    "deliveries",
    "commands",
    "passing_dropped",
    "gaps",
    "repairs",
    "resyncs",
    "failed",
    "unsent",
)
"""Numbers that the page shows for all workers together."""


class Worker(msgspec.Struct, frozen=True):
    """One row of the table. Sizes are bytes, times milliseconds since the epoch."""

    name: str
    version: str
    started_ts: int
    sockets: int
    people: int
    queue: int
    memory: int
    draining: bool
    bus_up: bool


class Told(msgspec.Struct, frozen=True):
    """A line of the log, and which worker has written it."""

    worker: str
    ts: int
    level: str
    text: str


class Database(msgspec.Struct, frozen=True):
    """`busy` and `most` are connections of all workers; 0 for SQLite."""

    kind: str
    size: int
    busy: int
    most: int
    waiting: int


class Figures(msgspec.Struct, frozen=True):
    """Everything that the page shows. The sums only rise; the page makes rates of them."""

    ts: int
    online: int
    silent: int
    sums: dict[str, int]
    commits: int
    commit_s: float
    delay_s: float
    delays: int
    bus: str
    bus_up: bool
    database: Database
    disk_free: int
    disk_size: int
    backup: Backup | None
    workers: list[Worker]
    problems: list[Told]


@page
def operations(request: PersonRequest) -> HttpResponse:
    """The page; its script asks for the figures."""
    _only_owners(request)
    return render(request, "operations.html")


@lookup
def figures(request: PersonRequest) -> HttpResponse:
    """The figures of now."""
    _only_owners(request)
    try:
        return data(_figures(probes.roll()))
    except TimeoutError:  # the event loop does not come round
        return HttpResponse(status=HTTPStatus.SERVICE_UNAVAILABLE)


def _figures(roll: Roll) -> Figures:
    reports = roll.reports
    machine = reports[0].machine if reports else None
    return Figures(
        ts=now_ms(),
        online=roll.online,
        silent=roll.silent,
        sums={name: sum(getattr(one.tally, name) for one in reports) for name in SUMS},
        commits=sum(sum(one.tally.commit.counts) for one in reports),
        commit_s=sum(one.tally.commit.total for one in reports),
        delays=sum(sum(one.tally.loop_delay.counts) for one in reports),
        delay_s=sum(one.tally.loop_delay.total for one in reports),
        bus=reports[0].bus if reports else "",
        bus_up=all(one.bus_up for one in reports),
        database=_database(reports),
        disk_free=machine.disk_free if machine else 0,
        disk_size=machine.disk_size if machine else 0,
        backup=max((b for one in reports if (b := one.backup)), key=_made_at, default=None),
        workers=[_row(one) for one in sorted(reports, key=lambda one: (one.started_ts, one.pid))],
        problems=_problems(reports),
    )


def _row(one: Report) -> Worker:
    return Worker(
        name=one.name,
        version=one.version,
        started_ts=one.started_ts,
        sockets=one.sockets,
        people=one.people,
        queue=one.queue,
        memory=one.machine.memory,
        draining=one.draining,
        bus_up=one.bus_up,
    )


def _database(reports: list[Report]) -> Database:
    pools = [one.pool for one in reports if one.pool]
    return Database(
        kind="PostgreSQL" if connection.vendor == "postgresql" else "SQLite",
        size=_size(reports),
        busy=sum(pool["size"] - pool["free"] for pool in pools),
        most=sum(pool["most"] for pool in pools),
        waiting=sum(pool["waiting"] for pool in pools),
    )


def _size(reports: list[Report]) -> int:
    if connection.vendor != "postgresql":
        return reports[0].machine.database_size if reports else 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def _problems(reports: list[Report]) -> list[Told]:
    """The newest of all workers, the newest first."""
    found: list[tuple[Problem, Report]] = [(p, one) for one in reports for p in one.problems]
    found.sort(key=lambda pair: pair[0].ts, reverse=True)
    return [Told(one.name, p.ts, p.level, p.text) for p, one in found[:PROBLEMS]]


def _made_at(backup: Backup) -> int:
    return backup.made_ts


def _only_owners(request: PersonRequest) -> None:
    if not request.user.is_owner:
        raise Http404
