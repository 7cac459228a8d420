"""People who go, and what they take along."""

from __future__ import annotations

from django.apps import AppConfig


class LeavingConfig(AppConfig):
    """Django's name for this folder."""

    name = "loopchat.leaving"
    label = "leaving"
