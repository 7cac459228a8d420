"""Pages about bots: those that one answers for, and each of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loopchat.accounts import avatars, profiles
from loopchat.accounts.grants import Grant
from loopchat.accounts.profiles import Change
from loopchat.bots import ending, finding, founding, incoming, keys
from loopchat.bots.models import Bot
from loopchat.chat import appearance
from loopchat.core.errors import Refused
from loopchat.web import numbers, profile_views, refilled, room_names
from loopchat.web.answers import PersonRequest, form, page

MADE: Final = "made_for_bot"
"""In the session until its page was shown: of which bot, what it is, and the secret."""

FIELDS: Final = ("name", "username", "about", "rooms", "days", "room")
"""Those of the forms here that say themselves why they were refused."""

LISTED: Final = 100
"""Bots, and webhooks of one, that a page shows."""

_SPANS: Final = (
    (30, gettext_lazy("30 days")),
    (90, gettext_lazy("90 days")),
    (365, gettext_lazy("A year")),
)


@page
def bots(request: PersonRequest) -> HttpResponse:
    """Those that one answers for, and the form of a new one."""
    return _bots(request)


@page
def bot(request: PersonRequest, bot_id: int) -> HttpResponse:
    """How it looks, what it may do, where it is."""
    return show(request, bot_id)


def _bots(request: PersonRequest, refused: Refused | None = None) -> HttpResponse:
    after = request.GET.get("after", "")[:64]
    found = finding.page(request.user, after=after, limit=LISTED + 1)
    shown = {"bots": found[:LISTED], "may_make": founding.may_make(request.user)}
    if len(found) > LISTED:
        shown["next"] = found[LISTED - 1].user.username
    typed = {"values": request.POST.dict(), "errors": refilled.errors(refused)}
    return render(request, "bots/bots.html", {**shown, **typed})


def show(request: PersonRequest, bot_id: int, refused: Refused | None = None) -> HttpResponse:
    """The page of a bot; with what was typed, when one of its forms was refused."""
    found = finding.managed(bot_id, request.user)
    profile = profiles.of(found.user)
    shown = {
        "bot": found,
        "profile": profile,
        "face": profile_views.face_of(found.user),
        "token": keys.of([found]).get(found.pk),
        "places": room_names.of_bot(found.user, request.user),
        "spans": _SPANS,
        "about_max": profiles.ABOUT_MAX,
        "name_max": profiles.DISPLAY_NAME_MAX,
        "values": {"name": found.user.name, "about": profile.about, **request.POST.dict()},
        "marked": [numbers.read(text) for text in request.POST.getlist("rooms")],
        "errors": refilled.errors(refused),
        **_hooks(request, found),
    }
    return render(request, "bots/bot.html", shown)


def _hooks(request: PersonRequest, bot: Bot) -> dict[str, object]:
    """A page of its incoming webhooks, with the names of their rooms, and rooms for another."""
    older = numbers.asked_if_any(request.GET.get("before", ""), "before")
    hooks = incoming.of_bot(bot, before=older, limit=LISTED + 1)
    names = room_names.seen_by(request.user, [hook.room for hook in hooks])
    return {
        "hooks": [(hook, names[hook.room_id]) for hook in hooks[:LISTED]],
        "older": hooks[LISTED - 1].pk if len(hooks) > LISTED else None,
        "rooms": room_names.seen_by(request.user, incoming.rooms_for(request.user)),
    }


@form
@refilled.refilled(_bots, FIELDS)
def create(request: PersonRequest) -> HttpResponse:
    """A new bot; its page is where one goes on."""
    fields = {name: request.POST.get(name, "") for name in ("name", "username", "about")}
    return redirect("bot", founding.create(request.user, **fields).pk)


@form
@refilled.refilled(show, FIELDS)
def change(request: PersonRequest, bot_id: int) -> HttpResponse:
    """Another name, another description."""
    found = finding.managed(bot_id, request.user)
    wanted = Change(name=request.POST.get("name"), about=request.POST.get("about"))
    appearance.change(found.user, wanted)
    return _saved(request, found)


@form
def set_avatar(request: PersonRequest) -> HttpResponse:
    """Another picture, or initials, for the bot that the form names: files have one address."""
    found = finding.managed(numbers.asked(request.POST.get("bot", ""), "bot"), request.user)
    file = "" if request.POST.get("remove") else avatars.store(*profile_views.picture_in(request))
    appearance.set_avatar(found.user, file)
    return _saved(request, found)


@form
@refilled.refilled(show, FIELDS)
def renew_token(request: PersonRequest, bot_id: int) -> HttpResponse:
    """A token in the place of the one before."""
    found = finding.managed(bot_id, request.user)
    rooms = [numbers.asked(text, "rooms") for text in request.POST.getlist("rooms")[:100]]
    grant = Grant(request.POST.get("scope") != "read", frozenset(rooms) if rooms else None)
    _, secret = keys.renew(found, expires_at=_end(request.POST.get("days", "")), grant=grant)
    return told_once(request, found, "token", secret)


@form
def revoke_token(request: PersonRequest, bot_id: int) -> HttpResponse:
    """No token any more."""
    found = finding.managed(bot_id, request.user)
    keys.revoke(found)
    messages.info(request, _("The token is ended."))
    return redirect("bot", found.pk)


@form
def switch(request: PersonRequest, bot_id: int) -> HttpResponse:
    """Let it rest or work again."""
    found = finding.managed(bot_id, request.user)
    ending.switch(found, on=bool(request.POST.get("on")))
    return _saved(request, found)


@form
def delete(request: PersonRequest, bot_id: int) -> HttpResponse:
    """End it for ever."""
    ending.delete(finding.managed(bot_id, request.user))
    messages.info(request, _("The bot is deleted. What it said stays."))
    return redirect("bots")


@page
def made(request: PersonRequest) -> HttpResponse:
    """What was just made, this once: a reload shows it no more."""
    bot_id, kind, secret = request.session.pop(MADE, (0, "", ""))
    if not secret:
        return redirect("bots")
    found = finding.managed(bot_id, request.user)
    return render(request, "bots/made.html", {"bot": found, "kind": kind, "secret": secret})


def told_once(request: PersonRequest, bot: Bot, kind: str, secret: str) -> HttpResponse:
    """To the page that shows it, which is the only one that has it."""
    request.session[MADE] = [bot.pk, kind, secret]
    return redirect(reverse("made_for_bot"))


def _end(days: str) -> datetime | None:
    """When a token ends that was asked for like that; None: it does not."""
    if not days:
        return None
    if days not in {str(span) for span, _words in _SPANS}:
        raise Refused("bad_request", "Choose how long it lasts.", field="days")
    return timezone.now() + timedelta(days=int(days))


def _saved(request: PersonRequest, bot: Bot) -> HttpResponse:
    messages.info(request, _("Saved."))
    return redirect("bot", bot.pk)
