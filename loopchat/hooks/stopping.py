"""What becomes of what waits when its hook has stopped: people are told, and rows go.

A hook stops in many ways (switched off, paused, its bot at rest or deleted), and who ends a bot
knows nothing of hooks: `tidy` finds what they leave behind. Messages wait until the hook works
again, or are too old (`queue.tidy`); a command or a test has somebody waiting, and is given up.
"""

from __future__ import annotations

from typing import Final

from django.db.models import Q, QuerySet

from loopchat.core.clock import now_ms
from loopchat.hooks import answering
from loopchat.hooks.models import Delivery, Hook, working

PORTION: Final = 200
"""Deliveries, or hooks, that one look of `tidy` takes."""

_AWAITED: Final = (Delivery.Kind.COMMAND, Delivery.Kind.TEST)

_Status = Delivery.Status


def give_up(hook: Hook) -> None:
    """Tell those who wait for an answer of this hook that there is none."""
    _fail(_awaited().filter(hook=hook))


def tidy() -> bool:
    """Give up what is awaited of stopped hooks, and delete those of deleted bots, by portions.

    Returns whether there may be more.
    """
    stopped = _awaited().exclude(hook__in=working()).order_by("pk")[:PORTION]
    return _fail(stopped) == PORTION or _forget()


def _awaited() -> QuerySet[Delivery]:
    """Those that wait, without those that somebody is just at: they end in their own way."""
    rows = Delivery.objects.filter(status=_Status.WAITING, kind__in=_AWAITED)
    return rows.filter(Q(lease=None) | Q(due_ts__lt=now_ms()))


def _fail(rows: QuerySet[Delivery]) -> int:
    """Give them up, and tell each person whom no other process has told; how many there were."""
    found = list(rows.select_related("hook__bot__user", "room"))
    for one in found:
        mine = Delivery.objects.filter(pk=one.pk, lease=one.lease, status=_Status.WAITING)
        if mine.update(status=_Status.FAILED, lease=None, due_ts=now_ms(), error="it has stopped"):
            answering.whisper(one, None)
    return len(found)


def _forget() -> bool:
    gone = Hook.objects.filter(bot__deleted_at__isnull=False)
    told = list(Delivery.objects.filter(hook__in=gone).values_list("pk", flat=True)[:PORTION])
    Delivery.objects.filter(pk__in=told).delete()
    if len(told) == PORTION:
        return True
    hooks = list(gone.values_list("pk", flat=True)[:PORTION])
    Hook.objects.filter(pk__in=hooks).delete()
    return len(hooks) == PORTION
