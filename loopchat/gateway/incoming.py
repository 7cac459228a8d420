"""What every frame of a client is looked at for, before it is a command."""

from __future__ import annotations

from loopchat.core.errors import Refused
from loopchat.gateway.lending import FRAME_IN_MAX


def is_too_big(text: str) -> bool:
    """uvicorn refuses such frames while it reads them; other servers do not."""
    return len(text) > FRAME_IN_MAX // 4 and len(text.encode()) > FRAME_IN_MAX


def ref_of(fields: dict[str, object]) -> int | None:
    """The number that a command wants its answer to have."""
    ref = fields.get("ref")
    if ref is None:
        return None
    if not isinstance(ref, int) or isinstance(ref, bool):
        raise Refused("bad_request", "A ref is an integer.", field="ref")
    return ref
