"""Accounts of programs, and addresses at which other programs say something in a room."""

from __future__ import annotations

from django.apps import AppConfig


class BotsConfig(AppConfig):
    """Django's name for this folder."""

    name = "loopchat.bots"
    label = "bots"
