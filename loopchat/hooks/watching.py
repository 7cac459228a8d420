"""Finds in the rooms' logs what hooks are to be told of.

The log is the truth and each hook has a cursor in it. So sending a message knows nothing of hooks,
and whatever dies whenever: what was stored is found later. What calls nobody costs no transaction:
its cursors are written later, with others, and who finds an old cursor reads the same again. A
hook's row is the lock of its cursors.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from django.db import connection, transaction
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from loopchat.chat.models import Membership, Message
from loopchat.core.clock import now_ms
from loopchat.core.rarely import Rarely
from loopchat.hooks import calling
from loopchat.hooks.calling import Call, Place, Span
from loopchat.hooks.models import Cursor, Delivery, Hook

PORTION: Final = 200
"""Messages of one room that are looked at in one round."""

ROOMS: Final = 100
"""Rooms with something new that are looked at in one round."""

WAITING_MAX: Final = 1000
"""Deliveries that wait for one hook; then its cursors wait too, and the log keeps the rest."""


QUIET_MAX: Final = 500
"""Messages that called nobody, by which a cursor may lie behind what was looked at."""

QUIET_SECONDS: Final = 60.0
"""How long it may lie behind."""

CATCH_UP_ROUNDS: Final = 10

_ALL: Final = Q()

_News = tuple[int, int, int, int, int]
"""Hook, bot, room, how far it was heard and how far it goes."""


class Quiet:
    """What a process has looked at without writing its cursors: it called nobody.

    It ends with the process, and then somebody reads the same once more.
    """

    def __init__(self) -> None:
        self._seen: dict[Place, int] = {}
        self._is_time = Rarely(QUIET_SECONDS)

    def after(self, place: Place, heard: int) -> int:
        """From where on something is new."""
        return max(heard, self._seen.get(place, 0))

    def keep(self, spans: Sequence[Span]) -> bool:
        """Remember them, unless it is time to write; whether they were kept."""
        behind = max(span.upto - span.heard for span in spans)
        if len(spans) >= ROOMS or behind > QUIET_MAX or self._is_time():
            return False
        self._seen |= {span.place: span.upto for span in spans}
        return True

    def forget(self) -> None:
        """The cursors were written."""
        self._seen.clear()


def watch(quiet: Quiet | None = None) -> bool:
    """Look once at what is new in the rooms of active hooks; whether there may be more.

    With `quiet` the cursors of what calls nobody are written now and then; without it at once.
    """
    return _look(list(_news()[:ROOMS]), quiet)


def catch_up(hook: Hook) -> None:
    """What was said so far calls a hook, or not, as it is now: before it is made another one."""
    news = _news(Q(user__bot__hooks=hook))
    for _ in range(CATCH_UP_ROUNDS):
        if not _look(list(news[:ROOMS]), None):
            return


def start_from_now(hook: Hook) -> None:
    """What was said in its rooms so far is not for this hook."""
    with transaction.atomic():
        Cursor.objects.filter(hook=hook).delete()
        there = places_of(hook.bot_id).values_list("room_id", "room__head")
        Cursor.objects.bulk_create(Cursor(hook=hook, room_id=pk, seq=head) for pk, head in there)


def is_member(bot_id: int, room_id: int) -> bool:
    """Whether a bot is in a room, and so may hear of it."""
    return places_of(bot_id).filter(room=room_id).exists()


def members_of(room_id: int) -> QuerySet[Membership]:
    """Who is in a room, and may hear of it."""
    return _THERE.filter(room=room_id)


def places_of(bot_id: int) -> QuerySet[Membership]:
    """Where a bot is."""
    return _THERE.filter(user=bot_id)


_THERE: Final = Membership.objects.filter(
    left_seq=None, standing=Membership.Standing.OPEN, room__deleted_ts=None
)


def _news(only: Q = _ALL) -> QuerySet[Membership, _News]:
    """Hook, bot, room, how far it was heard and how far it goes: one statement for all.

    Where a hook has no cursor its bot came later: it hears what was said since then. Nobody hears
    what was said while they were away. Crowded hooks are left out: others come behind them.
    """
    waiting = Delivery.objects.filter(status=Delivery.Status.WAITING).values("hook")
    crowded = waiting.annotate(n=Count("pk")).filter(n__gte=WAITING_MAX).values("hook")
    cursors = Cursor.objects.filter(hook=OuterRef("user__bot__hooks"), room=OuterRef("room"))
    heard = Coalesce(Subquery(cursors.values("seq")[:1]), 0)
    rows = _THERE.filter(
        only,
        user__is_active=True,
        user__bot__deleted_at=None,
        user__bot__hooks__state=Hook.State.ACTIVE,
    ).annotate(hook=F("user__bot__hooks"), heard=Greatest(heard, F("joined_seq") - 1))
    rows = rows.filter(room__head__gt=F("heard")).exclude(hook__in=crowded)
    return rows.order_by("hook", "room").values_list("hook", "user", "room", "heard", "room__head")


def _look(news: Sequence[_News], quiet: Quiet | None) -> bool:
    """Find the calls without a transaction, then write all in one; whether there may be more."""
    if not news:
        return False
    spans = [_span(row, quiet) for row in news]
    calls = calling.find([span for span in spans if span.upto > span.after])
    if calls or quiet is None or not quiet.keep(spans):
        _write(spans, calls)
        if quiet is not None:
            quiet.forget()
    goes_on = any(span.upto < row[-1] for span, row in zip(spans, news, strict=True))
    return goes_on or len(news) == ROOMS


def _span(row: _News, quiet: Quiet | None) -> Span:
    hook_id, bot_id, room_id, heard, head = row
    after = heard if quiet is None else quiet.after((hook_id, room_id), heard)
    return Span(hook_id, bot_id, room_id, heard, after, min(head, after + PORTION))


def _write(spans: Sequence[Span], calls: Mapping[Place, Sequence[Call]]) -> None:
    """Queue the calls and move the cursors, together."""
    with transaction.atomic():
        ours = _unmoved(spans)
        waiting = _waiting({hook_id for hook_id, _ in calls})
        queued: list[Delivery] = []
        moved: list[Cursor] = []
        for span in ours:
            if waiting[span.hook_id] < WAITING_MAX:
                mine = calls.get(span.place, ())
                waiting[span.hook_id] += len(mine)
                queued += (_delivery(span.hook_id, *call) for call in mine)
                moved.append(Cursor(hook_id=span.hook_id, room_id=span.room_id, seq=span.upto))
        Delivery.objects.bulk_create(queued, ignore_conflicts=True)
        Cursor.objects.bulk_create(
            moved, update_conflicts=True, unique_fields=["hook", "room"], update_fields=["seq"]
        )


def _unmoved(spans: Sequence[Span]) -> list[Span]:
    """Those whose hooks are ours from here on, and whose cursors nobody has moved meanwhile."""
    ours = _locked({span.hook_id for span in spans})
    rows = Cursor.objects.filter(hook__in=ours, room__in={span.room_id for span in spans})
    now = {(hook, room): seq for hook, room, seq in rows.values_list("hook", "room", "seq")}
    return [span for span in spans if span.hook_id in ours and now.get(span.place, 0) <= span.heard]


def _locked(hook_ids: Collection[int]) -> set[int]:
    """The hooks, without those that others look after just now, or that hear nothing any more."""
    rows = Hook.objects.filter(pk__in=hook_ids, state=Hook.State.ACTIVE)
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    return set(rows.values_list("pk", flat=True))


def _waiting(hook_ids: Collection[int]) -> Counter[int]:
    """How many deliveries wait for each of these hooks."""
    rows = Delivery.objects.filter(hook__in=hook_ids, status=Delivery.Status.WAITING)
    return Counter(dict(rows.values_list("hook").annotate(n=Count("pk"))))


def _delivery(hook_id: int, message: Message, trigger: str) -> Delivery:
    now = now_ms()
    return Delivery(
        hook_id=hook_id,
        key=uuid.uuid4(),
        kind=Delivery.Kind.MESSAGE,
        trigger=trigger,
        room_id=message.room_id,
        message_id=message.pk,
        due_ts=now,
        created_ts=now,
    )
