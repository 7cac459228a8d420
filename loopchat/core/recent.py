"""The newest warnings and errors of this process, for the page for operators."""

from __future__ import annotations

from collections import deque
from typing import Final

import msgspec

KEPT: Final = 30


class Problem(msgspec.Struct, frozen=True):
    """One line of the log. `ts` is in milliseconds since the epoch."""

    ts: int
    level: str
    logger: str
    text: str


problems: Final[deque[Problem]] = deque(maxlen=KEPT)
