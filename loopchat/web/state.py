"""The first state of the client's page: the same shapes that the socket sends, as one JSON text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from loopchat.accounts import instance
from loopchat.accounts.models import User
from loopchat.chat import faces, history, reading, rooms
from loopchat.chat.models import Room
from loopchat.contacts import privacy
from loopchat.invitations import links
from loopchat.realtime import events

PAGE: Final = 60
"""Items of history in the first state."""

_IN_A_SCRIPT: Final = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}
"""No text in a JSON block can end the block or begin a comment."""


class Me(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The person that the page is made for."""

    uid: int
    username: str
    name: str | None = None
    avatar: str | None = None
    status: events.Status | None = None
    dnd_until_ts: int | None = None
    bot: bool = False
    guest: bool = False
    deleted: bool = False
    is_owner: bool
    is_guest: bool = False
    may_invite: bool = False


class Invitation(msgspec.Struct, frozen=True):
    """A public room that the person could join."""

    room: int
    slug: str
    name: str
    topic: str
    members: int


class Ready(msgspec.Struct, frozen=True):
    """What the socket's `ready` says."""

    rooms: list[events.RoomSummary]
    people: list[events.Person]
    preferences: events.PreferencesState
    privacy: events.PrivacyState
    contacts: list[events.ContactState]


class PageState(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything that the first paint needs."""

    me: Me
    epoch: str
    ready: Ready
    passwordless: bool
    urls: Mapping[str, str]
    room: events.RoomSummary | None = None
    history: history.History | None = None
    faces: list[events.Profile] | None = None
    """How those look who are in the history: nobody who is not marked is drawn first."""
    cursors: list[events.MemberCursor] | None = None
    invitation: Invitation | None = None
    offers: list[Invitation] | None = None
    """In the lobby: rooms to join."""
    at: int | None = None
    """The seq that the page's address names: the history is around it."""
    screen: str | None = None
    """What stands in the place of a room: "people"."""


def of_lobby(person: User) -> PageState:
    """No conversation is open."""
    return _state(person, offers=[invitation(room) for room in rooms.find(person, "")])


def of_room(person: User, room: Room, at: int | None = None) -> PageState:
    """A room of this person is open, with its newest messages or those around a place."""
    overview = reading.overview(person)
    mine = next((one for one in overview.rooms if one.room == room.pk), None)
    shown = mine or reading.summary(rooms.actor(person), room.pk)
    if at is None:
        page = history.page(person, room.pk, limit=PAGE)
    else:
        at, page = history.around(person, room.pk, seq=at, limit=PAGE)
    places = reading.cursors_of(person.pk, room.pk)
    return _state(person, overview, room=shown, history=page, places=places, at=at)


def of_people(person: User) -> PageState:
    """Friends, requests, everybody."""
    return _state(person, screen="people")


def of_page(person: User, overview: reading.Overview) -> PageState:
    """A page beside the chat: it stays connected, and shows no conversation."""
    return _state(person, overview)


def of_invitation(person: User, room: Room) -> PageState:
    """A public room of others is looked at from the door."""
    return _state(person, invitation=invitation(room))


def invitation(room: Room) -> Invitation:
    """What somebody outside of a public room may know of it."""
    return Invitation(room.pk, room.slug or "", room.name, room.topic, room.member_count)


def as_json(state: PageState) -> SafeString:
    """The state for a `<script type="application/json">`, where no text of it can do harm."""
    text = msgspec.json.encode(state).decode()
    return mark_safe(text.translate(_IN_A_SCRIPT))  # noqa: S308 - nothing in it can end the block


def _state(
    person: User,
    overview: reading.Overview | None = None,
    *,
    room: events.RoomSummary | None = None,
    history: history.History | None = None,
    places: list[events.MemberCursor] | None = None,
    at: int | None = None,
    invitation: Invitation | None = None,
    offers: list[Invitation] | None = None,
    screen: str | None = None,
) -> PageState:
    seen = overview or reading.overview(person)
    shown = privacy.of(person.pk)
    return PageState(
        me=_me(person),
        epoch=instance.epoch(),
        ready=Ready(
            seen.rooms,
            seen.people,
            reading.preferences_of(person.pk, shown),
            privacy.state(shown),
            seen.contacts,
        ),
        passwordless=settings.PASSWORDLESS != "off",
        urls=_urls(),
        room=room,
        history=history,
        faces=None if history is None else _faces_in(history),
        cursors=places,
        at=at,
        invitation=invitation,
        offers=offers,
        screen=screen,
    )


def _faces_in(page: history.History) -> list[events.Profile]:
    """Whoever has said something there, or came and went."""
    told = [*page.items, *(page.quoted or ())]
    uids = {item.uid for item in told if isinstance(item, events.ChatMessage | events.Membership)}
    people = User.objects.filter(pk__in=uids).select_related("profile")
    return [events.Profile(**faces.looks_of(person)) for person in people]


def _me(person: User) -> Me:
    return Me(
        **_look_of(person),
        is_owner=person.is_owner,
        is_guest=person.is_guest,
        may_invite=links.may_invite(person),
    )


def _look_of(person: User) -> dict[str, Any]:
    return faces.looks_of(User.objects.select_related("profile").get(pk=person.pk))


def _urls() -> dict[str, str]:
    pages = ("lobby", "people", "settings", "sign_in", "sign_out")
    lookups = ("create_room", "find_rooms", "find_people", "directory", "faces")
    own = ("profile", "change_profile", "invitations")
    urls = {name: reverse(name) for name in pages + lookups + own}
    card = reverse("card", args=["~"])
    hooks = reverse("revoke_hook", args=[0]).removesuffix("0/revoke/")
    more = {"rooms": reverse("rooms"), "messages": _MESSAGES, "hooks": hooks}
    return urls | {"card": card, **more, "logo": static("loopchat/img/logo.svg")}


_MESSAGES = "/api/v1/messages/"
"""REST's own address."""
