"""A short one of the long runs (`bin/faults`), with a new seed each time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.backends import POSTGRES
from tests.faults.lab import new_seed, rounds
from tests.faults.long_run import Minima, count, missing, run

FAULTS = {POSTGRES: 6}
USUALLY = 5


@pytest.mark.timeout(600)
async def test_whatever_breaks_no_promise_does(each_backend: str, tmp_path: Path) -> None:
    faults = rounds(FAULTS.get(each_backend, USUALLY))
    minima = Minima(faults, faults * 8, reconnects=3, resumed=3, repeated=1, repaired=0)
    result = await asyncio.to_thread(run, each_backend, new_seed(), tmp_path, minima)
    assert result.word == "valid", result.as_dict()


def test_a_run_in_which_nothing_happened_is_vacuous() -> None:
    counted = count([], [])
    found = missing(counted, Minima(faults=1, acknowledged=1), [])
    assert len(found) == 5
    assert missing(counted, Minima(0, 0, 0, 0, 0), ["redis killed"]) == ["only 0 repaired, not 10"]
