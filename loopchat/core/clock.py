"""The server's clock."""

from __future__ import annotations

import threading
import time
from datetime import datetime

_lock = threading.Lock()
_latest = 0


def now_ms() -> int:
    """Milliseconds since the epoch; never less than an earlier answer in this process."""
    global _latest
    with _lock:
        _latest = max(_latest, time.time_ns() // 1_000_000)
        return _latest


def ts_of(at: datetime) -> int:
    """A moment as the protocol says it: milliseconds since the epoch."""
    return int(at.timestamp() * 1000)
