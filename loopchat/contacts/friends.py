"""Friend requests and friendships: ask, accept, reject, take back, end.

Everything may be said twice. A rejection and a block look to the sender like a request that still
waits.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from loopchat.accounts import bot_owners
from loopchat.accounts.models import User
from loopchat.contacts import pairs, telling
from loopchat.contacts.models import Block, FriendRequest, Friendship
from loopchat.core.characters import one_line
from loopchat.core.errors import Refused
from loopchat.core.limits import Buckets, Rate, in_ms

OPEN_MAX: Final = 20
"""Requests of one person that wait for an answer."""

FRIENDS_MAX: Final = 500

NOTE_MAX: Final = 200
"""Characters that go with a request."""

SILENCE: Final = timedelta(days=30)
"""How long after a rejection nothing new reaches the receiver."""

ASKING: Final = Rate(20 / 3600, 20)
"""Requests of one person, in each process."""

_asking = Buckets(ASKING)


def request(sender: User, receiver: User, note: str = "") -> None:
    """Ask somebody to be a friend. Two people who ask each other are friends at once."""
    pairs.refuse_oneself(sender.pk, receiver.pk)
    text = one_line(note, limit=NOTE_MAX, field="note")
    with transaction.atomic():
        pairs.lock(sender.pk, receiver.pk)
        if pairs.are_friends(sender.pk, receiver.pk):
            return
        _refuse_own_block(sender, receiver)
        if _from(receiver, sender).filter(is_withdrawn=False).exists():
            _befriend(sender, receiver)
            return
        waiting = _from(sender, receiver).first()
        if waiting is None or _may_ask_again(waiting):
            _ask(sender, receiver, text)
        elif waiting.is_withdrawn:
            _refuse_too_much(sender)
            _from(sender, receiver).update(is_withdrawn=False, note=text)
            telling.contact(sender, receiver)


def accept(person: User, sender: User) -> None:
    """Say yes; again: nothing happens."""
    with transaction.atomic():
        pairs.lock(person.pk, sender.pk)
        if pairs.are_friends(person.pk, sender.pk):
            return
        _refuse_own_block(person, sender)
        if not _from(sender, person).filter(rejected_at=None).exists():
            raise Refused("not_found", "There is no such request.", field="username")
        _befriend(person, sender)


def reject(person: User, sender: User) -> None:
    """Say no. The sender is not told, and what they ask in the next 30 days is not heard."""
    with transaction.atomic():
        pairs.lock(person.pk, sender.pk)
        if _from(sender, person).filter(rejected_at=None).update(rejected_at=timezone.now()):
            telling.contact(person, sender)


def cancel(person: User, receiver: User) -> None:
    """Take a request back."""
    with transaction.atomic():
        pairs.lock(person.pk, receiver.pk)
        waiting = _from(person, receiver).first()
        if waiting is None or waiting.is_withdrawn:
            return
        if waiting.rejected_at is None:
            waiting.delete()
            telling.contact(receiver, person)
        else:
            _from(person, receiver).update(is_withdrawn=True)
        telling.contact(person, receiver)


def remove(person: User, other: User) -> None:
    """End a friendship. The other person sees it, and is not notified."""
    with transaction.atomic():
        pairs.lock(person.pk, other.pk)
        if Friendship.objects.filter(pairs.of(person.pk, other.pk)).delete()[0]:
            telling.both(person, other)


def part(person: User, other: User) -> bool:
    """What a block does here: no friendship, no requests. Whether the other may see a difference.

    In the transaction of the block, under its lock. What the other has asked looks unanswered.
    """
    ended, _ = Friendship.objects.filter(pairs.of(person.pk, other.pk)).delete()
    taken_back, _ = _from(person, other).filter(rejected_at=None).delete()
    _from(person, other).update(is_withdrawn=True)  # they have rejected it
    _from(other, person).filter(rejected_at=None).update(rejected_at=timezone.now())
    return bool(ended or taken_back)


def _ask(sender: User, receiver: User, note: str) -> None:
    """Who is blocked asks like everybody else; it only reaches nobody."""
    _refuse_too_much(sender)
    unheard = _is_unheard(sender, receiver)
    now = timezone.now()
    FriendRequest.objects.update_or_create(
        sender=sender,
        receiver=receiver,
        defaults={
            "note": note,
            "created_at": now,
            "rejected_at": now if unheard else None,
            "is_withdrawn": False,
        },
    )
    telling.contact(sender, receiver)
    if not unheard:
        telling.contact(receiver, sender)
        telling.notify(receiver.pk, "friend_request", sender, note)


def _is_unheard(sender: User, receiver: User) -> bool:
    """Whether a block or a no still holds; of a bot also one to its owner or their other bots."""
    voices = bot_owners.voices_of(sender.pk)
    if Block.objects.filter(owner=receiver.pk, blocked__in=voices).exists():
        return True
    noes = FriendRequest.objects.filter(sender__in=voices - {sender.pk}, receiver=receiver.pk)
    return noes.filter(rejected_at__gte=timezone.now() - SILENCE).exists()


def _befriend(person: User, other: User) -> None:
    """`other` has asked before and hears that it was agreed to."""
    for one in (person, other):
        if Friendship.objects.filter(Q(first=one) | Q(second=one)).count() >= FRIENDS_MAX:
            raise Refused(
                "too_large", "{name} has {n} friends already.", name=one.username, n=FRIENDS_MAX
            )
    FriendRequest.objects.filter(
        Q(sender=person, receiver=other) | Q(sender=other, receiver=person)
    ).delete()
    first, second = sorted((person.pk, other.pk))
    Friendship.objects.create(first_id=first, second_id=second)
    telling.both(person, other)
    telling.notify(other.pk, "friend_accepted", person)


def _from(sender: User, receiver: User) -> models.QuerySet[FriendRequest]:
    return FriendRequest.objects.filter(sender=sender, receiver=receiver)


def _may_ask_again(waiting: FriendRequest) -> bool:
    return waiting.rejected_at is not None and waiting.rejected_at < timezone.now() - SILENCE


def _refuse_too_much(sender: User) -> None:
    """The same bounds whether the receiver hears of it or not."""
    waiting = FriendRequest.objects.filter(sender=sender, is_withdrawn=False)
    if waiting.count() >= OPEN_MAX:
        raise Refused("too_large", "{n} of your requests wait for an answer already.", n=OPEN_MAX)
    wait = _asking.take(sender.pk)
    if wait:
        raise Refused(
            "rate_limited", "These are many requests. Wait a while.", retry_after_ms=in_ms(wait)
        )


def _refuse_own_block(person: User, other: User) -> None:
    if Block.objects.filter(owner=person, blocked=other).exists():
        raise Refused("blocked", "You have blocked this person.", field="username")
