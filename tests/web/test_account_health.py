"""What monitors are told."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from loopchat.web import health


@pytest.fixture(autouse=True)
def fresh_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test asks a process that has not looked yet."""
    monkeypatch.setattr(health, "probes", health.Probes())
    monkeypatch.setattr(health, "_migrated", False)


def test_a_living_process_says_so_without_a_database() -> None:
    assert Client().get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_it_is_ready() -> None:
    answer = Client().get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "degraded": []})


@pytest.mark.django_db
def test_it_is_ready_without_the_bus_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health.probes, "degraded", lambda: ["bus"])

    answer = Client().get("/readyz")

    assert (answer.status_code, answer.json()["degraded"]) == (200, ["bus"])


@pytest.mark.django_db
def test_it_is_not_ready_while_draining(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health.probes, "draining", lambda: True)

    answer = Client().get("/readyz")

    assert (answer.status_code, answer.json()["missing"]) == (503, ["draining"])


@pytest.mark.django_db
def test_it_is_not_ready_before_the_migrations() -> None:
    [newest] = MigrationLoader(connection).graph.leaf_nodes("accounts")
    MigrationRecorder(connection).record_unapplied(*newest)

    answer = Client().get("/readyz")

    assert (answer.status_code, answer.json()["missing"]) == (503, ["migrations"])


@pytest.mark.django_db(transaction=True)
def test_it_is_not_ready_without_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Client().get("/readyz").status_code == 200
    _forget_connections()
    with monkeypatch.context() as broken:
        broken.setitem(connection.settings_dict, "NAME", "/nowhere/at/all.sqlite3")
        broken.setitem(connection.settings_dict, "PORT", "1")
        broken.setitem(connection.settings_dict["OPTIONS"], "pool", {"timeout": 0.2})
        if connection.vendor == "sqlite":
            broken.delitem(connection.settings_dict["OPTIONS"], "pool")
        answer = Client().get("/readyz")
        _forget_connections()

    assert (answer.status_code, answer.json()["missing"]) == (503, ["database"])


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_nothing_can_be_sent_there(path: str) -> None:
    assert Client().post(path).status_code == 405


def _forget_connections() -> None:
    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()  # type: ignore[attr-defined]
