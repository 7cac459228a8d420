"""A server without one of its mechanisms turns a run red: that is what makes green mean much."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import pytest

from tests.faults import broken_server, chaos_server
from tests.faults.broken_server import WHAT
from tests.faults.conftest import THREE, NewLab
from tests.faults.lab import UNLIMITED, Lab
from tests.faults.test_bus import settle
from tests.faults.test_removal import remove_in_the_middle_of_a_burst
from tests.faults.workload import Workload
from tests.services import Server

MESSAGES = 150
SETTLED = 3.0
"""Seconds after which whoever lacks a message will never get it: more than one sweep."""


class BrokenServer(chaos_server.ChaosServer):
    """The product with one mechanism taken out."""

    module = broken_server.__name__


@pytest.fixture
def broken(
    request: pytest.FixtureRequest, postgres_url: str, redis_url: str
) -> Iterator[list[Server]]:
    """Three processes that lack what the test's parameter names; the bus is as bad as it says."""
    what, loss = request.param
    env = {**UNLIMITED, WHAT: what, chaos_server.SHARE: str(loss)}
    with ExitStack() as running:
        yield [
            running.enter_context(
                BrokenServer(database_url=postgres_url, redis_url=redis_url, env=env)
            )
            for _ in range(THREE)
        ]


async def found_in(lab: Lab) -> set[str]:
    """The errors of a run; who still waits for something is not waited for longer."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SETTLED):
            await lab.come_to_rest()
    if not any(line["op"] == "quiesce" for line in lab.recorder.lines):
        lab.recorder.write("quiesce")
    verdict = await lab.verdict()
    assert verdict.valid is False
    return verdict.report.found


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        (("acks_before_commit", 0), {"lost_ack", "fork"}),
        (("tells_before_commit", 0), {"fork"}),
        (("forgets_cids", 0), {"duplicate_effect", "ack_unstable"}),
    ],
    indirect=["broken"],
    ids=lambda param: param[0] if isinstance(param, tuple) else "",
)
async def test_a_run_notices_a_server_that(
    broken: Sequence[Server], expected: set[str], new_lab: NewLab
) -> None:
    async with new_lab(broken) as lab:
        await settle(lab)
        await lab.backstage.soon("drop_constraint", table="chat_message", name="per_cid")
        async with lab.fault("broken"), Workload(lab).going_on(lab.clients):
            await lab.recorder.until_acknowledged(MESSAGES)
        assert expected <= await found_in(lab)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("broken", [("never_sweeps", 0.9)], indirect=True)
async def test_a_run_never_comes_to_rest_without_the_sweep(
    broken: Sequence[Server], new_lab: NewLab
) -> None:
    async with new_lab(broken) as lab:
        await settle(lab)
        async with Workload(lab).going_on(lab.clients):
            await lab.recorder.until_acknowledged(MESSAGES)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(SETTLED):
                await lab.come_to_rest()


@pytest.mark.timeout(120)
@pytest.mark.parametrize("broken", [("shows_the_removed", 0)], indirect=True)
async def test_a_run_notices_a_leak(broken: Sequence[Server], new_lab: NewLab) -> None:
    async with new_lab(broken) as lab:
        await settle(lab)
        eve = [await lab.client("eve"), await lab.client("eve", "-phone")]
        with pytest.raises((AssertionError, ExceptionGroup)):
            await remove_in_the_middle_of_a_burst(lab, lab.clients[:3], eve)
        assert "leak_outside_membership" in await found_in(lab)
