"""The rows behind presence: written and read in a few statements, whatever the number of people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.db.models.functions import Now

from loopchat.core.clock import ts_of
from loopchat.realtime.models import Present, Worker

LEASE = timedelta(seconds=45)
GRACE = timedelta(seconds=10)

_GONE = Present.State.GONE
_EXPIRED = Q(renewed_at__lt=Now() - LEASE)


@dataclass(frozen=True, slots=True)
class News:
    """What changed on one worker: all its people when `whole`, else those whose state is new."""

    change: int
    whole: bool
    states: dict[int, int] = field(default_factory=dict)


def states_of(user_ids: Iterable[int]) -> dict[int, int]:
    """The highest state of each of these people who is there, in one fixed statement."""
    wanted = list(user_ids)
    if not wanted:
        return {}
    text = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute(_STATES_OF[connection.vendor], [json.dumps(wanted) if text else wanted])
        return dict(cursor.fetchall())


_STATES_OF = {
    vendor: (
        "SELECT present.user_id, MAX(present.state) FROM realtime_present present"  # noqa: S608
        " JOIN realtime_worker worker ON worker.id = present.worker_id"
        f" WHERE present.state > 0 AND worker.renewed_at >= {cutoff}"
        f" AND present.user_id {wanted} GROUP BY present.user_id"
    )
    for vendor, cutoff, wanted in (
        (
            "sqlite",
            "STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'now', '-45 seconds')",
            "IN (SELECT value FROM json_each(%s))",
        ),
        ("postgresql", "STATEMENT_TIMESTAMP() - INTERVAL '45 seconds'", "= ANY(%s)"),
    )
}


def present() -> QuerySet[Present]:
    """The rows of people who are online or away on a worker that lives."""
    dead = Worker.objects.filter(_EXPIRED)
    return Present.objects.exclude(state=_GONE).exclude(worker__in=dead.values("id"))


def is_anybody_alive() -> bool:
    """Whether any worker's lease is still good; one that ended cleanly has none."""
    return Worker.objects.exclude(_EXPIRED).exists()


def register(worker: str, address: str, change: int) -> None:
    """Begin a lease with nobody present; what others know of this worker is void."""
    now = Now()
    with transaction.atomic():
        Worker.objects.filter(id=worker).delete()
        Worker.objects.create(
            id=worker,
            address=address[:255],
            started_at=now,
            renewed_at=now,
            change=change,
            purged=change,
        )


def write(worker: str, change: int, states: Mapping[int, int], left: Mapping[int, int]) -> bool:
    """Store who came, went or changed, and when the last were seen (ms).

    False, and nothing is stored, when the lease was lost.
    """
    rows = [
        Present(worker_id=worker, user_id=user, state=state, change=change)
        for user, state in states.items()
    ]
    with transaction.atomic():
        if not Worker.objects.filter(id=worker).update(change=change, renewed_at=Now()):
            return False
        Present.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["worker", "user"],
            update_fields=["state", "change"],
        )
        for seen_ts, users in _by_second(left).items():
            _seen(users, seen_ts)
    return True


def renew(worker: str, purge: int) -> bool:
    """Prolong the lease and forget departures up to this change; False when the lease was lost."""
    with transaction.atomic():
        if not Worker.objects.filter(id=worker).update(renewed_at=Now(), purged=purge):
            return False
        Present.objects.filter(worker_id=worker, state=_GONE, change__lte=purge).delete()
    return True


def retire(worker: str, seen_ts: int) -> None:
    """Let the lease end after the grace, in which people find another worker."""
    with transaction.atomic():
        Worker.objects.filter(id=worker).update(renewed_at=Now() - (LEASE - GRACE))
        _seen(_there(worker), seen_ts)


def read(own: str, known: Mapping[str, int]) -> dict[str, News]:
    """What is new on each other live worker, given the last change that is known of each."""
    expired = ExpressionWrapper(_EXPIRED, output_field=BooleanField())
    workers = Worker.objects.exclude(id=own).annotate(expired=expired)
    rows = list(workers.values_list("id", "change", "purged", "expired"))
    if any(expired for *_, expired in rows):
        remove_expired()
    news = {
        worker: News(change, whole=worker not in known or known[worker] < purged)
        for worker, change, purged, expired in rows
        if not expired
    }
    _fill(news, known)
    return news


def remove_expired() -> None:
    """Remove the workers whose lease has ended, and with them the people only they knew."""
    with transaction.atomic():
        expired = Worker.objects.select_for_update().filter(_EXPIRED)
        renewed = dict(expired.values_list("id", "renewed_at"))
        for worker, renewed_at in renewed.items():
            _seen(_there(worker), ts_of(renewed_at))
        Present.objects.filter(worker_id__in=renewed).delete()
        Worker.objects.filter(id__in=renewed).delete()


def _fill(news: dict[str, News], known: Mapping[str, int]) -> None:
    wanted = Q()
    for worker, one in news.items():
        if one.whole:
            wanted |= Q(worker_id=worker) & ~Q(state=_GONE)
        elif one.change > known[worker]:
            wanted |= Q(worker_id=worker, change__gt=known[worker])
    if not wanted:
        return
    for worker, user, state in Present.objects.filter(wanted).values_list(
        "worker_id", "user_id", "state"
    ):
        news[worker].states[user] = state


def _there(worker: str) -> QuerySet[Present, int]:
    """As a query of their ids, to be used inside another."""
    there = Present.objects.filter(worker_id=worker).exclude(state=_GONE)
    return there.values_list("user_id", flat=True)


def _seen(users: Iterable[int], seen_ts: int) -> None:
    earlier = Q(last_seen_ts__isnull=True) | Q(last_seen_ts__lt=seen_ts)
    everybody = get_user_model()._default_manager  # noqa: SLF001 - Django's name for it
    everybody.filter(earlier, id__in=users).update(last_seen_ts=seen_ts)


def _by_second(left: Mapping[int, int]) -> dict[int, list[int]]:
    groups: dict[int, list[int]] = {}
    for user, seen_ts in left.items():
        groups.setdefault(seen_ts // 1000 * 1000, []).append(user)
    return groups
