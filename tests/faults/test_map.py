"""README.md names a test for each fault or says why there is none, and the tests are there."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
GROUPS = {"A": 16, "B": 9, "C": 15, "D": 16, "E": 16, "F": 16, "G": 18}
FAULTS = [
    *(f"{group}{number:02}" for group, last in GROUPS.items() for number in range(1, last + 1)),
    *("H01", "H02", *(f"H{number:02}" for number in range(7, 14))),
    *(f"J{number:02}" for number in range(1, 10)),
    *(f"L{number:02}" for number in range(1, 10)),
]
_ROW = re.compile(r"^\| ([A-HJL]\d\d) \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)
_TEST = re.compile(r"[a-z_]+/test_[a-z0-9_]+\.py(?:::\w+)?|test_[a-z0-9_]+\.py::\w+")
NONE = "\N{EN DASH} "


def test_each_fault_has_tests_that_there_are() -> None:
    table = dict(_ROW.findall((HERE / "README.md").read_text()))
    assert list(table) == FAULTS
    for fault, said in table.items():
        tests = _TEST.findall(said)
        assert tests or said.startswith(NONE), f"{fault}: neither a test nor a reason"
        for test in tests:
            file, _, name = test.partition("::")
            path = HERE.parent / file
            assert path.is_file(), f"{fault}: {file} is not there"
            assert f"def {name}(" in path.read_text() or not name, f"{fault}: no test {test}"
