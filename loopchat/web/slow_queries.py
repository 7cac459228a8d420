"""A line in the log for each statement that takes long: its text, never its values."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

logger = logging.getLogger(__name__)

SHOWN: Final = 300
"""Characters of a statement that are logged."""


def watch() -> None:
    """From now on, in every thread of this process."""
    if settings.SLOW_S is not None:
        connection_created.connect(_watch, dispatch_uid="loopchat.slow_queries")


def _watch(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if _timed not in connection.execute_wrappers:
        connection.execute_wrappers.append(_timed)


def _timed(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    begun_at = time.monotonic()
    try:
        return execute(sql, params, many, context)
    finally:
        seconds = time.monotonic() - begun_at
        if settings.SLOW_S is not None and seconds >= settings.SLOW_S:
            fields = {"ms": round(seconds * 1000, 1), "sql": " ".join(str(sql).split())[:SHOWN]}
            logger.warning("a query was slow", extra={"fields": fields})
