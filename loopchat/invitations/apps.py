"""Links that bring people in: to this server, to a room, or as a guest."""

from __future__ import annotations

from django.apps import AppConfig


class InvitationsConfig(AppConfig):
    """Django's name for this folder."""

    name = "loopchat.invitations"
    label = "invitations"
