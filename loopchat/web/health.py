"""Whether this process lives, and whether it can serve.

What this layer cannot know (the bus, draining) is told by `asgi.py` through `Probes`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from django.core.signing import BadSignature, TimestampSigner
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from loopchat.realtime.report import Roll

log = logging.getLogger(__name__)

DOCTOR: Final = "X-Loopchat-Doctor"


@dataclass(slots=True)
class Probes:
    """Questions to the rest of the process, answered without waiting."""

    degraded: Callable[[], Collection[str]] = tuple
    """What is away without stopping anything: `bus`, `disk`."""
    draining: Callable[[], bool] = bool
    """Whether the process is about to end."""
    roll: Callable[[], Roll] = lambda: Roll([])
    """How all workers are. This one waits, for half a second at most unless something is wrong."""


probes = Probes()
_migrated = False


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers; and our own doctor, what its request looked like on arrival."""
    seen = _arrival(request) if is_doctor(request) else {}
    return JsonResponse({"status": "ok", **seen})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when people can be served, perhaps with less comfort; 503 when not."""
    if probes.draining():
        return _unready("draining")
    try:
        if not _is_migrated():
            return _unready("migrations")
    except DatabaseError:
        return _unready("database")
    return JsonResponse({"status": "ok", "degraded": sorted(probes.degraded())})


def doctors_header() -> dict[str, str]:
    """What `loopchat doctor` sends along: only who has this server's secret key can make it."""
    return {DOCTOR: TimestampSigner(salt=DOCTOR).sign("healthz")}


def is_doctor(request: HttpRequest) -> bool:
    """Whether a request is from our own doctor, of this minute."""
    try:
        TimestampSigner(salt=DOCTOR).unsign(request.headers.get(DOCTOR, ""), max_age=60)
    except BadSignature:
        return False
    return True


def _arrival(request: HttpRequest) -> dict[str, object]:
    meta = request.META
    return {
        "peer": meta.get("loopchat.peer"),
        "client": meta.get("REMOTE_ADDR"),
        "by_proxy": meta.get("loopchat.by_proxy"),
        "has_address": meta.get("loopchat.has_address"),
        "https": request.is_secure(),
    }


def _unready(what: str) -> JsonResponse:
    body = {"status": "unavailable", "missing": [what]}
    return JsonResponse(body, status=503, headers={"Retry-After": "1"})


def _is_migrated() -> bool:
    """Reading the migrations takes long; once they are applied they stay applied."""
    global _migrated
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated
