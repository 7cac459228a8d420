"""Each defect of a server, planted in a clean history, is caught by the checks named for it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from tests.faults.generator import Raw, clean
from tests.faults.history.verdict import judge

SEEDS = (0, 1, 2)


def number(value: object) -> int:
    """A field of a raw operation as an int."""
    assert isinstance(value, int)
    return value


def moment(raw: Raw) -> float:
    """When an operation happened."""
    return float(str(raw["t"]))


def of(raws: list[Raw], op: str, **fields: object) -> list[Raw]:
    """The operations of one kind with these fields, in order of time."""
    return [
        raw
        for raw in raws
        if raw["op"] == op and all(raw[name] == value for name, value in fields.items())
    ]


def items_of(final: Raw) -> list[list[object]]:
    """The log that a final holds; changing it changes the history."""
    items = final["items"]
    assert isinstance(items, list)
    return items


def finals_of(raws: list[Raw], room: object) -> list[list[list[object]]]:
    """The logs of one room by every source."""
    return [items_of(final) for final in of(raws, "final", room=room)]


def lines_of(raws: list[Raw]) -> dict[tuple[object, object], list[Raw]]:
    """Live events by socket and room."""
    lines: dict[tuple[object, object], list[Raw]] = {}
    for raw in of(raws, "recv", src="live"):
        lines.setdefault((raw["conn"], raw["room"]), []).append(raw)
    return lines


def longest_line(raws: list[Raw]) -> list[Raw]:
    """The live events of the socket and room with the most of them."""
    return max(lines_of(raws).values(), key=len)


def neighbours(raws: list[Raw]) -> tuple[Raw, Raw]:
    """Two messages in a row on one socket that another socket got in a row as well."""
    for line in sorted(lines_of(raws).values(), key=len, reverse=True):
        for first, second in pairwise(line):
            pair = (first["id"], second["id"])
            others = [
                [raw["id"] for raw in other]
                for other in lines_of(raws).values()
                if other is not line and other[0]["room"] == first["room"]
            ]
            if any(pair in pairwise(ids) for ids in others):
                return first, second
    raise AssertionError("no two sockets got the same two messages live")


def acked_once(raws: list[Raw]) -> Raw:
    """An acknowledgement in the middle of the run whose message was attempted once."""
    oks = of(raws, "send", phase="ok")
    for ok in oks[len(oks) // 2 :]:
        if len(of(raws, "send", phase="invoke", cid=ok["cid"])) == 1:
            return ok
    raise AssertionError("every message was attempted twice")


# The defects. Each changes the history in place.


def drop(raws: list[Raw]) -> None:
    line = longest_line(raws)
    raws.remove(line[len(line) // 2])


def duplicate(raws: list[Raw]) -> None:
    again = longest_line(raws)[3]
    raws.append({**again, "t": moment(again) + 0.00001})


def swap(raws: list[Raw]) -> None:
    first, second = neighbours(raws)
    first["t"], second["t"] = second["t"], first["t"]


def relabel(raws: list[Raw]) -> None:
    first, second = neighbours(raws)
    for name in ("id", "u", "cid", "h"):
        first[name], second[name] = second[name], first[name]


def phantom(raws: list[Raw]) -> None:
    for items in finals_of(raws, "garden"):
        items.append([len(items) + 1, "id-ghost", "ann", "cid-ghost", "hash-ghost"])


def lose_ack(raws: list[Raw]) -> None:
    last = max(of(raws, "send", phase="ok", room="garden"), key=lambda raw: number(raw["seq"]))
    for items in finals_of(raws, "garden"):
        items[:] = [item for item in items if item[0] != last["seq"]]


def take_effect_twice(raws: list[Raw]) -> None:
    ok = of(raws, "send", phase="ok", room="garden")[10]
    for items in finals_of(raws, "garden"):
        item = next(item for item in items if item[3] == ok["cid"])
        items.append([len(items) + 1, "id-second", *item[2:]])


def corrupt(raws: list[Raw]) -> None:
    ok = of(raws, "send", phase="ok", room="garden")[10]
    for items in finals_of(raws, "garden"):
        next(item for item in items if item[3] == ok["cid"])[4] = "another hash"


def refuse_and_store(raws: list[Raw]) -> None:
    ok = acked_once(raws)
    for name in ("seq", "id", "dup"):
        del ok[name]
    ok.update(phase="fail", code="forbidden", definite=True)


def diverge(raws: list[Raw]) -> None:
    items_of(of(raws, "final", src="w2")[0]).pop()


def tear_a_hole(raws: list[Raw]) -> None:
    ok = acked_once(raws)
    for items in finals_of(raws, ok["room"]):
        items[:] = [item for item in items if item[0] != ok["seq"]]


def leak(raws: list[Raw]) -> None:
    event = longest_line(raws)[5]
    person = str(event["conn"]).partition("/")[0]
    seq = number(event["seq"]) - 1
    raws.append(
        {
            "op": "member",
            "t": moment(event) - 0.00001,
            "room": event["room"],
            "u": person,
            "kind": "remove",
            "seq": seq,
            "id": f"remove-{person}",
        }
    )


def deliver_late(raws: list[Raw]) -> None:
    raws.append({"op": "revoke", "t": -5.0, "sess": "login-ann"})


def invert(raws: list[Raw]) -> None:
    """Two messages of two people: the earlier in the log is now sent after the other's ack."""
    oks = of(raws, "send", phase="ok", room="garden")
    early = next(ok for ok in oks if len(of(raws, "send", cid=ok["cid"])) == 2)
    later = next(ok for ok in oks if number(ok["seq"]) > number(early["seq"]) + 3)
    invoke = of(raws, "send", phase="invoke", cid=early["cid"])[0]
    invoke["t"], early["t"] = moment(later) + 0.00001, moment(later) + 0.00002


def read_a_stale_head(raws: list[Raw]) -> None:
    ok = of(raws, "send", phase="ok", room="garden")[20]
    raws.append(
        {
            "op": "page",
            "t": moment(ok) + 0.00001,
            "u": ok["u"],
            "room": "garden",
            "lo": 1,
            "hi": 0,
            "items": [],
            "head": number(ok["seq"]) - 1,
        }
    )


def move_a_cursor_back(raws: list[Raw]) -> None:
    end = moment(of(raws, "quiesce")[0])
    for at, seq in ((end - 0.002, 9), (end - 0.001, 4)):
        raws.append({"op": "cursor", "t": at, "u": "ann", "room": "garden", "seq": seq})


def change_an_ack(raws: list[Raw]) -> None:
    ok = of(raws, "send", phase="ok")[10]
    raws.append({**ok, "t": moment(ok) + 0.00001, "seq": number(ok["seq"]) + 1, "dup": True})


def deliver_unasked(raws: list[Raw]) -> None:
    event = longest_line(raws)[0]
    raws[:] = [
        raw
        for raw in raws
        if (raw["op"], raw.get("conn"), raw.get("room")) != ("sub", event["conn"], event["room"])
    ]


def forget_the_last(raws: list[Raw]) -> None:
    closed = {raw["conn"] for raw in of(raws, "close")}
    raws.remove([raw for raw in of(raws, "recv") if raw["conn"] not in closed][-1])


def receive_nothing(raws: list[Raw]) -> None:
    raws[:] = [raw for raw in raws if raw["op"] != "recv"]


DEFECTS: dict[Callable[[list[Raw]], None], set[str]] = {
    drop: {"gap"},
    duplicate: {"dup_or_reorder_on_conn"},
    swap: {"gap", "dup_or_reorder_on_conn", "order_cycle"},
    relabel: {"fork", "duplicate_effect", "dup_id", "order_cycle"},
    phantom: {"phantom"},
    lose_ack: {"lost_ack", "vanished"},
    take_effect_twice: {"duplicate_effect"},
    corrupt: {"corrupt", "fork"},
    refuse_and_store: {"aborted_read"},
    diverge: {"final_divergence"},
    tear_a_hole: {"final_not_gapless", "lost_ack", "vanished"},
    leak: {"leak_outside_membership"},
    deliver_late: {"delivered_after_revocation"},
    invert: {"realtime_violation"},
    read_a_stale_head: {"stale_head"},
    move_a_cursor_back: {"cursor_regressed"},
    change_an_ack: {"ack_unstable"},
    deliver_unasked: {"unsubscribed_delivery"},
    forget_the_last: {"tail_not_delivered"},
    receive_nothing: {"tail_not_delivered"},
}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.__name__)
def test_it_catches(defect: Callable[[list[Raw]], None], seed: int) -> None:
    raws = clean(seed)
    defect(raws)
    verdict = judge(raws, seed=seed)
    assert verdict.valid is False
    assert DEFECTS[defect] <= verdict.report.found, verdict.as_dict()


@pytest.mark.parametrize("seed", SEEDS)
def test_it_knows_nothing_of_a_run_without_sockets(seed: int) -> None:
    raws = [raw for raw in clean(seed) if raw["op"] not in ("recv", "sub", "conn", "close")]
    verdict = judge(raws)
    assert verdict.valid == "unknown"
    assert "nothing was received" in verdict.vacuous


@pytest.mark.parametrize("seed", SEEDS)
def test_it_shows_the_first_three_cases_and_counts_all(seed: int) -> None:
    raws = clean(seed)
    for items in finals_of(raws, "garden"):
        for extra in range(5):
            items.append([len(items) + 1, f"ghost-{extra}", "ann", f"ghost-{extra}", "boo"])
    errors = judge(raws).as_dict()["errors"]
    assert isinstance(errors, dict)
    assert errors["phantom"]["count"] == 5
    assert len(errors["phantom"]["first"]) == 3
