"""What waits to be delivered: whose turn it is, who is at it, and what became of it.

Messages of one hook leave in the order of the logs, one at a time: the next one waits until the one
before has arrived or was given up. Commands have somebody waiting and do not stand in that line.
"""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery

from loopchat.accounts.models import User
from loopchat.core.clock import now_ms
from loopchat.hooks.models import Delivery, Hook, working

LEASE_MS: Final = 30_000
"""After this long somebody who is at a delivery is taken for dead."""

ATTEMPTS: Final = 10
"""How often a message is tried: over about three and a half hours."""

BACKOFF_MS: Final = 5_000
BACKOFF_GROWS: Final = 3
BACKOFF_MAX_MS: Final = 3_600_000
JITTER: Final = 0.25

COMMAND_ATTEMPTS: Final = 3
COMMAND_BACKOFF_MS: Final = 2_000
COMMAND_PATIENCE_MS: Final = 10_000
"""Somebody waits for the answer: a program that asks for a longer pause has none."""

FAILING_MAX_MS: Final = 24 * 3_600_000
"""After a day in which nothing has arrived a hook is paused."""

KEPT: Final = 100
"""Deliveries of a hook that its log keeps beside those that wait."""

KEPT_MS: Final = 7 * 24 * 3_600_000
"""How long it keeps them at most; what nobody has tried for as long is not tried any more."""

PORTION: Final = 500

_MOST: Final = {
    Delivery.Kind.MESSAGE: ATTEMPTS,
    Delivery.Kind.COMMAND: COMMAND_ATTEMPTS,
    Delivery.Kind.TEST: 1,  # who tests wants to see what happens, not what happens in the end
}

_Status = Delivery.Status


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended. `again`: it may go better later."""

    ok: bool = False
    again: bool = False
    dropped: bool = False
    http_status: int | None = None
    error: str = ""
    excerpt: str = ""
    took_ms: int | None = None
    retry_after_ms: int = 0
    """A pause that the program has asked for."""

    @property
    def has_arrived(self) -> bool:
        """Whether the hook has done its part; what we could not store is no fault of it."""
        return self.http_status is not None and self.http_status // 100 == 2


def claim() -> Delivery | None:
    """Take the next delivery that is due; for as long as its lease nobody else does."""
    return (
        _claim(_at_once(Delivery.Kind.COMMAND))
        or _claim(_at_once(Delivery.Kind.TEST))
        or _claim(_heads())
    )


def settle(delivery: Delivery, outcome: Outcome) -> bool:
    """Write down how the attempt ended. False: the lease was over and somebody else is at it."""
    status = _status_after(delivery, outcome)
    with transaction.atomic():
        mine = Delivery.objects.filter(pk=delivery.pk, lease=delivery.lease)
        changed = mine.update(
            status=status,
            lease=None,
            due_ts=now_ms() + _pause(delivery, outcome.retry_after_ms),
            http_status=outcome.http_status,
            error=outcome.error[:200],
            excerpt=outcome.excerpt[:500],
            took_ms=outcome.took_ms,
        )
        delivery.status = status
        if changed and not outcome.dropped:
            _note_health(delivery.hook, ok=outcome.ok or outcome.has_arrived)
    return bool(changed)


def is_spent(delivery: Delivery) -> bool:
    """Whether all its attempts were begun before this one, and none of them wrote down its end."""
    return delivery.attempts > _most(delivery)


def again(delivery: Delivery) -> None:
    """Try it once more now, whatever became of it: same id, and all attempts anew."""
    Delivery.objects.filter(pk=delivery.pk, lease=None).update(
        status=_Status.WAITING, attempts=0, due_ts=now_ms()
    )


def test(hook: Hook, by: User) -> Delivery:
    """Queue a test of somebody's."""
    now, kind = now_ms(), Delivery.Kind.TEST
    own = {"key": uuid.uuid4(), "due_ts": now, "created_ts": now}
    return Delivery.objects.create(hook=hook, kind=kind, trigger=kind, person=by, **own)


def tidy() -> bool:
    """Trim the logs of hooks, a portion at a time; whether there may be more."""
    old = Delivery.objects.filter(due_ts__lt=now_ms() - KEPT_MS)
    over = list(old.values_list("pk", flat=True)[:PORTION])
    crowded = _over().values("hook").annotate(n=Count("pk")).filter(n__gt=KEPT)
    for hook_id in crowded.values_list("hook", flat=True)[:PORTION]:
        done = _over().filter(hook=hook_id).order_by("-pk").values_list("pk", flat=True)
        over += done[KEPT : KEPT + PORTION]
    if over:
        Delivery.objects.filter(pk__in=over[:PORTION]).delete()
    return len(over) >= PORTION


def _over() -> QuerySet[Delivery]:
    return Delivery.objects.exclude(status=_Status.WAITING)


def _claim(due: QuerySet[Delivery]) -> Delivery | None:
    """The longest due of these, which is ours then."""
    if not due.exists():  # looking costs nothing; a transaction would hold back writers
        return None
    with transaction.atomic():
        rows = due
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        found = rows.select_related("hook__bot__user", "room").order_by("due_ts", "pk").first()
        if found is None:
            return None
        found.lease, found.attempts = uuid.uuid4(), found.attempts + 1
        found.tried_ts = now_ms()
        found.due_ts = found.tried_ts + LEASE_MS
        found.save(update_fields=["lease", "attempts", "tried_ts", "due_ts"])
    return found


def _at_once(kind: Delivery.Kind) -> QuerySet[Delivery]:
    """Commands, or tests, that may be tried now: somebody waits, and they wait for nothing."""
    return _due().filter(kind=kind, hook__in=working())


def _heads() -> QuerySet[Delivery]:
    """Messages that may be tried now: of each hook the first in its line, and no other is read."""
    line = Delivery.objects.filter(
        hook=OuterRef("pk"), status=_Status.WAITING, kind=Delivery.Kind.MESSAGE
    )
    heads = working().annotate(head=Subquery(line.order_by("pk").values("pk")[:1]))
    return _due().filter(pk__in=heads.values("head"))


def _due() -> QuerySet[Delivery]:
    return Delivery.objects.filter(status=_Status.WAITING, due_ts__lte=now_ms())


def _status_after(delivery: Delivery, outcome: Outcome) -> str:
    if outcome.ok:
        return _Status.DONE
    if outcome.dropped:
        return _Status.DROPPED
    has_more = delivery.attempts < _most(delivery)
    if delivery.kind == Delivery.Kind.COMMAND and outcome.retry_after_ms > COMMAND_PATIENCE_MS:
        has_more = False
    return _Status.WAITING if outcome.again and has_more else _Status.FAILED


def _most(delivery: Delivery) -> int:
    return _MOST[Delivery.Kind(delivery.kind)]


def _pause(delivery: Delivery, asked: int) -> int:
    """Milliseconds until the next attempt: longer each time, never quite the same, and not shorter
    than was asked for, up to the longest pause that there is."""
    if delivery.kind == Delivery.Kind.COMMAND:
        return max(COMMAND_BACKOFF_MS, asked)
    pause = min(BACKOFF_MS * BACKOFF_GROWS ** (delivery.attempts - 1), BACKOFF_MAX_MS)
    own = int(pause * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311 - nothing secret
    return max(own, min(asked, BACKOFF_MAX_MS))


def _note_health(hook: Hook, *, ok: bool) -> None:
    rows = Hook.objects.filter(pk=hook.pk)
    now = now_ms()
    if ok:
        rows.update(last_ok_ts=now, failing_since_ts=None)
    else:
        rows.filter(failing_since_ts=None).update(failing_since_ts=now)


def pause_when_hopeless(hook: Hook) -> bool:
    """Pause a hook that has failed for a day; whether this call did it."""
    failing = Hook.objects.filter(
        pk=hook.pk,
        state=Hook.State.ACTIVE,
        failing_since_ts__lt=now_ms() - FAILING_MAX_MS,
    )
    return bool(failing.update(state=Hook.State.PAUSED))
