"""The server of the gateway's tests."""

from __future__ import annotations

from tests.gateway.conftest import database, world

__all__ = ["database", "world"]
