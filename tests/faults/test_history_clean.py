"""Histories in which nothing is wrong must be found so."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import pytest

from tests.faults import generator
from tests.faults.history.verdict import judge


@pytest.mark.parametrize("seed", range(40))
def test_it_finds_nothing_in_a_clean_history(seed: int) -> None:
    verdict = judge(generator.clean(seed), seed=seed)
    assert verdict.as_dict()["errors"] == {}
    assert verdict.valid is True
    assert verdict.stats["ok"] == generator.SENDS


def test_its_work_grows_in_proportion_to_the_history(monkeypatch: pytest.MonkeyPatch) -> None:
    def lines(sends: int) -> int:
        monkeypatch.setattr(generator, "SENDS", sends)
        raws = generator.clean(1)
        count = 0

        def trace(frame: FrameType, event: str, argument: Any) -> Any:
            nonlocal count
            count += event == "line"
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            valid = judge(raws).valid
        finally:
            sys.settrace(before)
        assert valid is True
        return count

    # Executed lines, not seconds: the same on a busy machine.
    assert lines(1_600) < 4.5 * lines(400)
