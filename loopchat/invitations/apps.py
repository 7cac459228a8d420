"""Links that bring people in: to this server, to a room, or as a guest."""

from __future__ import annotations

from django.apps import AppConfig


class InvitationsConfig(AppConfig):
    """Django's name for this folder."""

    name = "loopchat.invitations"
    label = "invitations"

    def ready(self) -> None:
        """Say to the accounts what a code of ours allows."""
        from loopchat.accounts import invited
        from loopchat.invitations import arrivals

        invited.accept(arrivals.opened)
