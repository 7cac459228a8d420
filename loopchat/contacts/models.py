"""Friend requests, friendships and blocks between people, and what each shows of themselves."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class FriendRequest(models.Model):
    """One person asks another; it goes when it is accepted or taken back.

    One that was rejected stays for a while, so that the sender cannot ask again at once; to the
    sender it looks as if it was still waiting.
    """

    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="requests_sent"
    )
    receiver = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="requests_received"
    )
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    rejected_at = models.DateTimeField(null=True)
    """When the receiver said no, or had said already that they want to hear nothing."""
    is_withdrawn = models.BooleanField(default=False)
    """Taken back by the sender after it was rejected."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sender", "receiver"], name="request_once_per_pair")
        ]

    def __str__(self) -> str:
        return f"{self.sender_id} asks {self.receiver_id}"


class Friendship(models.Model):
    """Two friends, once: `first` has the smaller id."""

    first = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    second = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["first", "second"], name="friendship_once_per_pair"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("second")), name="friendship_in_id_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} and {self.second_id}"


class Block(models.Model):
    """`owner` wants to hear nothing from `blocked`."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="blocks")
    blocked = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="blocked_by")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "blocked"], name="block_once_per_pair")
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} blocks {self.blocked_id}"


class Privacy(models.Model):
    """What somebody shows of themselves, and who may begin to write to them.

    It goes both ways: who does not show something does not see it of others.
    """

    class Audience(models.TextChoices):
        EVERYONE = "everyone"
        FRIENDS = "friends"
        NOBODY = "nobody"

    class Writers(models.TextChoices):
        EVERYONE = "everyone"
        ROOMS = "rooms"
        FRIENDS = "friends"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="privacy", primary_key=True
    )
    last_seen = models.CharField(max_length=8, choices=Audience.choices, default=Audience.EVERYONE)
    online = models.CharField(max_length=8, choices=Audience.choices, default=Audience.EVERYONE)
    receipts = models.CharField(max_length=8, choices=Audience.choices, default=Audience.EVERYONE)
    write = models.CharField(max_length=8, choices=Writers.choices, default=Writers.EVERYONE)

    def __str__(self) -> str:
        return f"privacy of {self.user_id}"
