"""The person, their API tokens, and the one row about this installation."""

from __future__ import annotations

import secrets
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models, transaction
from django.utils import timezone

from loopchat.accounts.grants import Grant
from loopchat.core.text import name_key


class UserManager(BaseUserManager["User"]):
    """Finds people by name whatever its case or Unicode form."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username_key=name_key(username or ""))

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> User:
        """What `manage.py createsuperuser` makes: an owner, which ends the first set-up."""
        user = self.model(username=username, is_staff=True, is_superuser=True, **fields)
        user.is_owner = True
        user.set_password(password)
        with transaction.atomic():
            user.save(using=self._db)
            Instance.objects.update_or_create(pk=1, defaults=Instance.CLAIMED)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person or a bot. `version` rises when what their sockets may see changes."""

    username = models.CharField(max_length=32, unique=True)
    username_key = models.CharField(max_length=32, unique=True, editable=False)
    name = models.CharField(max_length=64, blank=True)
    email = models.EmailField(blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    is_owner = models.BooleanField(default=False)
    is_bot = models.BooleanField(default=False)
    is_passwordless = models.BooleanField(default=False)
    is_guest = models.BooleanField(default=False)
    is_deleted = models.BooleanField(default=False, editable=False)
    """Gone for ever: what is left of the account stands for what it wrote."""
    guest_until = models.DateTimeField(null=True, blank=True)
    """When a guest's visit ends; who has an account has none."""
    version = models.BigIntegerField(default=0)
    last_seen_ts = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.username

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the person; the key always follows the name."""
        self.username_key = name_key(self.username)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Forms check uniqueness after this, by key."""
        super().clean()
        self.username_key = name_key(self.username)

    @property
    def may_come(self) -> bool:
        """Whether sign-ins of this person count: not disabled, and as a guest not overdue."""
        overdue = self.guest_until is not None and self.guest_until <= timezone.now()
        return self.is_active and not overdue

    def get_full_name(self) -> str:
        return self.name or self.username

    def get_short_name(self) -> str:
        return self.get_full_name()


class Profile(models.Model):
    """What a person says of themselves. Who has no row has said nothing."""

    user = models.OneToOneField(User, models.CASCADE, related_name="profile", primary_key=True)
    about = models.CharField(max_length=500, blank=True)
    status_emoji = models.CharField(max_length=32, blank=True)
    status_text = models.CharField(max_length=100, blank=True)
    status_until_ts = models.BigIntegerField(null=True)
    time_zone = models.CharField(max_length=64, blank=True)
    dnd_until_ts = models.BigIntegerField(null=True)
    avatar = models.CharField(max_length=64, blank=True, db_index=True)
    """The name of the picture's files: a hash of what is in them."""

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["status_until_ts"],
                name="profile_status_ends",
                condition=models.Q(status_until_ts__isnull=False),
            ),
            models.Index(
                fields=["dnd_until_ts"],
                name="profile_dnd_ends",
                condition=models.Q(dnd_until_ts__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"profile of {self.user_id}"


class FormerName(models.Model):
    """The name of a deleted account, as a hash: nobody gets it again and passes for them."""

    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)


class Token(models.Model):
    """A bearer token; only the SHA-256 of its secret is stored."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    may_write = models.BooleanField(default=True)
    rooms = models.JSONField(null=True, blank=True)
    """The ids of the rooms that it is for; null: everything."""

    def __str__(self) -> str:
        return self.label or f"token {self.pk}"

    @property
    def is_over(self) -> bool:
        """Whether it has expired."""
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def grant(self) -> Grant:
        """What it allows."""
        return Grant(self.may_write, None if self.rooms is None else frozenset(self.rooms))


def new_epoch() -> str:
    """A name for this history of the logs that no other has."""
    return secrets.token_hex(8)


class Instance(models.Model):
    """This installation: the epoch of its logs, and whether it has ever had an owner. One row."""

    CLAIMED: ClassVar[dict[str, Any]] = {"is_claimed": True, "setup_digest": ""}

    epoch = models.CharField(max_length=32, default=new_epoch)
    """Changes when a backup is restored: what clients remember of another epoch is void."""
    is_claimed = models.BooleanField(default=False)
    setup_digest = models.CharField(max_length=64, blank=True)
    """SHA-256 of the secret in the set-up link that works now."""
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"instance {self.epoch}"


class Application(models.Model):
    """An account that cannot be used yet, and what it waits for. Gone when nothing is left."""

    user = models.OneToOneField(User, models.CASCADE, related_name="application", primary_key=True)
    needs_email = models.BooleanField(default=False)
    needs_approval = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"application of {self.user_id}"


class Device(models.Model):
    """A browser in which somebody is signed in: one row beside each session."""

    user = models.ForeignKey(User, models.CASCADE, related_name="devices")
    session_key = models.CharField(max_length=40, unique=True)
    agent = models.CharField(max_length=256, blank=True)
    address = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_active_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"device {self.pk}"
