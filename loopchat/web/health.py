"""Whether this process lives, and whether it can serve.

What this layer cannot know (the bus, draining) is told by `asgi.py` through `Probes`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Probes:
    """Questions to the rest of the process, answered without waiting."""

    degraded: Callable[[], Collection[str]] = tuple
    """What is away without stopping anything: `bus`."""
    draining: Callable[[], bool] = bool
    """Whether the process is about to end."""


probes = Probes()
_migrated = False


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


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


def _unready(what: str) -> JsonResponse:
    return JsonResponse({"status": "unavailable", "missing": [what]}, status=503)


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
