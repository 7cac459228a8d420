"""Rooms, who is in them, and the log of each room.

Times are integers: milliseconds since the epoch on the server's clock, for display only. Order is
always `seq`, the gapless number that an event took under its room's row lock.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Room(models.Model):
    """A conversation and the head of its log."""

    class Kind(models.TextChoices):
        PUBLIC = "public"
        PRIVATE = "private"
        DIRECT = "direct"
        GROUP = "group"

    class History(models.TextChoices):
        SHARED = "shared"
        JOINED = "joined"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    slug = models.CharField(max_length=80, unique=True, null=True)
    direct_key = models.CharField(max_length=64, unique=True, null=True)
    name = models.CharField(max_length=64, blank=True)
    topic = models.CharField(max_length=250, blank=True)
    history = models.CharField(max_length=8, choices=History.choices, default=History.SHARED)
    head = models.BigIntegerField(default=0)
    message_count = models.BigIntegerField(default=0)
    member_count = models.IntegerField(default=0)
    last_message = models.ForeignKey(
        "Message", models.SET_NULL, null=True, related_name="+", db_constraint=False
    )
    archived_ts = models.BigIntegerField(null=True)
    deleted_ts = models.BigIntegerField(null=True)
    created_ts = models.BigIntegerField()
    updated_ts = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(
                fields=["deleted_ts"],
                name="room_deleted",
                condition=models.Q(deleted_ts__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name or f"{self.kind} {self.pk}"

    @property
    def has_receipts(self) -> bool:
        """Whether ticks, cursors and typing of this room are told to all its members."""
        return self.kind == self.Kind.DIRECT or self.member_count <= settings.RECEIPTS_MAX


class Membership(models.Model):
    """One person in one room: role, cursors and settings. It stays when the person leaves."""

    class Role(models.TextChoices):
        OWNER = "owner"
        MODERATOR = "moderator"
        MEMBER = "member"

    class Level(models.TextChoices):
        ALL = "all"
        MENTIONS = "mentions"
        NOTHING = "nothing"

    class Standing(models.TextChoices):
        OPEN = "open"
        REQUEST = "request"
        """Begun by somebody who may not simply write: it waits for a yes or a no."""
        BEGUN = "begun"
        """Somebody opened a conversation of two, and nothing was said yet: only they see it."""
        HIDDEN = "hidden"
        """Declined, or with somebody who is blocked. The others are not told."""

    SHOWN = (Standing.OPEN, Standing.REQUEST)
    """With these a room is in the person's list."""
    SEEN = (Standing.OPEN, Standing.BEGUN)
    """With these the others may know whether the person is here."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    joined_seq = models.BigIntegerField()
    left_seq = models.BigIntegerField(null=True)
    is_banned = models.BooleanField(default=False)
    read_seq = models.BigIntegerField(default=0)
    read_count = models.BigIntegerField(default=0)
    own_ahead = models.BigIntegerField(default=0)
    delivered_seq = models.BigIntegerField(default=0)
    unread_from = models.BigIntegerField(null=True)
    level = models.CharField(max_length=8, choices=Level.choices, default=Level.ALL)
    muted_until = models.BigIntegerField(null=True)
    standing = models.CharField(max_length=8, choices=Standing.choices, default=Standing.OPEN)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "user"], name="membership_of_person_in_room")
        ]
        indexes = [
            models.Index(
                fields=["user", "room"],
                name="membership_active",
                condition=models.Q(left_seq__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.room_id} as {self.role}"

    @property
    def is_active(self) -> bool:
        return self.left_seq is None

    @property
    def is_shown(self) -> bool:
        """Whether the room is in this person's list: they are in it and do not hide it."""
        return self.left_seq is None and self.standing in self.SHOWN


class Declined(models.Model):
    """Somebody said no to a conversation that another person began, or to a room they were put in.

    For a while neither that person nor anybody else in that room asks them again.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    room = models.ForeignKey(Room, models.CASCADE, related_name="+")
    ts = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "by", "room"], name="declined_once")]
        indexes = [models.Index(fields=["ts"], name="declined_age")]

    def __str__(self) -> str:
        return f"{self.user_id} said no to {self.by_id} in {self.room_id}"


class Message(models.Model):
    """A message at its place in the room's log; deletion empties it and keeps the place."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="messages", db_index=False)
    seq = models.BigIntegerField()
    ordinal = models.BigIntegerField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="messages", db_index=False
    )
    cid = models.UUIDField()
    digest = models.BinaryField(max_length=16)
    body = models.TextField()
    rich = models.TextField(null=True)
    """The parsed text as JSON; null when the text is plain."""
    is_for_all = models.BooleanField(default=False)
    reply_to = models.ForeignKey("self", models.SET_NULL, null=True, related_name="replies")
    ts = models.BigIntegerField()
    edited_ts = models.BigIntegerField(null=True)
    deleted_ts = models.BigIntegerField(null=True)
    guise = models.TextField(null=True)
    """How a program wants to be seen with it, and who asked for it (`wire.Dress`), as JSON."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "seq"], name="message_at_seq"),
            models.UniqueConstraint(fields=["cid", "author"], name="message_once_per_cid"),
        ]
        indexes = [
            models.Index(
                fields=["room", "seq"], name="message_for_all", condition=models.Q(is_for_all=True)
            ),
            models.Index(fields=["room", "ts"], name="message_at_time"),
        ]

    def __str__(self) -> str:
        return f"message {self.seq} of room {self.room_id}"


class Revision(models.Model):
    """A text that an edit replaced. It goes when the message is deleted."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="revisions")
    body = models.TextField()
    ts = models.BigIntegerField()


class RoomEvent(models.Model):
    """Whatever takes a seq and is not a new message. It stores no text (`wire` fills it in)."""

    class Kind(models.TextChoices):
        EDITED = "edited"
        DELETED = "deleted"
        REACTION = "reaction"
        MEMBERSHIP = "membership"
        ROOM = "room"
        PINNED = "pinned"

    room = models.ForeignKey(Room, models.CASCADE, related_name="events", db_index=False)
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    subject = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, db_index=False
    )
    message = models.ForeignKey(Message, models.CASCADE, related_name="+", null=True)
    detail = models.CharField(max_length=40, blank=True)
    """The emoji, the kind of membership change, or the changed fields of the room."""
    role = models.CharField(max_length=10, blank=True)
    on = models.BooleanField(default=True)
    ts = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "seq"], name="event_at_seq")]
        indexes = [
            models.Index(
                fields=["room", "seq"],
                name="event_drawn",
                condition=models.Q(kind__in=["membership", "room", "pinned"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.seq} of room {self.room_id}"


class Reaction(models.Model):
    """One emoji of one person on one message."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="reactions", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    emoji = models.CharField(max_length=32)
    seq = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["message", "user", "emoji"], name="reaction_once_per_emoji"
            )
        ]


class ReadMark(models.Model):
    """When somebody's read cursor reached a seq: rooms with receipts only, kept for 30 days."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seq = models.BigIntegerField()
    ts = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["room", "user", "seq"], name="readmark_of_person"),
            models.Index(fields=["ts"], name="readmark_age"),
        ]


class Mention(models.Model):
    """A message that names somebody, or answers them."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="mentions")
    room = models.ForeignKey(Room, models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    seq = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["user", "room", "seq"], name="mention_of_person")]


class Pin(models.Model):
    """A message that the room keeps in sight."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="pins")
    message = models.OneToOneField(Message, models.CASCADE, related_name="pin")
    seq = models.BigIntegerField()


class Saved(models.Model):
    """A message that somebody keeps for themselves."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    message = models.ForeignKey(Message, models.CASCADE, related_name="+")
    ts = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "message"], name="saved_once_per_person")
        ]
        indexes = [models.Index(fields=["user", "ts"], name="saved_newest")]


class Draft(models.Model):
    """What somebody has begun to write in a room."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts", db_index=False
    )
    room = models.ForeignKey(Room, models.CASCADE, related_name="+")
    body = models.TextField()
    reply_to = models.BigIntegerField(null=True)
    ts = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "room"], name="draft_once_per_room")]


class Preferences(models.Model):
    """How somebody wants it: what the server must know, and what only their clients know."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="preferences", primary_key=True
    )
    client = models.TextField(default="{}")
    """JSON of the clients' own: theme, density, what Enter does."""
