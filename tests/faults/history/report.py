"""What the checks found: per error key the number of cases and the first three."""

from __future__ import annotations

from collections.abc import Mapping

SHOWN = 3


class Report:
    """Collects violations; the order in which keys first appear is the order of the passes."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._first: dict[str, list[dict[str, object]]] = {}

    def add(self, key: str, **case: object) -> None:
        """Note one violation under its error key."""
        self._counts[key] = self._counts.get(key, 0) + 1
        first = self._first.setdefault(key, [])
        if len(first) < SHOWN:
            first.append(case)

    def __bool__(self) -> bool:
        return bool(self._counts)

    @property
    def found(self) -> set[str]:
        """The error keys there are cases of."""
        return set(self._counts)

    def as_dict(self) -> dict[str, dict[str, object]]:
        """The form of the verdict's `errors`."""
        return {
            key: {"count": count, "first": self._first[key]} for key, count in self._counts.items()
        }

    def earliest(self) -> Mapping[str, object] | None:
        """The case that happened first, or the first one found when none has a time."""
        cases = [case for first in self._first.values() for case in first]
        timed = [case for case in cases if isinstance(case.get("t"), float | int)]
        return min(timed, key=lambda case: float(str(case["t"])), default=None) or (
            cases[0] if cases else None
        )
