"""These tests are about SQLite; a run on PostgreSQL has nothing to show here."""

from __future__ import annotations

import pytest

from tests.backends import SQLITE


@pytest.fixture(autouse=True)
def on_sqlite(backend: str) -> None:
    """Leave out what the database under test does not have."""
    if backend != SQLITE:
        pytest.skip("this is about SQLite, the run is about another database")
