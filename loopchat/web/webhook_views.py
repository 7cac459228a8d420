"""The webhooks of a bot, for those who answer for it: make, change, look at what became of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from loopchat.bots import finding
from loopchat.chat.models import Room
from loopchat.core.clock import now_ms
from loopchat.core.errors import Refused
from loopchat.hooks import managing, watching
from loopchat.hooks.managing import Named, Wanted
from loopchat.hooks.models import Delivery, Hook
from loopchat.web import numbers, refilled, room_names
from loopchat.web.answers import PersonRequest, form, page

LINES: Final = 50
"""Deliveries on the page of a webhook."""

_FIELDS: Final = ("url", "rooms", "commands")
"""Those that say themselves why they were refused."""

_TEST_MS: Final = 10_000
"""After so long nobody waits for the end of a test any more."""

_MADE: Final = "made_webhook"
"""In the session until its page was shown: the webhook with a new secret, and the secret."""


@page
def webhooks(request: PersonRequest, bot_id: int) -> HttpResponse:
    """All of a bot, and the form for a new one."""
    return _all(request, bot_id)


@page
def webhook(request: PersonRequest, bot_id: int, webhook_id: int) -> HttpResponse:
    """One, with its log; it comes again by itself while a test is on its way."""
    response = _one(request, bot_id, webhook_id)
    if managing.is_testing(webhook_id, since=now_ms() - _TEST_MS):
        response.headers["Refresh"] = "1"
    return response


def _all(request: PersonRequest, bot_id: int, refused: Refused | None = None) -> HttpResponse:
    bot = finding.managed(bot_id, request.user)
    shown = {"bot": bot, "hooks": managing.of(bot), **_fields(request, bot.pk, None, refused)}
    return render(request, "bots/webhooks.html", shown)


def _one(
    request: PersonRequest, bot_id: int, webhook_id: int, refused: Refused | None = None
) -> HttpResponse:
    hook = managing.managed(bot_id, webhook_id, request.user)
    made_id, secret = request.session.pop(_MADE, (0, ""))
    shown = {
        "bot": hook.bot,
        "hook": hook,
        "deliveries": [_line(one) for one in managing.deliveries(hook, limit=LINES)],
        "failing_since": _time(hook.failing_since_ts),
        "secret": secret if made_id == hook.pk else "",
        **_fields(request, hook.bot_id, hook, refused),
    }
    return render(request, "bots/webhook.html", shown)


def _fields(
    request: PersonRequest, bot_id: int, hook: Hook | None, refused: Refused | None
) -> dict[str, object]:
    """What the form has: what was typed when it was refused, else what is stored."""
    values = _typed(request.POST) if refused else _stored(hook)
    return {
        "values": values,
        "rooms": _rooms(request, bot_id, values["rooms"]),
        "errors": refilled.errors(refused),
        "is_private": refused is not None and refused.code == "forbidden",
    }


def _typed(sent: QueryDict) -> dict[str, Any]:
    return {
        "url": sent.get("url", ""),
        "on_mention": sent.get("on_mention") == "on",
        "on_direct": sent.get("on_direct") == "on",
        "rooms": sent.getlist("rooms"),
        "commands": sent.get("commands", ""),
    }


def _stored(hook: Hook | None) -> dict[str, Any]:
    if hook is None:
        return {"on_mention": True, "on_direct": True, "rooms": []}
    return {
        "url": hook.url,
        "on_mention": hook.on_mention,
        "on_direct": hook.on_direct,
        "rooms": [str(one) for one in hook.rooms],
        "commands": "\n".join(_written(hook)),
    }


@form
@refilled.refilled(_all, _FIELDS)
def create(request: PersonRequest, bot_id: int) -> HttpResponse:
    """A new one; the page that it leads to is the only one that has its secret."""
    bot = finding.managed(bot_id, request.user)
    hook, secret = managing.create(bot, _wanted(request))
    return _with_secret(request, hook, secret)


@form
@refilled.refilled(_one, _FIELDS)
def change(request: PersonRequest, bot_id: int, webhook_id: int) -> HttpResponse:
    """Make it as the form says."""
    hook = managing.managed(bot_id, webhook_id, request.user)
    managing.change(hook, _wanted(request))
    messages.info(request, _("Saved."))
    return _back(hook)


@form
def switch(request: PersonRequest, bot_id: int, webhook_id: int) -> HttpResponse:
    """Let it rest, or work again."""
    hook = managing.managed(bot_id, webhook_id, request.user)
    managing.switch(hook, on=request.POST.get("on") == "on")
    return _back(hook)


@form
def test(request: PersonRequest, bot_id: int, webhook_id: int) -> HttpResponse:
    """Try whether something arrives; the log says so."""
    hook = managing.managed(bot_id, webhook_id, request.user)
    managing.test(hook, request.user)
    messages.info(request, _("A test is sent. What became of it stands under “Deliveries”."))
    return _back(hook)


@form
def renew(request: PersonRequest, bot_id: int, webhook_id: int) -> HttpResponse:
    """Another secret, shown once."""
    hook = managing.managed(bot_id, webhook_id, request.user)
    return _with_secret(request, hook, managing.renew(hook))


@form
def delete(request: PersonRequest, bot_id: int, webhook_id: int) -> HttpResponse:
    """End it."""
    managing.delete(managing.managed(bot_id, webhook_id, request.user))
    return redirect("webhooks", bot_id)


@form
def redeliver(
    request: PersonRequest, bot_id: int, webhook_id: int, delivery_id: int
) -> HttpResponse:
    """Send something once more."""
    hook = managing.managed(bot_id, webhook_id, request.user)
    managing.redeliver(hook, delivery_id)
    messages.info(request, _("It is sent again."))
    return _back(hook)


def _with_secret(request: PersonRequest, hook: Hook, secret: str) -> HttpResponse:
    request.session[_MADE] = [hook.pk, secret]
    return _back(hook)


def _back(hook: Hook) -> HttpResponse:
    return redirect("webhook", hook.bot_id, hook.pk)


def _wanted(request: PersonRequest) -> Wanted:
    typed = _typed(request.POST)
    lines = [line for line in typed["commands"].splitlines() if line.strip()]
    typed["rooms"] = [numbers.asked(text, "rooms") for text in typed["rooms"]]
    return Wanted(**{**typed, "commands": [_command(line) for line in lines]})


def _command(line: str) -> Named:
    """A line of the form: `name | what may follow | what it does`."""
    name, hint, about = (*(part.strip() for part in line.split("|", 2)), "", "")[:3]
    return Named(name, hint, about)


def _written(hook: Hook) -> list[str]:
    offered = hook.commands.order_by("name")
    return [f"{one.name} | {one.hint} | {one.help}".rstrip(" |") for one in offered]


def _rooms(request: PersonRequest, bot_id: int, chosen: list[str]) -> list[dict[str, object]]:
    """The rooms that a bot is in; a conversation of two is told by itself."""
    there = watching.places_of(bot_id).exclude(room__kind=Room.Kind.DIRECT)
    found = [one.room for one in there.select_related("room").order_by("room__name")]
    names = room_names.seen_by(request.user, found).items()
    return [{"id": key, "name": name, "is_chosen": str(key) in chosen} for key, name in names]


def _line(one: Delivery) -> dict[str, object]:
    return {"delivery": one, "created": _time(one.created_ts), "due": _time(one.due_ts)}


def _time(ts: int | None) -> datetime | None:
    return None if ts is None else datetime.fromtimestamp(ts / 1000, UTC)
