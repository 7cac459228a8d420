"""Histories in which nothing is wrong must be found so."""

from __future__ import annotations

import time

import pytest

from tests.faults import generator
from tests.faults.history.verdict import judge


@pytest.mark.parametrize("seed", range(40))
def test_it_finds_nothing_in_a_clean_history(seed: int) -> None:
    verdict = judge(generator.clean(seed), seed=seed)
    assert verdict.as_dict()["errors"] == {}
    assert verdict.valid is True
    assert verdict.stats["ok"] == generator.SENDS


def test_it_takes_time_in_proportion_to_the_history(monkeypatch: pytest.MonkeyPatch) -> None:
    def seconds(sends: int) -> float:
        monkeypatch.setattr(generator, "SENDS", sends)
        raws = generator.clean(1)
        start = time.process_time()
        assert judge(raws).valid is True
        return time.process_time() - start

    seconds(100)
    assert seconds(8_000) < 8 * seconds(2_000)
