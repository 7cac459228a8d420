"""Rooms and messages as a first tutorial draws them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Room(models.Model):
    """A conversation."""

    name = models.CharField(max_length=100, unique=True)
    participants = models.ManyToManyField(settings.AUTH_USER_MODEL)
    objects: ClassVar[models.Manager[Room]] = models.Manager()


class Message(models.Model):
    """One line that somebody said."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE)
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    content = models.TextField()
    timestamp = models.DateTimeField(auto_now_add=True)
    objects: ClassVar[models.Manager[Message]] = models.Manager()
