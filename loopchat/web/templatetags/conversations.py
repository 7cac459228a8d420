"""The conversations of the person who looks at a page, for pages beside the chat."""

from __future__ import annotations

from typing import Final

from django import template
from django.http import HttpRequest
from django.urls import reverse

from loopchat.accounts.models import User
from loopchat.chat import reading
from loopchat.core.clock import now_ms
from loopchat.realtime import events

register = template.Library()

SHOWN_MAX: Final = 50


@register.inclusion_tag("conversations.html", takes_context=True)
def conversations(context: template.Context) -> dict[str, object]:
    """A button with the number of unread messages; behind it all rooms, the newest first."""
    request: HttpRequest = context["request"]
    if not isinstance(request.user, User):
        return {"rooms": []}
    rooms = reading.overview(request.user).rooms
    now = now_ms()
    shown = [_row(room, now) for room in rooms if room.kind != "direct" or room.last]
    return {"rooms": shown[:SHOWN_MAX], "unread": sum(_counted(room, now) for room in rooms)}


def _row(room: events.RoomSummary, now: int) -> dict[str, object]:
    return {
        "room": room,
        "name": room.name,
        "url": _address(room),
        "hue": room.peer.uid if room.peer else room.room,
        "is_quiet": not _counted(room, now),
    }


def _counted(room: events.RoomSummary, now: int) -> int:
    """How many messages of the room wait for attention: the rule of the client (attention.js)."""
    if room.level == "nothing" or (room.muted_until or 0) > now:
        return 0
    return room.mentions if room.level == "mentions" else room.unread


def _address(room: events.RoomSummary) -> str:
    if room.kind == "direct" and room.peer:
        return reverse("direct", args=[room.peer.username])
    return reverse("room", args=[room.slug]) if room.slug else reverse("group", args=[room.room])
