"""What the checker does not understand it refuses; what is missing it calls unknown."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.generator import Raw, clean
from tests.faults.history.__main__ import main
from tests.faults.history.parse import Malformed, load
from tests.faults.history.vacuity import Demand
from tests.faults.history.verdict import judge

RECV: Raw = {
    "op": "recv",
    "t": 1.5,
    "conn": "ann/1",
    "room": 1,
    "seq": 1,
    "id": 1,
    "u": 1,
    "cid": "c",
    "h": "h",
    "src": "live",
}
INVOKE: Raw = {
    "op": "send",
    "phase": "invoke",
    "t": 1,
    "conn": "ann/1",
    "u": 1,
    "room": 1,
    "cid": "c",
    "h": "h",
}


def test_it_accepts_what_the_malformed_lines_are_made_from() -> None:
    assert len(load([json.dumps(RECV), "", json.dumps(INVOKE)])) == 2


@pytest.mark.parametrize(
    "line",
    [
        "not JSON",
        "[]",
        '"recv"',
        json.dumps({"op": "dance", "t": 1}),
        json.dumps({"t": 1}),
        json.dumps({**RECV, "colour": "red"}),
        json.dumps({**RECV, "seq": "1"}),
        json.dumps({**RECV, "seq": True}),
        json.dumps({**RECV, "src": "elsewhere"}),
        json.dumps({**RECV, "t": None}),
        json.dumps({**RECV, "op": ["recv"]}),
        json.dumps({name: value for name, value in RECV.items() if name != "id"}),
        json.dumps({**INVOKE, "phase": "maybe"}),
        json.dumps({**INVOKE, "seq": 3}),
        json.dumps({"op": "final", "t": 1, "room": 1, "src": "w", "items": [[1, 2, 3, 4]]}),
        json.dumps({"op": "cursor", "t": 1, "u": 1, "room": 1, "seq": 3, "unread": "2"}),
        '{"op": "quiesce", "t": NaN}',
    ],
)
def test_it_refuses_a_line(line: str) -> None:
    with pytest.raises(Malformed):
        load([json.dumps(RECV), line])


def test_a_malformed_history_is_invalid() -> None:
    verdict = judge([*clean(0), {"op": "dance", "t": 1}])
    assert verdict.valid is False
    assert verdict.report.found == {"malformed"}


def without(*kinds: str) -> list[Raw]:
    """A clean history that lacks these operations."""
    return [raw for raw in clean(0) if raw["op"] not in kinds]


def reconnects_removed() -> list[Raw]:
    """A clean history of people who each opened one socket and lost nothing."""
    raws = [raw for raw in clean(0) if raw["op"] not in ("close", "conn")]
    seen = {str(raw["conn"]) for raw in raws if "conn" in raw}
    opened: list[Raw] = [
        {"op": "conn", "t": 0, "conn": conn, "u": conn, "sess": conn, "worker": "w"}
        for conn in seen
    ]
    return [*opened, *raws]


def fault_before_everything() -> list[Raw]:
    return [{**raw, "t": -1.0} if raw["op"] == "nemesis" else raw for raw in clean(0)]


def one_room_without_final() -> list[Raw]:
    return [raw for raw in clean(0) if raw["op"] != "final" or raw["room"] == "garden"]


@pytest.mark.parametrize(
    ("history", "demand", "reason"),
    [
        (lambda: clean(0), Demand(ok=301), "fewer than 301 acknowledged"),
        (lambda: clean(0), Demand(info=500), "fewer than 500 messages of unknown fate"),
        (lambda: clean(0), Demand(faults_in_flight=1), "faults while a message was on its way"),
        (lambda: without("nemesis"), None, "no fault"),
        (fault_before_everything, None, "no fault"),
        (lambda: without("recv", "sub"), None, "nothing was received"),
        (lambda: without("final"), None, "no final log"),
        (one_room_without_final, None, "no final log of room kitchen"),
        (lambda: without("quiesce"), None, "never came to rest"),
        (list, None, "fewer than 1 acknowledged"),
    ],
)
def test_it_does_not_vouch_for(
    history: Callable[[], list[Raw]], demand: Demand | None, reason: str
) -> None:
    verdict = judge(history(), demand=demand)
    assert verdict.as_dict()["errors"] == {}
    assert verdict.valid == "unknown"
    assert any(reason in why for why in verdict.vacuous), verdict.vacuous


def test_it_does_not_vouch_for_a_run_without_reconnect() -> None:
    assert "nobody reconnected" in judge(reconnects_removed()).vacuous


def test_a_demand_that_is_met_is_no_reason() -> None:
    raws = clean(0)
    invoke = next(raw for raw in raws if raw.get("phase") == "invoke")
    raws.append({"op": "nemesis", "t": float(str(invoke["t"])) + 1e-6, "what": "kill worker"})
    assert judge(raws, demand=Demand(ok=300, info=10, faults_in_flight=1)).valid is True


def write(path: Path, raws: list[Raw]) -> Path:
    path.write_text("\n".join(json.dumps(raw) for raw in raws), encoding="utf-8")
    return path


def test_the_command_prints_the_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(write(tmp_path / "run.jsonl", clean(0))), "--seed", "7"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["valid"], told["seed"], told["errors"]) == (True, "7", {})
    assert set(told) == {"valid", "stats", "errors", "seed", "nemesis"}
    assert {"invoke", "ok", "info", "fail", "recv", "conns", "faults", "unresolved", "lag"} <= set(
        told["stats"]
    )


def test_the_command_shows_the_lines_around_a_violation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raws = clean(0)
    lost = next(raw for raw in raws if raw["op"] == "recv" and raw["src"] == "live")
    raws.remove(lost)
    assert main([str(write(tmp_path / "run.jsonl", raws))]) == 1
    shown = capsys.readouterr()
    assert json.loads(shown.out)["valid"] is False
    lines = [json.loads(line) for line in shown.err.splitlines()[1:]]
    assert 21 <= len(lines) <= 41
    assert {line.get("room", lost["room"]) for line in lines} == {lost["room"]}


def test_the_command_fails_on_an_empty_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(write(tmp_path / "run.jsonl", []))]) == 1
    assert json.loads(capsys.readouterr().out)["valid"] == "unknown"


def test_the_command_fails_on_a_malformed_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(write(tmp_path / "run.jsonl", [{"op": "dance"}]))]) == 1
    assert json.loads(capsys.readouterr().out)["errors"]["malformed"]["count"] == 1


def restored(cut: int) -> list[Raw]:
    """What a server says that was restored from a backup `cut` events before the end."""
    raws = [raw for raw in clean(0) if raw["op"] == "final" and raw["src"] == "database"]
    for raw in raws:
        items = raw["items"]
        assert isinstance(items, list)
        raw["items"] = items[: len(items) - cut]
    return raws


def prefix(tmp_path: Path, backup: list[Raw]) -> int:
    reference = write(tmp_path / "reference.jsonl", clean(0))
    return main([str(write(tmp_path / "backup.jsonl", backup)), "--prefix", str(reference)])


def test_a_backup_may_lack_the_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert prefix(tmp_path, restored(10)) == 0
    assert json.loads(capsys.readouterr().out)["valid"] is True


def test_a_backup_must_have_no_hole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    backup = restored(10)
    items = backup[0]["items"]
    assert isinstance(items, list)
    del items[50]
    assert prefix(tmp_path, backup) == 1
    assert "final_not_gapless" in json.loads(capsys.readouterr().out)["errors"]


def test_a_backup_must_hold_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backup = restored(10)
    items = backup[0]["items"]
    assert isinstance(items, list)
    items[50] = [51, "other", "ann", "other", "other"]
    assert prefix(tmp_path, backup) == 1
    assert "not_a_prefix" in json.loads(capsys.readouterr().out)["errors"]


def test_a_backup_of_nothing_proves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert prefix(tmp_path, []) == 1
    assert json.loads(capsys.readouterr().out)["valid"] == "unknown"
