"""The end of an account, as its owner wishes it. What is promised stands in docs/security.md.

In one transaction the account is shut and all that was only theirs goes. Then they leave their
rooms and, if they wish, their texts go: a portion at a time, so that nobody waits for it, and again
after a crash.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import Final

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import CASCADE, ForeignObjectRel, Model, Q

from loopchat.accounts import former_names, people
from loopchat.accounts.models import Device, User
from loopchat.bots import ending
from loopchat.chat import appearance, rooms
from loopchat.chat.departing import Depart, Shut, Unsay
from loopchat.chat.models import Membership, Message, Room
from loopchat.chat.writer import writer
from loopchat.contacts import friends
from loopchat.contacts.models import Friendship
from loopchat.core.errors import Refused
from loopchat.invitations import arrivals
from loopchat.leaving.models import Erasure

NAME: Final = "Deleted account"

PORTION: Final = 100
"""Messages that one step empties."""

_STAYS: Final = frozenset({"chat.Membership", "chat.Message", "chat.RoomEvent", "chat.Reaction"})
"""What belongs to conversations as much as to the person. Every other row about them goes."""


def delete(person: User, *, takes_texts: bool) -> None:
    """Shut the account for ever. `takes_texts`: what they wrote goes too."""
    _refuse_last_owner(person)
    arrivals.end_all_of(person)
    for friendship in Friendship.objects.filter(first=person).select_related("second"):
        friends.remove(person, friendship.second)
    for friendship in Friendship.objects.filter(second=person).select_related("first"):
        friends.remove(person, friendship.first)
    with transaction.atomic():
        # In the order of ids, like all who lock people; inserts that refer to them go on meanwhile.
        whom = Q(pk=person.pk) | (Q(is_owner=True) if person.is_owner else Q(pk=person.pk))
        wanted = User.objects.filter(whom)
        locked = {one.pk: one for one in wanted.select_for_update(no_key=True).order_by("pk")}
        _refuse_last_owner(person)
        row = locked[person.pk]
        former_names.remember(row.username)
        ending.end_all_of(row)
        _forget_what_was_theirs(row)
        _scrub(row)
        Erasure.objects.create(user=row, takes_texts=takes_texts)
        people.changed([row.pk])
        appearance.tell(row, everywhere=True)
    with suppress(Refused):  # the account is gone; whatever is left to do, `tidy` does
        _leave_rooms(row)


def tidy() -> bool:
    """Take the next step for those who have gone; whether there may be more."""
    job = Erasure.objects.select_related("user").order_by("created_at").first()
    if job is None:
        return False
    if _leave_rooms(job.user) or (job.takes_texts and _unsay(job.user)):
        return True
    job.delete()
    return True


def is_last_owner(person: User) -> bool:
    """Whether nobody else could run this server."""
    others = User.objects.filter(is_owner=True, is_active=True).exclude(pk=person.pk)
    return person.is_owner and not others.exists()


def _refuse_last_owner(person: User) -> None:
    if is_last_owner(person):
        raise Refused("conflict", "Make somebody else an owner of this server first.")


def _forget_what_was_theirs(person: User) -> None:
    """Rows of any model that would go with the person, but for what conversations need."""
    keys = Device.objects.filter(user=person).values_list("session_key", flat=True)
    Session.objects.filter(session_key__in=list(keys)).delete()
    for relation in relations():
        if relation.on_delete is CASCADE and _label(relation) not in _STAYS:
            rows = _model(relation)._default_manager  # noqa: SLF001 - Django's name for it
            rows.filter(**{relation.field.name: person}).delete()


def relations() -> list[ForeignObjectRel]:
    """Every foreign key to people in any table, also those that have no name from their side."""
    found = User._meta.get_fields(include_hidden=True)  # noqa: SLF001 - public in spite of its name
    keys = [one for one in found if isinstance(one, ForeignObjectRel)]
    return [one for one in keys if not one.many_to_many]


def _label(relation: ForeignObjectRel) -> str:
    return _model(relation)._meta.label  # noqa: SLF001 - public in spite of its name


def _model(relation: ForeignObjectRel) -> type[Model]:
    model = relation.related_model
    if isinstance(model, str):
        raise TypeError(model)
    return model


def _scrub(person: User) -> None:
    person.username = _free_name(person)
    person.name, person.email = NAME, ""
    person.is_active = person.is_staff = person.is_superuser = person.is_owner = False
    person.is_passwordless, person.is_deleted = False, True
    person.last_login = person.last_seen_ts = None
    person.set_unusable_password()
    person.save()


def _free_name(person: User) -> str:
    name = f"deleted-{person.pk}"
    while people.find(name) is not None:
        name = f"deleted-{person.pk}-{secrets.token_hex(3)}"
    return name


def _leave_rooms(person: User) -> bool:
    """Leave all rooms. Direct conversations are the other person's as well: those are shut."""
    actor = rooms.actor(person)
    mine = Membership.objects.filter(user=person, left_seq=None, room__deleted_ts=None)
    is_direct = Q(room__kind=Room.Kind.DIRECT)
    left = list(mine.exclude(is_direct).values_list("room_id", flat=True))
    shut = mine.filter(is_direct, room__archived_ts=None)
    steps: list[Depart | Shut] = [Depart(room_id, actor) for room_id in left]
    steps += [Shut(room_id, actor) for room_id in shut.values_list("room_id", flat=True)]
    for step in steps:
        writer.run(step)
    return bool(steps)


def _unsay(person: User) -> bool:
    """Empty one portion of their messages."""
    alive = Message.objects.filter(author=person, deleted_ts=None, room__deleted_ts=None)
    first = alive.order_by("room", "seq").values_list("room_id", flat=True).first()
    if first is None:
        return False
    ids = alive.filter(room=first).order_by("seq").values_list("pk", flat=True)[:PORTION]
    writer.run(Unsay(first, rooms.actor(person), tuple(ids)))
    return True
