"""The chat domain: rooms, their logs, and what people do in them."""

from __future__ import annotations

from django.apps import AppConfig


class ChatConfig(AppConfig):
    """Django's name for this package."""

    name = "loopchat.chat"
    label = "chat"
