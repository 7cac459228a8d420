"""The HTML edge: pages, forms, static files, health."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "loopchat.web"
    label = "web"
