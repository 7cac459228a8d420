"""What rooms are called on pages: by their name, or after who else is there."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from loopchat.accounts.models import User
from loopchat.chat import company, reading
from loopchat.chat.models import Room


def of(person: User) -> dict[int, str]:
    """One's rooms by id, those first where something happened last."""
    found = reading.summaries(reading.memberships_of(person.pk))
    return {room.room: _called(room.name, room.others) for room in found}


def of_bot(bot: User, viewer: User) -> dict[int, str]:
    """The same for a bot; groups are called as whoever looks knows them."""
    names = of(bot)
    groups = Room.objects.filter(pk__in=names, kind=Room.Kind.GROUP, name="")
    return {**names, **seen_by(viewer, groups)}


def seen_by(viewer: User, rooms: Iterable[Room]) -> dict[int, str]:
    """Rooms, but no conversations of two, by id, in their order."""
    named = list(rooms)
    others = company.others_in(named, viewer.pk)
    return {room.pk: _called(room.name, others.get(room.pk)) for room in named}


def _called(name: str, others: list[str] | None) -> str:
    return company.called(name, others) or _("Group")
