"""README.md names a recording or a test for each row, and they are there."""

from __future__ import annotations

import re
from pathlib import Path

from tests.seeds import script

HERE = Path(__file__).parent
ROWS = [f"S{number}" for number in range(1, 102)]
_ROW = re.compile(r"^\| (S\d+) \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)
ABSENT = "none: "
"""What begins so says why there is nothing to show."""


def shown(name: str) -> set[str]:
    """The rows that the scenes of a recording stand for."""
    return {row for scene in script.read(HERE / name) for row in scene.rows}


def test_each_row_is_shown_somewhere() -> None:
    table = dict(_ROW.findall((HERE / "README.md").read_text()))
    assert list(table) == ROWS
    for row, places in table.items():
        for place in [] if places.startswith(ABSENT) else places.split(", "):
            file, _, name = place.partition("::")
            path = HERE.parent / file
            assert path.is_file(), f"{row}: {file} is not there"
            if path.suffix == ".txt":
                assert row in shown(path.name), f"{row}: not in {file}"
            assert f"def {name}(" in path.read_text() or not name, f"{row}: no test {place}"


def test_each_recorded_row_is_in_the_table() -> None:
    table = dict(_ROW.findall((HERE / "README.md").read_text()))
    for path in HERE.glob("*.txt"):
        for row in shown(path.name) & set(ROWS):
            assert f"seeds/{path.name}" in table[row], f"{row}: {path.name} shows it too"
