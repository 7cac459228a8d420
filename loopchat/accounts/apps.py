"""People: accounts, sign-in, sessions, tokens and the first owner."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "loopchat.accounts"
    label = "accounts"
