"""Invitations, and who came by them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class Invitation(models.Model):
    """A link that brings people in. Only the SHA-256 of its secret is stored."""

    class Kind(models.TextChoices):
        MEMBER = "member"
        GUEST = "guest"

    digest = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.MEMBER)
    room = models.ForeignKey("chat.Room", models.CASCADE, related_name="invitations", null=True)
    """Where it leads; nowhere in particular: to the server."""
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="invitations"
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)
    max_uses = models.IntegerField(null=True)
    uses = models.IntegerField(default=0)
    revoked_at = models.DateTimeField(null=True)
    email = models.EmailField(blank=True)
    label = models.CharField(max_length=64, blank=True)
    is_signed = models.BooleanField(default=False, db_default=False)
    """Whether who opens the link reads who made it, before they are in."""

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(max_uses=None) | models.Q(uses__lte=models.F("max_uses")),
                name="invitation_not_used_up_twice",
            )
        ]

    def __str__(self) -> str:
        return self.label or f"invitation {self.pk}"


class Admission(models.Model):
    """Somebody who came by an invitation: each person is one use of it."""

    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="admissions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="admissions")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["invitation", "user"], name="admission_once_per_person")
        ]
