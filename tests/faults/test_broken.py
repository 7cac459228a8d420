"""A server without one of its mechanisms turns a run red: that is what makes green mean much."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
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

Break = Callable[..., Server]


class BrokenServer(chaos_server.ChaosServer):
    """The product with one mechanism taken out."""

    module = broken_server.__name__


@pytest.fixture
def start_broken() -> Iterator[Break]:
    """Start a server that lacks what is named; its bus loses nothing unless told."""
    with ExitStack() as running:

        def start(what: str, *, loss: float = 0, **urls: str) -> Server:
            env = {**UNLIMITED, WHAT: what, chaos_server.SHARE: str(loss)}
            return running.enter_context(BrokenServer(env=env, **urls))  # type: ignore[arg-type]

        yield start


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


async def work(lab: Lab) -> None:
    """What people do, for a moment."""
    async with lab.fault("broken"), Workload(lab).going_on(lab.clients):
        await lab.recorder.until_acknowledged(MESSAGES)


@pytest.mark.parametrize(
    ("what", "expected"),
    [("acks_before_commit", {"lost_ack", "fork"}), ("tells_before_commit", {"fork"})],
)
async def test_a_run_notices_a_server_that(
    start_broken: Break, new_lab: NewLab, what: str, expected: set[str]
) -> None:
    async with new_lab([start_broken(what)]) as lab:
        await settle(lab)
        await work(lab)
        assert expected <= await found_in(lab)


async def test_a_run_notices_a_server_that_forgets_cids(
    start_broken: Break, postgres_url: str, new_lab: NewLab
) -> None:
    async with new_lab([start_broken("forgets_cids", database_url=postgres_url)]) as lab:
        await settle(lab)
        await lab.backstage.soon("drop_constraint", table="chat_message", name="per_cid")
        await work(lab)
        assert {"duplicate_effect", "ack_unstable"} <= await found_in(lab)


@pytest.mark.timeout(120)
async def test_a_run_never_comes_to_rest_without_the_sweep(
    start_broken: Break, postgres_url: str, redis_url: str, new_lab: NewLab
) -> None:
    urls = {"database_url": postgres_url, "redis_url": redis_url}
    servers = [start_broken("never_sweeps", loss=0.9, **urls) for _ in range(THREE)]
    async with new_lab(servers) as lab:
        await settle(lab)
        await work(lab)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(SETTLED):
                await lab.come_to_rest()


async def test_a_run_notices_a_server_that_orders_by_id(
    start_broken: Break, postgres_url: str, redis_url: str, new_lab: NewLab
) -> None:
    urls = {"database_url": postgres_url, "redis_url": redis_url}
    servers = [start_broken("orders_by_id", **urls) for _ in range(THREE)]
    async with new_lab(servers) as lab:
        await settle(lab)
        rooms = list(lab.rooms.values())
        await lab.backstage.soon("number_by_sequences", rooms=rooms)
        await work(lab)
        assert "gap" in await found_in(lab)


async def test_a_run_notices_a_leak(start_broken: Break, new_lab: NewLab) -> None:
    async with new_lab([start_broken("shows_the_removed")]) as lab:
        await settle(lab)
        eve = [await lab.client("eve"), await lab.client("eve", "-phone")]
        with pytest.raises((AssertionError, ExceptionGroup)):
            await remove_in_the_middle_of_a_burst(lab, lab.clients[:3], eve)
        assert "leak_outside_membership" in await found_in(lab)
