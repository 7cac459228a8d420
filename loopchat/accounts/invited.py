"""The door for invitations: whoever knows codes says here how one is opened.

Accounts do not know what an invitation is; the package that makes them calls `accept`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from loopchat.accounts.models import User


class Invitation(Protocol):
    """What a code that works allows."""

    def use(self, person: User) -> None:
        """Take one use, in the transaction that stores the account; Refused when none is left."""


Opener = Callable[[str], Invitation | None]
"""The invitation behind a code that works now; None for every other text."""

_openers: list[Opener] = []


def accept(opener: Opener) -> None:
    """Ask this one about codes from now on."""
    _openers.append(opener)


def opened(code: str) -> Invitation | None:
    """The invitation behind a code, or None."""
    if not code:
        return None
    return next((found for opener in _openers if (found := opener(code))), None)
