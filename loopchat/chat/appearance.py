"""Changes of how people look, told to those who may see them: their own devices and their rooms.

As with presence, large rooms are not told: who opens one reads it anew.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import msgspec
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from loopchat.accounts import profiles, rates
from loopchat.accounts.models import Profile, User
from loopchat.accounts.profiles import Change
from loopchat.chat import faces
from loopchat.chat.models import Membership, Room
from loopchat.contacts import pairs
from loopchat.core.clock import now_ms
from loopchat.core.errors import Refused
from loopchat.core.limits import refuse_often
from loopchat.core.text import name_key
from loopchat.realtime import events, publish
from loopchat.realtime.bus import person_topic, room_topic
from loopchat.realtime.outbox import Aside

PORTION: Final = 200
"""People whose status ends in one step of the housekeeping."""

FACES_MAX: Final = 100
"""People that one look-up is about."""


class SharedRoom(msgspec.Struct, frozen=True):
    """A room that two people are in."""

    room: int
    kind: str
    slug: str | None
    name: str


class Card(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """All that somebody may know of another person."""

    uid: int
    username: str
    name: str | None = None
    about: str = ""
    avatar: str | None = None
    status: events.Status | None = None
    dnd_until_ts: int | None = None
    time_zone: str = ""
    utc_offset_min: int | None = None
    bot: bool = False
    guest: bool = False
    deleted: bool = False
    rooms: list[SharedRoom]


def change(person: User, wanted: Change) -> Profile:
    """See `profiles.change`; those who see the person are told."""
    refuse_often(rates.looks.take(person.pk))
    with transaction.atomic():
        stored = profiles.change(person, wanted)
        tell(person)
    return stored


def set_avatar(person: User, avatar: str) -> None:
    """Another picture; nothing: initials."""
    refuse_often(rates.looks.take(person.pk))
    with transaction.atomic():
        profiles.set_avatar(person, avatar)
        tell(person)


def tell(person: User, *, everywhere: bool = False) -> None:
    """Say, once this is committed, how a person looks now; `everywhere`: in large rooms too."""
    transaction.on_commit(lambda: publish.aside(*_news([person.pk], everywhere=everywhere)))


def tidy() -> bool:
    """End a portion of what ends by itself, and say so at once; whether there may be more."""
    ended = profiles.end_what_is_over(now_ms(), PORTION)
    if ended:
        publish.aside(*_news(ended))
    return len(ended) >= PORTION


def card(viewer: User, username: str) -> Card:
    """A person as the viewer may know them. Guests know the people of their room."""
    named = User.objects.filter(username_key=name_key(username[:64]))
    found = named.select_related("profile").first()
    shared = [] if found is None else _shared_rooms(viewer, found)
    is_known = found is not None and (found.is_active or shared)
    if viewer.is_guest or (found is not None and found.is_guest):
        is_known = found is not None and (bool(shared) or found.pk == viewer.pk)
    if found is None or not is_known:
        raise Refused("not_found", "There is nobody with this name.", field="username")
    said = getattr(found, "profile", None) or Profile()
    return Card(
        **faces.looks_of(found),
        about=said.about,
        time_zone=said.time_zone,
        utc_offset_min=profiles.utc_offset_minutes(said.time_zone),
        rooms=[SharedRoom(room.pk, room.kind, room.slug, room.name) for room in shared],
    )


def faces_of(viewer: User, user_ids: list[int]) -> list[events.Profile]:
    """How these people look, at most 100, as far as the viewer may know them.

    That is who is or was in a room of theirs, friends, and whom the directory shows. Guests are in
    no directory, and see none.
    """
    asked = user_ids[:FACES_MAX]
    mine = Membership.objects.filter(user=viewer, left_seq=None, room__deleted_ts=None)
    beside = Membership.objects.filter(user=OuterRef("pk"), room__in=mine.values("room"))
    known = Q(Exists(beside)) | Q(pk=viewer.pk)
    if not viewer.is_guest:
        friends = pairs.friends_of(viewer.pk, asked)
        known |= Q(is_active=True, is_guest=False) | Q(pk__in=friends)
    people = User.objects.filter(known, pk__in=asked).select_related("profile")
    return [events.Profile(**faces.looks_of(person)) for person in people]


def _news(user_ids: Collection[int], *, everywhere: bool = False) -> list[Aside]:
    """How these people look now, as their own devices and their rooms hear it. Two queries."""
    fresh = User.objects.filter(pk__in=user_ids).select_related("profile")
    said = {one.pk: events.encode(events.Profile(**faces.looks_of(one))) for one in fresh}
    theirs = Membership.objects.filter(user__in=said, left_seq=None, room__deleted_ts=None)
    rows = theirs.select_related("room").only("user_id", "room__kind", "room__member_count")
    own = [Aside(person_topic(pk), data) for pk, data in said.items()]
    return own + [
        Aside(room_topic(row.room_id), said[row.user_id], skip=row.user_id)
        for row in rows
        if everywhere or row.room.has_receipts
    ]


def _shared_rooms(one: User, other: User) -> list[Room]:
    """Where both are, of what `one` has in their list; also their direct conversation."""
    listed = Membership.objects.filter(user=one, left_seq=None, standing__in=Membership.SHOWN)
    mine = listed.values("room")
    theirs = Membership.objects.filter(user=other, left_seq=None).values("room")
    both = Q(pk__in=mine) & Q(pk__in=theirs)
    return list(Room.objects.filter(both, deleted_ts=None).order_by("name", "pk")[:FACES_MAX])
