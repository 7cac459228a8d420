"""Whose a bot is, and the addresses at which programs of others post as one."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class Bot(models.Model):
    """The account of a program, and who answers for it. It stays when the bot is deleted."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="bot", primary_key=True
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="bots", null=True
    )
    """Nobody: those who run the server answer for it."""
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"bot {self.user_id}"


class IncomingHook(models.Model):
    """An address at which anybody who knows it posts in one room, as one bot.

    Only the SHA-256 of its secret is stored.
    """

    digest = models.CharField(max_length=64, unique=True)
    bot = models.ForeignKey(Bot, models.CASCADE, related_name="incoming_hooks")
    room = models.ForeignKey("chat.Room", models.CASCADE, related_name="incoming_hooks")
    label = models.CharField(max_length=64, blank=True)
    """What it is for, in the lists of those who manage it."""
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["room"],
                name="hook_of_room",
                condition=models.Q(revoked_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.label or f"incoming hook {self.pk}"
