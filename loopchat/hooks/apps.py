"""What bots are told of, over HTTP, and the slash commands that they answer."""

from __future__ import annotations

from django.apps import AppConfig


class HooksConfig(AppConfig):
    """Django's name for this folder."""

    name = "loopchat.hooks"
    label = "hooks"
