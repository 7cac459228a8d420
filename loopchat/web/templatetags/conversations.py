"""The conversations of the person who looks at a page, for pages beside the chat."""

from __future__ import annotations

from typing import Final

from django import template
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from loopchat.accounts.models import User
from loopchat.chat import company, reading
from loopchat.core.clock import now_ms
from loopchat.realtime import events
from loopchat.web import assets, state

register = template.Library()

SHOWN_MAX: Final = 50


@register.simple_tag
def preloads() -> SafeString:
    """What the browser fetches at once, so that the page is live soon."""
    links = ((address,) for address in assets.modules("beside"))
    return format_html_join("\n  ", '<link rel="modulepreload" href="{}">', links)


@register.inclusion_tag("conversations.html", takes_context=True)
def conversations(context: template.Context) -> dict[str, object]:
    """A button with the number of unread messages; behind it all rooms, the newest first.

    With the first state of the client, which keeps both live and the page connected.
    """
    request: HttpRequest = context["request"]
    if not isinstance(request.user, User):
        return {"rooms": []}
    overview = reading.overview(request.user)
    now = now_ms()
    worth = [room for room in overview.rooms if room.kind != "direct" or room.last]
    worth.sort(key=_last_time, reverse=True)
    return {
        "rooms": [_row(room, now) for room in worth[:SHOWN_MAX]],
        "unread": sum(_counted(room, now) for room in overview.rooms),
        "state": state.as_json(state.of_page(request.user, overview)),
        "words": assets.words(),
    }


def _last_time(room: events.RoomSummary) -> int:
    return room.last.ts if room.last else room.updated_ts


def _row(room: events.RoomSummary, now: int) -> dict[str, object]:
    return {
        "room": room,
        "name": company.called(room.name, room.others),
        "url": _address(room),
        "hue": room.peer.uid if room.peer else room.room,
        "is_quiet": not _counted(room, now),
    }


def _counted(room: events.RoomSummary, now: int) -> int:
    """How many messages of the room wait for attention: the rule of the client (attention.js)."""
    if room.request or room.level == "nothing" or (room.muted_until or 0) > now:
        return 0
    return room.mentions if room.level == "mentions" else room.unread


def _address(room: events.RoomSummary) -> str:
    if room.kind == "direct" and room.peer:
        return reverse("direct", args=[room.peer.username])
    return reverse("room", args=[room.slug]) if room.slug else reverse("group", args=[room.room])
