"""What Prometheus reads: all workers, true figures, and only by who may."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from django.test import RequestFactory
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from loopchat.web import metrics
from tests.backends import POSTGRES
from tests.faults.lab import UNLIMITED
from tests.faults.wire import Socket
from tests.gateway.world import World, send
from tests.services import Server, StartServer, direct

TOKEN = "a long enough token for Prometheus"


@pytest.fixture
def server(start_server: StartServer) -> Server:
    return start_server(env={**UNLIMITED, "LOOPCHAT_METRICS_TOKEN": TOKEN})


@pytest.fixture
def world(server: Server) -> Iterator[World]:
    with World(server) as world:
        yield world


def asked(server: Server, **headers: str) -> tuple[int, str]:
    """Status and text of `/metrics`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(f"{server.url}/metrics", headers=named)
    try:
        with direct.open(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, ""


def figures(server: Server) -> dict[str, list[tuple[dict[str, str], float]]]:
    """Every sample by name, as a parser of the format reads it."""
    status, text = asked(server)
    assert status == 200
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


def total(found: dict[str, list[tuple[dict[str, str], float]]], name: str) -> float:
    return sum(value for _, value in found[f"loopchat_{name}"])


async def test_the_figures_of_all_workers_are_true(
    server: Server, world: World, backend: str
) -> None:
    ann, bob = world.people(2)
    room = world.room(ann, bob)
    everybody = {"bus_up": 3 if backend == POSTGRES else 1, "workers_silent": 0}
    before = await _once(server, everybody)
    async with (
        await Socket.open(server.socket_url, ann.bearer) as one,
        await Socket.open(server.socket_url, bob.bearer) as other,
    ):
        for socket in (one, other):
            await socket.until("welcome")
            await socket.hello({})
        for number in range(5):
            stored = await send(one, room, f"number {number}")
        await other.until("chat_message", seq=stored["seq"])
        delivered = total(before, "deliveries_total") + 10
        now = {**everybody, "sockets": 2, "deliveries_total": delivered}
        with_sockets = await _once(server, now)

    workers = {labels["worker"] for labels, _ in with_sockets["loopchat_sockets"]}
    assert len(workers) == (3 if backend == POSTGRES else 1)

    def risen(name: str) -> float:
        return total(with_sockets, name) - total(before, name)

    assert risen("messages_total") == 5
    assert risen("sockets_opened_total") == 2
    assert risen("store_seconds_count") >= 5
    assert 1 <= risen("commit_operations_count") <= risen("store_seconds_count")
    assert risen("commit_seconds_sum") > 0
    assert total(with_sockets, "bus_up") == len(workers)
    assert total(with_sockets, "memory_bytes") > 10_000_000
    if backend == POSTGRES:
        assert risen("bus_received_total") > 0
        assert {labels["what"] for labels, _ in with_sockets["loopchat_database_pool"]} == {
            "size",
            "free",
            "most",
            "waiting",
        }


async def _once(
    server: Server, wanted: dict[str, float]
) -> dict[str, list[tuple[dict[str, str], float]]]:
    """The figures as soon as these are so: an answer may be a second old, and a worker be late."""
    import asyncio

    async with asyncio.timeout(20):
        while True:
            found = await asyncio.to_thread(figures, server)
            if all(total(found, name) == value for name, value in wanted.items()):
                return found


def test_only_who_is_near_or_has_the_token_finds_them(server: Server, world: World) -> None:
    by_proxy = {"X_Forwarded_For": "203.0.113.9"}
    assert asked(server)[0] == 200
    assert asked(server, **by_proxy)[0] == 404
    assert asked(server, Via="1.1 proxy")[0] == 404
    assert asked(server, **by_proxy, Authorization=f"Bearer {TOKEN}")[0] == 200
    assert asked(server, **by_proxy, Authorization=f"Bearer {TOKEN}x")[0] == 404
    [ann] = world.people(1)
    assert asked(server, **by_proxy, Authorization=f"Bearer {ann.bearer.token}")[0] == 404


def test_nobody_finds_them_where_they_are_off(start_server: StartServer) -> None:
    server = start_server(env={"LOOPCHAT_METRICS_FROM": "off"})
    assert asked(server)[0] == 404
    assert asked(server, Authorization="Bearer ")[0] == 404


@pytest.mark.parametrize(
    ("host", "is_found"),
    [("127.0.0.1:8000", True), ("[::1]", True), ("localhost", True), ("192.0.2.7", False)],
)
def test_a_proxy_here_that_passes_the_public_host_on_is_not_near(
    host: str, is_found: bool, settings: Settings
) -> None:
    settings.ORIGINS = ("http://192.0.2.7",)
    request = RequestFactory().get("/metrics", headers={"host": host})
    request.META["loopchat.by_proxy"] = False
    assert metrics.is_near(request) is is_found
