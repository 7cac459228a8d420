"""What a backup leaves behind that was killed: nobody else would ever remove it.

Its process may have run on another machine, so it is not asked whether it lives. What nothing was
written to for a day belongs to nobody any more.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from django.conf import settings

from loopchat.operations.databases import copies

logger = logging.getLogger(__name__)

SCRATCH: Final = "scratch-"
"""How the names of folders begin that are beside the data for a while."""

PART: Final = ".part"
"""How the name of a backup ends until it was read back."""

OLD: Final = 24 * 3600.0
"""Seconds after which something is left over: no backup takes as long."""


def sweep(folder: Path) -> None:
    """Remove it from the data folder, this folder of backups, and beside the database."""
    before = time.time() - OLD
    for path in _found(folder):
        if _touched(path) < before:
            _remove(path)
    copies().sweep(before)


def _found(folder: Path) -> Iterator[Path]:
    yield from settings.DATA_DIR.glob(f"{SCRATCH}*/")
    yield from folder.glob(f".loopchat-*.tar.gz{PART}")


def _touched(path: Path) -> float:
    """Seconds since the epoch; something that is just going away was touched now."""
    try:
        return max(one.stat().st_mtime for one in (path, *path.glob("*")))
    except OSError:
        return time.time()


def _remove(path: Path) -> None:
    try:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    except OSError as problem:
        logger.warning("%s is left over from a backup and cannot be removed: %s", path, problem)
