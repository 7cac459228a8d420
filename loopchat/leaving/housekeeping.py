"""What nobody waits for, in one list: each takes a portion at a time."""

from __future__ import annotations

from loopchat.accounts import avatars
from loopchat.bots import ending
from loopchat.chat import appearance, housekeeping
from loopchat.hooks import queue, stopping
from loopchat.invitations import arrivals
from loopchat.leaving import deletion


def tidy() -> bool:
    """One portion of each; whether there may be more of any."""
    ends = (deletion.tidy, ending.tidy, arrivals.tidy)
    hooks = (stopping.tidy, queue.tidy)
    parts = (*ends, *hooks, appearance.tidy, avatars.tidy, housekeeping.tidy)
    more = [part() for part in parts]
    return any(more)
