"""`Retry-After`: when somebody else's server wants to be asked again."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

_SECONDS: Final = re.compile(r"[0-9]{1,9}")


def read(text: str | None, *, now_ms: int) -> int | None:
    """Milliseconds from now, from seconds or from an HTTP date; None for nothing and for nonsense.

    A date that is over means at once.
    """
    said = (text or "").strip()
    if _SECONDS.fullmatch(said):
        return int(said) * 1000
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        return None
    moment = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0, int((moment - datetime.fromtimestamp(0, UTC)).total_seconds() * 1000) - now_ms)
