"""The outward path: events, the bus, the hub and presence."""

from __future__ import annotations

from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    """Two tables for presence; the rest of this package needs no database."""

    name = "loopchat.realtime"
    label = "realtime"
