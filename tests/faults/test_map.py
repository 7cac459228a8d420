"""README.md names a test for each fault, and the tests are there."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
FAULTS = [
    *(f"F{number:02}" for number in range(1, 17)),
    *(f"G{number:02}" for number in range(1, 19)),
    *("H01", "H02", *(f"H{number:02}" for number in range(7, 14))),
]
_ROW = re.compile(r"^\| ([FGH]\d\d) \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)


def test_each_fault_has_tests_that_there_are() -> None:
    table = dict(_ROW.findall((HERE / "README.md").read_text()))
    assert list(table) == FAULTS
    for fault, tests in table.items():
        for test in tests.split(", "):
            file, _, name = test.partition("::")
            path = HERE.parent / file
            assert path.is_file(), f"{fault}: {file} is not there"
            assert f"def {name}(" in path.read_text() or not name, f"{fault}: no test {test}"
