"""Webhooks of bots, how far each has heard each room, and what is on its way.

Times are milliseconds since the epoch, as in the rooms' logs.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Hook(models.Model):
    """An address of a bot's program, and what it is told of."""

    class State(models.TextChoices):
        ACTIVE = "active"
        OFF = "off"
        """Switched off by somebody who answers for the bot."""
        PAUSED = "paused"
        """Switched off by the server: it has failed for too long."""

    bot = models.ForeignKey("bots.Bot", models.CASCADE, related_name="hooks")
    url = models.CharField(max_length=2048)
    on_mention = models.BooleanField(default=True)
    on_direct = models.BooleanField(default=True)
    rooms = models.JSONField(default=list)
    """The ids of the rooms of which it hears everything."""
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    salt = models.CharField(max_length=64)
    """What its secret is made from, with this server's key: the secret itself is nowhere."""
    old_salt = models.CharField(max_length=64, blank=True)
    old_salt_until_ts = models.BigIntegerField(default=0)
    failing_since_ts = models.BigIntegerField(null=True)
    """Since when nothing has arrived."""
    last_ok_ts = models.BigIntegerField(null=True)
    created_ts = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["bot"], name="hook_active", condition=models.Q(state="active"))
        ]

    def __str__(self) -> str:
        return f"hook {self.pk} of bot {self.bot_id}"


class Cursor(models.Model):
    """Up to where a hook has heard a room's log."""

    hook = models.ForeignKey(Hook, models.CASCADE, related_name="cursors", db_index=False)
    room = models.ForeignKey("chat.Room", models.CASCADE, related_name="+")
    seq = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["hook", "room"], name="cursor_of_hook_in_room")
        ]


class Command(models.Model):
    """A slash command that a hook answers."""

    hook = models.ForeignKey(Hook, models.CASCADE, related_name="commands")
    bot = models.ForeignKey("bots.Bot", models.CASCADE, related_name="commands", db_index=False)
    name = models.CharField(max_length=32)
    hint = models.CharField(max_length=64, blank=True)
    """What may stand behind it: `<environment>`."""
    help = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bot", "name"], name="command_once_per_bot")
        ]

    def __str__(self) -> str:
        return f"/{self.name}"


class Delivery(models.Model):
    """Something that a hook is told, or was. A message's text is not in it: it is looked up."""

    class Kind(models.TextChoices):
        MESSAGE = "message"
        COMMAND = "command"
        TEST = "test"
        """Says nothing but that somebody tried whether it arrives."""

    class Status(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        FAILED = "failed"
        """Given up."""
        DROPPED = "dropped"
        """There is nothing to tell any more: deleted, or the bot is not in the room."""

    hook = models.ForeignKey(Hook, models.CASCADE, related_name="deliveries", db_index=False)
    key = models.UUIDField(unique=True)
    """Its id for the receiver, the same at each attempt."""
    kind = models.CharField(max_length=8, choices=Kind.choices)
    trigger = models.CharField(max_length=8)
    """What called the hook: direct, mention, room, command or test."""
    room = models.ForeignKey("chat.Room", models.CASCADE, related_name="+", null=True)
    """A test has none."""
    message = models.ForeignKey("chat.Message", models.CASCADE, related_name="+", null=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", null=True
    )
    """Who gave the command, or tests."""
    cid = models.UUIDField(null=True)
    command = models.CharField(max_length=32, blank=True)
    text = models.TextField(blank=True)
    """What stood behind the command."""
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    attempts = models.IntegerField(default=0)
    due_ts = models.BigIntegerField()
    """When it may be tried; while somebody is at it, when others may think that they have gone."""
    lease = models.UUIDField(null=True)
    """Who is at it."""
    created_ts = models.BigIntegerField()
    tried_ts = models.BigIntegerField(null=True)
    took_ms = models.IntegerField(null=True)
    http_status = models.IntegerField(null=True)
    error = models.CharField(max_length=200, blank=True)
    excerpt = models.CharField(max_length=500, blank=True)
    """The beginning of the answer."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["hook", "message"], name="delivery_once_per_message"),
            models.UniqueConstraint(fields=["person", "cid"], name="delivery_once_per_cid"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["hook", "id"], name="delivery_line", condition=models.Q(status="waiting")
            ),
            models.Index(
                fields=["due_ts"],
                name="delivery_command",
                condition=models.Q(status="waiting", kind="command"),
            ),
            models.Index(
                fields=["due_ts"],
                name="delivery_test",
                condition=models.Q(status="waiting", kind="test"),
            ),
            models.Index(fields=["hook", "id"], name="delivery_of_hook"),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk} of hook {self.hook_id}"


def working() -> models.QuerySet[Hook]:
    """Hooks that hear anything: switched on, like their bots."""
    active = Hook.objects.filter(state=Hook.State.ACTIVE)
    return active.filter(bot__deleted_at=None, bot__user__is_active=True)
