"""People: accounts, sign-in, sessions, tokens and the first owner."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Django's name for this folder."""

    name = "loopchat.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Hear of sign-ins, and of addresses that turned out to be theirs."""
        from loopchat.accounts import hearing

        hearing.begin()
