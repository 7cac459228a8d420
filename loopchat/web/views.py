"""The pages of the chat: the client's one page in its several states, people, settings."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from loopchat.accounts.models import User
from loopchat.chat import access, faces, nearby, personal, reading, rooms
from loopchat.chat.models import Room
from loopchat.contacts import circles
from loopchat.web import assets, audiences, look, numbers, state
from loopchat.web.answers import PersonRequest, form, page
from loopchat.web.lookups import people_called


@page
def lobby(request: PersonRequest) -> HttpResponse:
    """What is unread, who is here, what one may join."""
    return _shell(request, state.of_lobby(request.user))


@page
def room(request: PersonRequest, slug: str) -> HttpResponse:
    """A room by its name; from outside of a public room, the door."""
    found = get_object_or_404(Room, slug=slug, deleted_ts=None)
    return _opened(request, reading.visible_room(request.user.pk, found.pk))


@page
def group(request: PersonRequest, room_id: int) -> HttpResponse:
    """A conversation of several people that has no name for an address."""
    return _opened(request, reading.visible_room(request.user.pk, room_id))


@page
def room_by_id(request: PersonRequest, room_id: int) -> HttpResponse:
    """The old address of a room leads to the one with its name."""
    found = reading.visible_room(request.user.pk, room_id)
    query = urlencode({"at": at}) if (at := _place(request)) is not None else ""
    return redirect(f"{_address(request.user, found)}{'?' if query else ''}{query}")


def _address(person: User, found: Room) -> str:
    if found.kind == Room.Kind.DIRECT:
        peer = reading.summary(rooms.actor(person), found.pk).peer
        return reverse("direct", args=[peer.username if peer else person.username])
    return reverse("room", args=[found.slug]) if found.slug else reverse("group", args=[found.pk])


def direct(request: HttpRequest, username: str) -> HttpResponse:
    """The conversation with one person; only a form makes a new one."""
    return (_begin if request.method == "POST" else _direct)(request, username)


@page
def _direct(request: PersonRequest, username: str) -> HttpResponse:
    other, found = rooms.find_direct(request.user, username)
    if found is None:
        return render(request, "direct.html", {"person": faces.looks_of(other)})
    return _opened(request, found)


@form
def _begin(request: PersonRequest, username: str) -> HttpResponse:
    rooms.open_direct(request.user, username)
    return redirect("direct", username)


@page
def people(request: PersonRequest) -> HttpResponse:
    """Friends, requests, everybody. The plain page is for browsers without scripts."""
    if "plain" not in request.GET and "q" not in request.GET:
        return _shell(request, state.of_people(request.user))
    text = request.GET.get("q", "").strip()[:64]
    found = nearby.with_presence(people_called(text, request.user), request.user.pk)
    known = circles.around(request.user.pk).contacts
    contacts = {
        "friends": [one for one in known if one.friend],
        "asking": [one for one in known if one.request == "in"],
        "asked": [one for one in known if one.request == "out"],
        "blocked": [one for one in known if one.blocked],
    }
    return render(request, "people.html", {"people": found, "q": text, **contacts})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """How Loopchat looks here, and the way to the account's pages."""
    given = look.chosen(request)
    if given is None:
        status = HTTPStatus.BAD_REQUEST if request.method == "POST" else HTTPStatus.OK
        shown: dict[str, object] = {"choices": look.offered(request), "receipts": _tells(request)}
        if isinstance(request.user, User) and not request.user.is_guest:
            shown |= {"privacy": audiences.offered(request.user), "face": _face(request.user)}
        return render(request, "settings.html", shown, status=status)
    response = redirect("settings")
    look.remember(response, given)
    return response


@form
def set_receipts(request: PersonRequest) -> HttpResponse:
    """Whether others hear what this person has read, and the other way round."""
    wanted = bool(request.POST.get("receipts"))
    personal.set_preferences(rooms.actor(request.user), receipts=wanted, client=None)
    messages.info(request, _("Saved."))
    return redirect("settings")


def _tells(request: HttpRequest) -> bool:
    return request.user.pk is not None and reading.preferences_of(request.user.pk).receipts


def _face(person: User) -> dict[str, object]:
    return faces.looks_of(User.objects.select_related("profile").get(pk=person.pk))


def _opened(request: PersonRequest, found: Room) -> HttpResponse:
    if _is_in(request.user, found):
        return _shell(request, state.of_room(request.user, found, _place(request)))
    if found.kind != Room.Kind.PUBLIC:
        raise access.not_found()
    return _shell(request, state.of_invitation(request.user, found))


def _place(request: HttpRequest) -> int | None:
    """The seq that `?at=` names; anything else names no place."""
    return numbers.read(request.GET.get("at", ""))


def _is_in(person: User, found: Room) -> bool:
    return bool(reading.memberships_of(person.pk, [found.pk]))


def _shell(request: HttpRequest, first: state.PageState) -> HttpResponse:
    screen = "room" if first.room else "invitation" if first.invitation else first.screen or "lobby"
    parts = {"modules": assets.modules(screen), "words": assets.words()}
    context = {"state": state.as_json(first), "name": _name(first), "screen": screen, **parts}
    return render(request, "shell.html", context)


def _name(first: state.PageState) -> str:
    shown = first.room or first.invitation
    return shown.name if shown else _("People") if first.screen else ""
