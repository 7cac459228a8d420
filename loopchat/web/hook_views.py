"""Incoming webhooks, for those who manage their room or answer for their bot."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from loopchat.accounts import links
from loopchat.bots import finding, founding, incoming
from loopchat.bots.models import IncomingHook
from loopchat.chat import faces
from loopchat.core.clock import ts_of
from loopchat.core.errors import Refused
from loopchat.web import bot_views, numbers, refilled
from loopchat.web.answers import PersonRequest, data, form, lookup, wants_json


@lookup
def of_room(request: PersonRequest, room_id: int) -> HttpResponse:
    """The webhooks of a room, and as whom one could make another."""
    found = incoming.of_room(room_id, request.user)
    mine = [faces.looks_of(bot.user) for bot in finding.of(request.user)]
    may_make = founding.may_make(request.user)
    return data({"results": [_shown(one) for one in found], "bots": mine, "may_make": may_make})


@form
def create(request: PersonRequest, room_id: int) -> HttpResponse:
    """A new webhook; the answer is the only place that has its address."""
    made, secret = incoming.make(
        request.user,
        room_id,
        bot_id=_bot(request.POST.get("bot", "")),
        name=request.POST.get("name", ""),
        label=request.POST.get("label", ""),
    )
    return _made(request, made, secret)


@form
@refilled.refilled(bot_views.show, bot_views.FIELDS)
def create_for_bot(request: PersonRequest, bot_id: int) -> HttpResponse:
    """The same from the page of a bot."""
    room_id = numbers.read(request.POST.get("room", ""))
    if room_id is None:
        raise Refused("bad_request", "Choose a room.", field="room")
    label = request.POST.get("label", "")
    return _made(request, *incoming.make(request.user, room_id, bot_id=bot_id, label=label))


@form
def renew(request: PersonRequest, hook_id: int) -> HttpResponse:
    """Another address; the one before ends."""
    return _made(request, *incoming.renew(hook_id, request.user))


@form
def revoke(request: PersonRequest, hook_id: int) -> HttpResponse:
    """End it."""
    incoming.revoke(hook_id, request.user)
    if wants_json(request):
        return data({})
    messages.info(request, _("The webhook is ended."))
    return redirect("bots")


def _made(request: PersonRequest, hook: IncomingHook, secret: str) -> HttpResponse:
    url = links.public(reverse("incoming_hook", args=[secret]))
    if wants_json(request):
        return data({"hook": {**_shown(hook), "url": url}})
    return bot_views.told_once(request, hook.bot, "hook", url)


def _shown(hook: IncomingHook) -> dict[str, Any]:
    used = hook.last_used_at
    return {
        "id": hook.pk,
        "label": hook.label,
        "bot": faces.looks_of(hook.bot.user),
        "last_used_ts": None if used is None else ts_of(used),
    }


def _bot(text: str) -> int | None:
    if not text:
        return None
    found = numbers.read(text)
    if found is None:
        raise Refused("bad_request", "Choose a bot.", field="bot")
    return found
