"""Database connections of threads that work outside requests: Django closes none of them."""

from __future__ import annotations

from django.db import connection


def let_go() -> None:
    """After a piece of work a pooled connection goes back; a file's stays open until it breaks."""
    if connection.vendor == "postgresql" or connection.errors_occurred:
        connection.close()
