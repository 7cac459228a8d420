"""Accounts of programs, and addresses at which other programs say something in a room."""

from __future__ import annotations

from django.apps import AppConfig


class BotsConfig(AppConfig):
    """Django's name for this folder."""

    name = "loopchat.bots"
    label = "bots"

    def ready(self) -> None:
        """Say below who is behind which bot."""
        from loopchat.accounts import bot_owners
        from loopchat.bots import finding

        bot_owners.look_up_with(finding.owned)
