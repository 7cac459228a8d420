"""What workers ring to each other on the bus: tagged MessagePack, never a pickle."""

from __future__ import annotations

import msgspec

from loopchat.realtime.outbox import Aside, Entry


class Log(msgspec.Struct, frozen=True, array_like=True, tag="log"):
    """New entries of a room's log."""

    entries: list[Entry]


class Say(msgspec.Struct, frozen=True, array_like=True, tag="say"):
    """An event that is in no log."""

    data: bytes
    skip: int | None
    passing: bool
    height: tuple[str, int] | None
    only: tuple[int, ...] | None = None


class Rights(msgspec.Struct, frozen=True, array_like=True, tag="rights"):
    """What a person may see has changed."""


class Gone(msgspec.Struct, frozen=True, array_like=True, tag="gone"):
    """A room was deleted."""


class Asked(msgspec.Struct, frozen=True, array_like=True, tag="asked"):
    """How is everybody? Each worker answers with `Told` and the same number."""

    number: str


class Told(msgspec.Struct, frozen=True, array_like=True, tag="told"):
    """How one worker is: `data` is an encoded `report.Report`."""

    number: str
    data: bytes


Ring = Log | Say | Rights | Gone | Asked | Told

encode = msgspec.msgpack.Encoder().encode

_decoder = msgspec.msgpack.Decoder(Ring)


def decode(payload: bytes) -> Ring:
    """What was rung; raises `msgspec.DecodeError` for anything else."""
    try:
        rung: Ring = _decoder.decode(payload)
    except UnicodeDecodeError as problem:  # msgspec lets this one through
        raise msgspec.DecodeError(str(problem)) from problem
    return rung


def of_aside(aside: Aside) -> Say:
    """An aside without its topic, which the bus carries."""
    return Say(aside.data, aside.skip, aside.passing, aside.height, aside.only)
