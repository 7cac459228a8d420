"""Pass 0: one JSON object a line becomes one operation; what is unknown is refused.

A checker that skips what it does not understand proves nothing about it, so an unknown operation,
an unknown field and a missing field are all errors. The operation `room` and the fields marked
optional below are this project's own: the run declares what the log itself does not say.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, cast

from tests.faults.history import ops

Check = Callable[[object], bool]


class Malformed(ValueError):
    """A line that is not an operation of the history format."""


def load(lines: Iterable[str]) -> list[ops.Op]:
    """All operations of a JSONL history in order of time."""
    return read(_objects(lines))


def read(raws: Iterable[object]) -> list[ops.Op]:
    """The same for objects already decoded; the sort is stable."""
    found = [_operation(raw, number) for number, raw in enumerate(raws, 1)]
    return sorted(found, key=lambda op: op.t)


def _objects(lines: Iterable[str]) -> Iterable[object]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield json.loads(line, parse_constant=_no_constant)
            except ValueError as error:
                raise Malformed(f"line {number}: not JSON: {error}") from error


def _no_constant(word: str) -> object:
    raise ValueError(f"{word} is not a number")


def _operation(raw: object, number: int) -> ops.Op:
    if not isinstance(raw, dict):
        raise Malformed(f"line {number}: not an object")
    name = raw.get("op")
    phase = raw.get("phase") if name == "send" else None
    shape = _SHAPES.get((str(name), phase if phase is None else str(phase)))
    if shape is None:
        raise Malformed(f"line {number}: unknown operation {name!r} {phase!r}")
    wrong = _wrong(raw, shape)
    if wrong:
        raise Malformed(f"line {number}: {name}: {wrong}")
    return shape.make(raw)


def _wrong(raw: Mapping[str, object], shape: Shape) -> str | None:
    for field, check in shape.required.items():
        if field not in raw:
            return f"no {field!r}"
        if not check(raw[field]):
            return f"bad {field!r}: {raw[field]!r}"
    if len(raw) == len(shape.required):
        return None
    for field in raw.keys() - shape.required.keys():
        optional = shape.optional.get(field)
        if optional is None:
            return f"unknown field {field!r}"
        if not optional(raw[field]):
            return f"bad {field!r}: {raw[field]!r}"
    return None


# Checks of one field. A bool is an int to Python; here it is not.


def _string(value: object) -> bool:
    return type(value) is str


def _whole(value: object) -> bool:
    return type(value) is int


def _number(value: object) -> bool:
    return type(value) is float or type(value) is int


def _truth(value: object) -> bool:
    return type(value) is bool


def _name(value: object) -> bool:
    return type(value) is str or type(value) is int


def _name_or_none(value: object) -> bool:
    return value is None or _name(value)


def _whole_or_none(value: object) -> bool:
    return value is None or _whole(value)


def _names(value: object) -> bool:
    return type(value) is list and all(map(_name, value))


def _items(value: object) -> bool:
    return type(value) is list and all(map(_item, value))


def _item(value: object) -> bool:
    return (
        type(value) is list
        and len(value) == 5
        and _whole(value[0])
        and _name(value[1])
        and _name(value[2])
        and _name(value[3])
        and _string(value[4])
    )


def _among(*words: str) -> Check:
    return lambda value: type(value) is str and value in words


# Making the operation from fields that have been checked.


class Shape(NamedTuple):
    """The fields of one operation, what each must be, and what it becomes."""

    required: Mapping[str, Check]
    optional: Mapping[str, Check]
    make: Callable[[dict[str, object]], ops.Op]


def _plain(
    kind: type[ops.Op], fields: dict[str, Check], *, aliases: dict[str, str] | None = None
) -> Shape:
    """An operation whose fields, in the order of `fields`, are those of its class after `t`."""
    names = tuple(fields)
    make = cast("Callable[..., ops.Op]", kind)
    positions = tuple((aliases or {}).get(name, name) for name in names)
    assert ("t", *positions) == cast("tuple[str, ...]", kind._fields), kind
    return Shape(
        {"op": _string, "t": _number, **fields},
        {},
        lambda raw: make(raw["t"], *[raw[name] for name in names]),
    )


def _send(kind: type[ops.Op], fields: dict[str, Check]) -> Shape:
    shape = _plain(kind, fields)
    return Shape({**shape.required, "phase": _string}, {}, shape.make)


def _item_of(raw: list[object]) -> ops.Item:
    seq, *value = raw
    return ops.Item(cast("int", seq), ops.Value(*cast("list[str]", value)))


def _items_of(raw: object) -> tuple[ops.Item, ...]:
    return tuple(_item_of(item) for item in cast("list[list[object]]", raw))


def _page(raw: dict[str, object]) -> ops.Op:
    answered = cast("float", raw["t"])
    return ops.Page(
        answered,
        cast("ops.Name", raw["u"]),
        cast("ops.Name", raw["room"]),
        cast("int", raw["lo"]),
        cast("int", raw["hi"]),
        _items_of(raw["items"]),
        cast("int", raw["head"]),
        cast("float", raw.get("asked", answered)),
    )


def _final(raw: dict[str, object]) -> ops.Op:
    return ops.Final(
        cast("float", raw["t"]),
        cast("ops.Name", raw["room"]),
        cast("ops.Name", raw["src"]),
        _items_of(raw["items"]),
    )


def _applied(raw: dict[str, object]) -> ops.Op:
    return ops.Applied(
        cast("float", raw["t"]),
        cast("ops.Name", raw["client"]),
        cast("ops.Name", raw["room"]),
        tuple(cast("list[ops.Name]", raw["ids"])),
    )


def _cursor(raw: dict[str, object]) -> ops.Op:
    return ops.Cursor(
        cast("float", raw["t"]),
        cast("ops.Name", raw["u"]),
        cast("ops.Name", raw["room"]),
        cast("int", raw["seq"]),
        cast("ops.Name | None", raw.get("conn")),
        cast("int | None", raw.get("unread")),
    )


def _nemesis(raw: dict[str, object]) -> ops.Op:
    return ops.Nemesis(
        cast("float", raw["t"]),
        cast("str", raw["what"]),
        cast("str | None", raw.get("phase")),
        cast("float | None", raw.get("start")),
        cast("float | None", raw.get("stop")),
    )


def _policy(raw: dict[str, object]) -> ops.Op:
    return ops.Policy(
        cast("float", raw["t"]),
        cast("ops.Name", raw["room"]),
        cast("str", raw.get("history", "shared")),
        cast("bool", raw.get("open", False)),
    )


_MESSAGE: dict[str, Check] = {"u": _name, "room": _name, "cid": _name}
_HEAD: dict[str, Check] = {"op": _string, "t": _number}

_SHAPES: dict[tuple[str, str | None], Shape] = {
    ("send", "invoke"): _send(ops.Invoke, {"conn": _name, **_MESSAGE, "h": _string}),
    ("send", "ok"): _send(ops.Ok, {**_MESSAGE, "seq": _whole, "id": _name, "dup": _truth}),
    ("send", "fail"): _send(ops.Fail, {**_MESSAGE, "code": _string, "definite": _truth}),
    ("send", "info"): _send(ops.Info, _MESSAGE),
    ("conn", None): _plain(ops.Conn, {"conn": _name, "u": _name, "sess": _name, "worker": _name}),
    ("close", None): _plain(ops.Close, {"conn": _name, "code": _whole_or_none}),
    ("sub", None): _plain(
        ops.Sub, {"conn": _name, "room": _name, "from": _whole}, aliases={"from": "base"}
    ),
    ("resync", None): _plain(
        ops.Resync, {"conn": _name, "room": _name, "to": _whole, "reason": _string}
    ),
    ("recv", None): _plain(
        ops.Recv,
        {
            "conn": _name,
            "room": _name,
            "seq": _whole,
            "id": _name,
            "u": _name,
            "cid": _name,
            "h": _string,
            "src": _among("live", "replay"),
        },
    ),
    ("applied", None): Shape(
        {**_HEAD, "client": _name, "room": _name, "ids": _names}, {}, _applied
    ),
    ("page", None): Shape(
        {
            **_HEAD,
            "u": _name,
            "room": _name,
            "lo": _whole,
            "hi": _whole,
            "items": _items,
            "head": _whole,
        },
        {"asked": _number},
        _page,
    ),
    ("member", None): _plain(
        ops.Member,
        {
            "room": _name,
            "u": _name,
            "kind": _among("add", "remove"),
            "seq": _whole,
            "id": _name,
        },
    ),
    ("revoke", None): _plain(ops.Revoke, {"sess": _name}),
    ("eph", None): _plain(
        ops.Eph, {"conn": _name, "room": _name_or_none, "kind": _string, "u": _name_or_none}
    ),
    ("cursor", None): Shape(
        {**_HEAD, "u": _name, "room": _name, "seq": _whole},
        {"conn": _name, "unread": _whole},
        _cursor,
    ),
    ("nemesis", None): Shape(
        {**_HEAD, "what": _string},
        {"phase": _among("start", "stop"), "start": _number, "stop": _number},
        _nemesis,
    ),
    ("quiesce", None): _plain(ops.Quiesce, {}),
    ("final", None): Shape({**_HEAD, "room": _name, "src": _name, "items": _items}, {}, _final),
    ("room", None): Shape(
        {**_HEAD, "room": _name},
        {"history": _among("shared", "joined"), "open": _truth},
        _policy,
    ),
}
