"""What people are to each other: friends, requests, blocks."""

from __future__ import annotations

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    """Django's name for this folder."""

    name = "loopchat.contacts"
    label = "contacts"
