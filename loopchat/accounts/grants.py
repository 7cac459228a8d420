"""What a sign-in may do: what its person may, or less. Whoever lets somebody in asks here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from loopchat.core.errors import Refused


@dataclass(frozen=True, slots=True)
class Grant:
    """A limit of a token. Sessions have none."""

    writes: bool = True
    rooms: frozenset[int] | None = None
    """The rooms that it is for; None for everything."""

    @property
    def is_limited(self) -> bool:
        """Whether it allows less than its person may do."""
        return not self.writes or self.rooms is not None

    def admit_writing(self) -> None:
        """Refuse a change with a token that may only read."""
        if not self.writes:
            raise Refused("forbidden", "This token may only read.")

    def admit_room(self, room_id: int) -> None:
        """Refuse other rooms than those of the token: they are not there."""
        if self.rooms is not None and room_id not in self.rooms:
            raise Refused("not_found", "There is no such room.")

    def admit_anything(self) -> None:
        """Refuse what is not about one room with a token that is for some rooms only."""
        if self.rooms is not None:
            raise Refused("forbidden", "This token is for some rooms only.")

    def of(self, room_ids: Iterable[int]) -> set[int]:
        """Those of these rooms that it is for."""
        found = set(room_ids)
        return found if self.rooms is None else found & self.rooms


FULL: Final = Grant()
"""Everything that the person may do."""
