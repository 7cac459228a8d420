"""Which workers live, and who is connected to each: rows that expire, never counters."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Worker(models.Model):
    """A server process and its lease. Times are the database's, so clocks need not agree."""

    id = models.CharField(primary_key=True, max_length=36)
    address = models.CharField(max_length=255, blank=True)
    started_at = models.DateTimeField()
    renewed_at = models.DateTimeField()
    change = models.BigIntegerField(default=0)
    """Rises with each change of this worker's rows, so that others read only what is new."""
    purged = models.BigIntegerField(default=0)
    """Rows about departures up to this change are gone: who has read less reads everything."""

    def __str__(self) -> str:
        return f"worker {self.id} {self.address}".rstrip()


class Present(models.Model):
    """A person on a worker. A departure is a row too, for a while, so that others can read it."""

    class State(models.IntegerChoices):
        GONE = 0
        AWAY = 1
        ONLINE = 2

    # Without constraints in the database: a person may be deleted while their sockets still close.
    worker = models.ForeignKey(
        Worker, models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_constraint=False
    )
    state = models.SmallIntegerField(choices=State.choices)
    change = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "present"
        constraints = [
            models.UniqueConstraint(fields=["worker", "user"], name="present_once_per_worker"),
        ]
        indexes = [models.Index(fields=["worker", "change"], name="present_changes")]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.worker_id}"
