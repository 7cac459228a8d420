"""The lines of a history around what went wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

AROUND = 20


def excerpt(
    raws: Iterable[Mapping[str, object]], case: Mapping[str, object]
) -> list[Mapping[str, object]]:
    """At most 20 operations of the same room before and after the first violation."""
    room = case.get("room")
    near = sorted(
        (raw for raw in raws if _concerns(raw, room)), key=lambda raw: float(str(raw["t"]))
    )
    middle = next(_matching(near, case), len(near))
    return near[max(0, middle - AROUND) : middle + AROUND + 1]


def _concerns(raw: Mapping[str, object], room: object) -> bool:
    if raw.get("op") in ("final", "applied", "page"):
        return False
    return room is None or raw.get("room", room) == room


def _matching(near: list[Mapping[str, object]], case: Mapping[str, object]) -> Iterator[int]:
    """Where the violation lies: at its time, else at its seq."""
    for name in ("t", "seq"):
        if name in case:
            yield from (i for i, raw in enumerate(near) if raw.get(name) == case[name])
