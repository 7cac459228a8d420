"""What people are to each other: friends, requests, blocks."""

from __future__ import annotations

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "loopchat.contacts"
    label = "contacts"
