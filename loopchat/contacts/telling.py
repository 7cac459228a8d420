"""What people are to each other, as each of the two is told."""

from __future__ import annotations

from functools import partial

import msgspec
from django.db import transaction

from loopchat.accounts import people as accounts
from loopchat.accounts.models import User
from loopchat.contacts import pairs
from loopchat.contacts.models import Block, FriendRequest
from loopchat.realtime import events, publish
from loopchat.realtime.bus import person_topic
from loopchat.realtime.outbox import Aside


def state(viewer_id: int, other: User) -> events.ContactState:
    """What somebody is to the viewer, as far as the viewer may know."""
    asked = FriendRequest.objects.filter(sender=viewer_id, receiver=other.pk, is_withdrawn=False)
    asking = FriendRequest.objects.filter(sender=other.pk, receiver=viewer_id, rejected_at=None)
    mine, theirs = asked.first(), asking.first()
    request = theirs or mine
    return events.ContactState(
        uid=other.pk,
        username=other.username,
        name=other.name or None,
        friend=pairs.are_friends(viewer_id, other.pk),
        request=None if request is None else "in" if theirs else "out",
        note=(request.note or None) if request else None,
        blocked=Block.objects.filter(owner=viewer_id, blocked=other.pk).exists(),
    )


def contact(viewer: User, other: User) -> None:
    """Tell the viewer's devices, once this is committed, what the other person is to them."""
    now = msgspec.structs.asdict(state(viewer.pk, other))
    tell(viewer.pk, events.Contact(**now))


def both(one: User, other: User) -> None:
    """Tell both; what their sockets may see of each other is looked at again."""
    contact(one, other)
    contact(other, one)
    accounts.changed([one.pk, other.pk])


def notify(receiver_id: int, kind: str, sender: User, preview: str = "") -> None:
    """Tell somebody by name that another person wants something of them, or has agreed."""
    notice = events.Notification(
        kind=kind, sender=sender.username, sender_uid=sender.pk, preview=preview
    )
    tell(receiver_id, notice)


def tell(user_id: int, event: msgspec.Struct) -> None:
    """Tell one person's devices something, once the transaction is committed."""
    aside = Aside(person_topic(user_id), events.encode(event))
    transaction.on_commit(partial(publish.aside, aside))
