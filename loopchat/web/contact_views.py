"""Forms about other people: friends, blocks, what one shows; and the directory of everybody."""

from __future__ import annotations

from typing import Final

import msgspec
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from loopchat.accounts.models import User
from loopchat.chat import contacting, nearby, rooms
from loopchat.core.errors import Refused
from loopchat.core.text import name_key
from loopchat.web.answers import PersonRequest, data, form, lookup, wants_json
from loopchat.web.lookups import PEOPLE_MAX, people_called

_ACTIONS: Final = {
    "send": "request",
    "accept": "accept",
    "reject": "reject",
    "cancel": "cancel",
    "remove": "remove",
}


@form
def friend_request(request: PersonRequest, action: str, username: str) -> HttpResponse:
    """Ask somebody to be a friend, answer them, take it back, or end it."""
    if action not in _ACTIONS:
        raise Refused("not_found", "There is nothing here.")
    me, note = rooms.actor(request.user), request.POST.get("note", "")
    return _done(request, "contact", contacting.friend(me, username, _ACTIONS[action], note))


@form
def block(request: PersonRequest, username: str) -> HttpResponse:
    """Hear nothing from somebody any more."""
    me = rooms.actor(request.user)
    return _done(request, "contact", contacting.block(me, username, on=True))


@form
def unblock(request: PersonRequest, username: str) -> HttpResponse:
    """Hear from somebody again."""
    me = rooms.actor(request.user)
    return _done(request, "contact", contacting.block(me, username, on=False))


@form
def set_privacy(request: PersonRequest) -> HttpResponse:
    """To whom one shows what, and who may write."""
    shown = contacting.show(
        rooms.actor(request.user),
        last_seen=request.POST.get("last_seen"),
        online=request.POST.get("online"),
        receipts=request.POST.get("receipts"),
        write=request.POST.get("write"),
    )
    return _done(request, "privacy", shown, page="settings")


@form
def answer_request(request: PersonRequest, room_id: int) -> HttpResponse:
    """Yes or no to a conversation that somebody else began."""
    accept = bool(request.POST.get("accept"))
    contacting.answer(rooms.actor(request.user), room_id, accept=accept)
    if wants_json(request):
        return data({})
    return redirect("room_by_id", room_id) if accept else redirect("lobby")


@lookup
def directory(request: PersonRequest) -> HttpResponse:
    """Everybody else by name, a page at a time; `next` is the `after` of the next page."""
    found = list(_page_of_people(request))
    people = nearby.with_presence(found[:PEOPLE_MAX], request.user.pk)
    body: dict[str, object] = {"results": people}
    if len(found) > PEOPLE_MAX:
        body["next"] = people[-1].username
    return data(body)


def _page_of_people(request: PersonRequest) -> list[User]:
    text = request.GET.get("text", "").strip()[:64]
    after = request.GET.get("after", "")[:64]
    if not (text + after).isprintable():  # no name has such characters
        return []
    found = people_called(text, request.user, most=None)
    return list(found.filter(username_key__gt=name_key(after))[: PEOPLE_MAX + 1])


def _done(
    request: PersonRequest, name: str, value: msgspec.Struct, *, page: str = "people"
) -> HttpResponse:
    if wants_json(request):
        return data({name: value})
    messages.info(request, _("Saved."))
    return redirect(page)
