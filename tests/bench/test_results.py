"""From measured values to tables, verdicts, a chart and a file."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench import table
from bench.chart import draw
from bench.figures import Spread, percentile, ratio
from bench.loads.room import TEXT_LENGTH, RoomResult, stamped
from bench.peers.world import RoomPlan, World
from bench.report import PeerRow, Report
from bench.targets import TARGETS, judge

SEEDS = "Channels + channels_redis + Daphne"


def room(
    per_second: float, *, cpu_s: float = 1.0, p99_ns: int = 4_000_000, complete: bool = True
) -> RoomResult:
    """A second of deliveries."""
    return RoomResult(
        messages=int(per_second // 500),
        deliveries=int(per_second),
        seconds=1.0,
        server_cpu_s=cpu_s,
        latency=Spread.of_ns([p99_ns]),
        complete=complete,
        others_cpu=0.0,
        load_cpu=0.5,
    )


def report() -> Report:
    """One run with a product and a peer."""
    made = Report(machine={"cores": 2}, settings={"members": 500}, product="Loopchat")
    made.kernel = {"language": "C", "paced_us": 5.0}
    made.peers = [
        PeerRow(SEEDS, stored=False, open_loop=room(4000, complete=False), saturated=room(4000)),
        PeerRow("ejabberd MUC over WebSocket", stored=False, missing="not installed"),
        PeerRow("Loopchat", stored=True, open_loop=room(100_000), saturated=room(1_000_000)),
    ]
    return made


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert [percentile(range(1, 101), p) for p in (1, 50, 99, 100)] == [1, 50, 99, 100]
    assert percentile([7], 50) == 7
    assert percentile([1, 2], 99) == 2


def test_a_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)


def test_a_spread_is_in_milliseconds() -> None:
    assert Spread.of_ns([3_000_000, 1_000_000]) == Spread(2, 1.0, 3.0, 3.0)
    assert Spread.of_ns([]) is None


def test_a_ratio_needs_both_sides() -> None:
    assert ratio(6, 3) == 2
    assert ratio(None, 3) is None
    assert ratio(6, 0) is None


def test_a_message_has_the_length_of_the_measured_baselines() -> None:
    assert len(stamped(123)) == TEXT_LENGTH == 98


def test_verdicts_know_which_side_is_good() -> None:
    bounds = {target.key: target for target in TARGETS}
    assert [bounds["cpu_us"].verdict(v) for v in (9, 10, 12, 16, None)] == [
        *("dream", "dream", "must", "missed", "not measured"),
    ]
    assert [bounds["durable"].verdict(v) for v in (3999, 4000, 8000)] == ["missed", "must", "dream"]


def test_the_report_compares_servers_of_the_same_run() -> None:
    measured = report().measured()
    assert measured["cpu_us"] == 10
    assert measured["over_kernel"] == 2
    assert measured["over_channels"] == 250
    assert measured["over_ejabberd"] is None
    assert {one.target.key for one in judge(measured)} == set(measured)


def test_a_server_that_falls_behind_is_overloaded() -> None:
    assert report().peers[0].overloaded
    assert not report().peers[2].overloaded
    late = PeerRow("late", stored=False, open_loop=room(30_000, p99_ns=1_500_000_000))
    assert late.overloaded


def test_the_tables_are_aligned_and_say_what_is_missing() -> None:
    lines = table.peers(report()).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert "overloaded" in lines[2]
    assert "250 ×" in lines[2]  # noqa: RUF001
    assert "not installed" in lines[3]
    assert "1,000,000" in lines[4]


@pytest.mark.parametrize(
    ("value", "said"), [(0.1234, "0.12"), (12.34, "12.3"), (123.4, "123"), (1234567, "1,234,567")]
)
def test_numbers_have_the_digits_that_matter(value: float, said: str) -> None:
    assert table.number(value) == said


def test_the_file_holds_the_verdicts_and_no_names_of_places(tmp_path: Path) -> None:
    report().write(tmp_path / "new" / "latest.json")
    text = (tmp_path / "new" / "latest.json").read_text()
    figures = {one["key"]: one["verdict"] for one in json.loads(text)["figures"]}
    assert figures["saturated"] == "dream"
    assert figures["history_ms"] == "not measured"
    assert str(Path.home()) not in text


def test_the_chart_is_well_formed_and_names_every_measured_server() -> None:
    drawn = draw(report())
    ET.fromstring(drawn)  # noqa: S314 - our own text
    assert SEEDS in drawn
    assert "Loopchat, stored" in drawn
    assert "ejabberd" not in drawn


def test_a_village_spreads_people_evenly() -> None:
    village = World.village(40, 20, 5, messages=3)
    rooms_of = [sum(person in plan.members for plan in village.rooms) for person in range(40)]
    assert set(rooms_of) == {5}
    assert {len(plan.members) for plan in village.rooms} == {10}
    assert all(number % 20 in plan.members for number, plan in enumerate(village.rooms))


def test_a_world_survives_the_way_to_the_seeding_process() -> None:
    world = World(3, (RoomPlan((0, 2), 5),))
    assert World.from_json(world.as_json()) == world
