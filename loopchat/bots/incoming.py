"""Incoming webhooks: addresses at which programs of others say something in one room.

Whoever knows the address may post there, so it is a secret of 130 bits, shown once and stored as a
hash. It works as long as its bot does and is in the room: to take the bot out ends it too.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from loopchat.accounts import people, rates, tokens
from loopchat.accounts.models import User
from loopchat.bots import ending, finding, founding
from loopchat.bots.models import Bot, IncomingHook
from loopchat.bots.payloads import Said
from loopchat.chat import access, messages, rooms
from loopchat.chat.ledger import Done
from loopchat.chat.models import Membership, Room
from loopchat.core.errors import Refused
from loopchat.core.limits import refuse_fast
from loopchat.realtime.events import Guise

HOOKS_MAX: Final = 50
"""Addresses of one room that work."""

LABEL_MAX: Final = 64
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz234567"
_LENGTH: Final = 26
"""Letters of 5 bits each: 130, in the form that tools for other servers know."""

_USE_IS_NOTED_EVERY: Final = timedelta(minutes=1)


def make(
    by: User, room_id: int, *, bot_id: int | None = None, name: str = "", label: str = ""
) -> tuple[IncomingHook, str]:
    """A new address and its secret, which nobody can read again later.

    It posts as the bot of this id, or else as a new one of this name. For those who manage the
    room and may make bots, or answer for the one that they name.
    """
    room = _managed_room(room_id, by)
    if _working().filter(room=room).count() >= HOOKS_MAX:
        raise Refused("too_large", "At most {n} webhooks of one room.", n=HOOKS_MAX)
    if bot_id is None:
        bot = _new_bot_in(room, by, name)
    else:
        bot = finding.managed(bot_id, by)
        rooms.invite(room.pk, by, [bot.user])
    secret = _new_secret()
    digest, label = tokens.digest_of(secret), label.strip()[:LABEL_MAX]
    return IncomingHook.objects.create(digest=digest, bot=bot, room=room, label=label), secret


def of_room(room_id: int, by: User) -> list[IncomingHook]:
    """The addresses of a room, the newest first, for those who manage it."""
    return list(_working().filter(room=_managed_room(room_id, by)).order_by("-pk"))


def of_bot(bot: Bot, *, before: int | None, limit: int) -> list[IncomingHook]:
    """So many of the addresses at which others post as a bot, those older than an id."""
    found = _working().filter(bot=bot)
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-pk")[:limit])


def rooms_for(by: User) -> list[Room]:
    """Rooms for which somebody may make addresses, in order of their names."""
    found = _managed(by).exclude(kind=Room.Kind.DIRECT).filter(archived_ts=None)
    return list(found.order_by("name", "pk"))


def renew(hook_id: int, by: User) -> tuple[IncomingHook, str]:
    """Another secret in the place of the one before, for those who answer for the bot."""
    answered_for = Q(bot__in=finding.of(by).values("pk"))
    hook = _working().filter(answered_for, pk=hook_id).first()
    if hook is None:
        raise _none()
    secret = _new_secret()
    IncomingHook.objects.filter(pk=hook.pk).update(digest=tokens.digest_of(secret))
    return hook, secret


def revoke(hook_id: int, by: User) -> None:
    """End an address, for those who manage its room or answer for its bot."""
    mine = Q(bot__in=finding.of(by).values("pk")) | Q(room__in=_managed(by))
    hook = _working().filter(mine, pk=hook_id).first()
    if hook is None:
        raise _none()
    with transaction.atomic():
        IncomingHook.objects.filter(pk=hook.pk).update(revoked_at=timezone.now())


def find(secret: str) -> IncomingHook | None:
    """The address with this secret, if it works; its room may be gone or closed."""
    if len(secret) != _LENGTH:
        return None
    bound = IncomingHook.objects.filter(revoked_at=None, bot__user__is_active=True)
    found = bound.filter(digest=tokens.digest_of(secret))
    return found.select_related("bot__user", "room").first()


def post(hook: IncomingHook, said: Said, *, cid: UUID) -> Done:
    """Say it in the room, as often as a person may; the same `cid` again says it once."""
    bot = hook.bot.user
    refuse_fast(rates.sends.take(bot.pk))
    messages.refuse_haste(hook.room_id, bot.pk)
    guise = _honest(said.guise, bot)
    done = messages.send(hook.room_id, rooms.actor(bot), cid=cid, body=said.text, guise=guise)
    _note_use(hook)
    return done


def _honest(guise: Guise | None, bot: User) -> Guise | None:
    """Without a name that somebody else has, or that looks like it: it is passed over."""
    if guise is None or not guise.name:
        return guise
    try:
        people.refuse_taken(guise.name, but=bot.pk)
    except Refused:
        return Guise(None, guise.emoji) if guise.emoji else None
    return guise


def _working() -> QuerySet[IncomingHook]:
    found = IncomingHook.objects.filter(revoked_at=None, room__deleted_ts=None)
    return found.select_related("bot__user__profile", "bot__owner", "room")


def _new_bot_in(room: Room, by: User, name: str) -> Bot:
    """A bot of this name in the room; when the room does not take it, there is none.

    When nobody can know whether it is in, it may have been seen: it ends as others do.
    """
    bot = founding.create(by, name=name)
    try:
        rooms.invite(room.pk, by, [bot.user])
    except Refused as no:
        if no.definite:
            bot.user.delete()
        else:
            ending.delete(bot)
        raise
    return bot


def _managed_room(room_id: int, by: User) -> Room:
    room = Room.objects.filter(pk=room_id).first()
    membership = Membership.objects.filter(room=room_id, user=by).first()
    return access.managing(room, membership)[0]


def _managed(by: User) -> QuerySet[Room]:
    """Rooms that somebody manages; in a group everybody does."""
    access.at_home(by.is_guest)
    mine = Membership.objects.filter(user=by, left_seq=None, room__deleted_ts=None)
    shapes = ~Q(role=Membership.Role.MEMBER) | Q(room__kind=Room.Kind.GROUP)
    return Room.objects.filter(pk__in=mine.filter(shapes).values("room"))


def _new_secret() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


def _note_use(hook: IncomingHook) -> None:
    now = timezone.now()
    if hook.last_used_at is None or now - hook.last_used_at >= _USE_IS_NOTED_EVERY:
        IncomingHook.objects.filter(pk=hook.pk).update(last_used_at=now)


def _none() -> Refused:
    return Refused("not_found", "There is no such webhook.")
