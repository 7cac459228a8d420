"""The HTML edge: pages, forms, static files, health."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Django's name for this folder."""

    name = "loopchat.web"
    label = "web"
