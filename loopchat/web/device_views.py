"""Where somebody is signed in, and the tokens that speak for them: to look at and to end."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from loopchat.accounts import devices, tokens
from loopchat.accounts.models import Token
from loopchat.web import room_names
from loopchat.web.answers import PersonRequest, form, page

_A_MINUTE: Final = timedelta(minutes=1)


@page
def devices_page(request: PersonRequest) -> HttpResponse:
    """All browsers and tokens of this person; this browser is marked."""
    here = request.session.session_key
    now = timezone.now()
    shown = [
        {
            "device": each,
            "title": devices.title(each.agent),
            "is_here": each.session_key == here,
            "is_now": each.session_key == here or now - each.last_active_at < _A_MINUTE,
        }
        for each in devices.of(request.user)
    ]
    return render(request, "accounts/devices.html", {"devices": shown, "tokens": _tokens(request)})


def _tokens(request: PersonRequest) -> list[dict[str, object]]:
    """What each may do; of rooms that one is in no more there is nothing to show."""
    mine = list(tokens.valid().filter(user=request.user).order_by("-created_at"))
    names = room_names.of(request.user) if any(token.rooms for token in mine) else {}
    return [
        {
            "token": token,
            "is_limited": token.grant.is_limited,
            "rooms": [names.get(room_id, "…") for room_id in token.rooms or ()],
        }
        for token in mine
    ]


@form
def end(request: PersonRequest, device_id: int) -> HttpResponse:
    """Sign one browser out."""
    devices.end(request.user, device_id)
    messages.info(request, _("Signed out there."))
    return redirect("devices")


@form
def end_others(request: PersonRequest) -> HttpResponse:
    """Sign all other browsers out."""
    devices.end_others(request.user, request.session.session_key)
    messages.info(request, _("All other browsers are signed out."))
    return redirect("devices")


@form
def end_token(request: PersonRequest, token_id: int) -> HttpResponse:
    """End a token; programs that use it are out."""
    for token in Token.objects.filter(user=request.user, pk=token_id):
        tokens.revoke(token)
    messages.info(request, _("The token is ended."))
    return redirect("devices")
