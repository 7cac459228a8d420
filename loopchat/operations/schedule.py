"""Backups by themselves: a thread beside the server runs `loopchat backup` when one is due.

It is a process of its own, so that the server does not feel it, and what it prints is in the log.
"""

from __future__ import annotations

import datetime as dt
import logging
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final

from django.conf import settings

from loopchat.operations.backup import PATTERN

logger = logging.getLogger(__name__)

AGAIN: Final = 15 * 60.0
"""Seconds until a backup that failed is tried again."""

LOOK: Final = 60.0
"""Seconds between two looks at whether one is due: a clock may jump, a machine may sleep."""

AHEAD: Final = 60 * 60.0
"""Seconds by which the clock of a folder elsewhere may be ahead. What is dated later was dated by
a clock that was wrong, and postpones nothing."""


def start() -> threading.Event | None:
    """Begin, if LOOPCHAT_BACKUP_FOLDER says where to; the event ends it."""
    if not settings.BACKUP_FOLDER:
        return None
    enough = threading.Event()
    threading.Thread(target=_run, args=[enough], name="backups", daemon=True).start()
    return enough


def due_in(folder: Path, hours: int, now: dt.datetime) -> float:
    """Seconds until the next one, counted from the newest in the folder; 0 when there is none."""
    latest = now.timestamp() + AHEAD
    dates = [made.stat().st_mtime for made in folder.glob(PATTERN)]
    newest = max((date for date in dates if date <= latest), default=None)
    if newest is None:
        return 0.0
    rest = newest + hours * 3600 - now.timestamp()
    return min(max(0.0, rest), hours * 3600.0)


def _run(enough: threading.Event) -> None:
    folder = Path(settings.BACKUP_FOLDER)
    pause = 0.0
    while not enough.wait(pause):
        pause = _look(folder)


def _look(folder: Path) -> float:
    """Back up when it is due; seconds until the next look. Nothing that goes wrong ends them."""
    try:
        wait = due_in(folder, settings.BACKUP_HOURS, dt.datetime.now(tz=dt.UTC))
        if wait == 0.0 and not _back_up(folder):
            return AGAIN
    except OSError:  # of the folder, or of starting the process
        logger.exception("the backup could not begin")
        return AGAIN
    return min(wait, LOOK) or LOOK


def _back_up(folder: Path) -> bool:
    words = ["backup", str(folder), "--keep", str(settings.BACKUP_KEEP)]
    done = subprocess.run(
        [sys.executable, "-P", "-m", "loopchat", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = (done.stdout + done.stderr).strip().splitlines() or ["it said nothing"]
    if done.returncode:
        logger.error("the backup failed: %s", lines[-1])
    else:
        logger.info("%s", lines[0])
    return done.returncode == 0
