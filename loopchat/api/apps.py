"""The Django application `loopchat.api`."""

from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Has templates and no tables."""

    name = "loopchat.api"
