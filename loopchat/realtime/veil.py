"""What one person is not to hear of others, kept beside their sockets.

Blocks and privacy are rare, so most people have none and nothing is asked when they are written
to. A veil is read with the rights and becomes old with them: the person's version tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from loopchat.realtime.outbox import Aside

Showing = Literal["everyone", "friends", "nobody"]


@dataclass(frozen=True, slots=True)
class Veil:
    """Whom and what somebody does not hear, and where nothing is told of them."""

    apart: frozenset[int] = frozenset()
    """People whom they block, and people who block them."""
    online: Showing = "everyone"
    last_seen: Showing = "everyone"
    receipts: Showing = "everyone"
    friends: frozenset[int] = frozenset()
    """Their friends, when they see the receipts of friends only."""
    quiet: frozenset[int] = frozenset()
    """Rooms that wait for their yes: nobody there hears that they type."""

    def hides(self, aside: Aside) -> bool:
        """Whether this news of a room about somebody (`skip`) is not for this person.

        What is passing says that they type; what has a height says what they have read.
        """
        if aside.passing:
            return aside.skip in self.apart
        if aside.height is None:
            return False
        return (
            aside.skip in self.apart
            or self.receipts == "nobody"
            or (self.receipts == "friends" and aside.skip not in self.friends)
        )


CLEAR: Final = Veil()
"""The veil of almost everybody."""


def meet(one: Showing, other: Showing, are_friends: bool) -> bool:
    """Whether two people see something of each other, which both show to these audiences."""
    if "nobody" in (one, other):
        return False
    return are_friends or "friends" not in (one, other)
