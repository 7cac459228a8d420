"""Forms about a room: one address, one thing that can be done with it."""

from __future__ import annotations

import msgspec
from django.http import HttpResponse
from django.shortcuts import redirect

from loopchat.accounts import people as accounts
from loopchat.accounts import rates
from loopchat.accounts.models import User
from loopchat.chat import access, reading, rooms
from loopchat.chat.models import Room
from loopchat.core.errors import Refused
from loopchat.core.limits import refuse_often
from loopchat.web.answers import PersonRequest, form, wants_json


@form
def create(request: PersonRequest) -> HttpResponse:
    """A new room or group, with the people named in the form."""
    refuse_often(rates.founds.take(request.user.pk))
    made = rooms.create(
        request.user,
        kind=request.POST.get("kind", "public"),
        name=request.POST.get("name", ""),
        topic=request.POST.get("topic", ""),
        history=request.POST.get("history", "shared"),
        people=_people(request),
    )
    return _done(request, made.pk)


@form
def join(request: PersonRequest, room_id: int) -> HttpResponse:
    """Enter a public room."""
    rooms.join(room_id, request.user)
    return _done(request, room_id)


@form
def leave(request: PersonRequest, room_id: int) -> HttpResponse:
    """Leave a room."""
    rooms.leave(room_id, request.user)
    return _gone(request)


@form
def invite(request: PersonRequest, room_id: int) -> HttpResponse:
    """Bring people in."""
    rooms.invite(room_id, request.user, _people(request))
    return _done(request, room_id)


@form
def kick(request: PersonRequest, room_id: int) -> HttpResponse:
    """Take somebody out."""
    rooms.kick(room_id, request.user, _person(request.POST.get("username", "")))
    return _done(request, room_id)


@form
def ban(request: PersonRequest, room_id: int) -> HttpResponse:
    """Take somebody out and keep them out."""
    rooms.ban(room_id, request.user, _person(request.POST.get("username", "")))
    return _done(request, room_id)


@form
def unban(request: PersonRequest, room_id: int) -> HttpResponse:
    """Let somebody come back who was banned."""
    rooms.unban(room_id, request.user, _person(request.POST.get("username", "")))
    return _done(request, room_id)


@form
def set_role(request: PersonRequest, room_id: int) -> HttpResponse:
    """Give somebody another role."""
    person = _person(request.POST.get("username", ""))
    rooms.set_role(room_id, request.user, person, request.POST.get("role", ""))
    return _done(request, room_id)


@form
def rename(request: PersonRequest, room_id: int) -> HttpResponse:
    """Give the room another name."""
    rooms.rename(room_id, request.user, request.POST.get("name", ""))
    return _done(request, room_id)


@form
def set_topic(request: PersonRequest, room_id: int) -> HttpResponse:
    """Say what the room is about."""
    rooms.set_topic(room_id, request.user, request.POST.get("topic", ""))
    return _done(request, room_id)


@form
def make_room(request: PersonRequest, room_id: int) -> HttpResponse:
    """Turn a group into a private room."""
    rooms.make_room(room_id, request.user, request.POST.get("name", ""))
    return _done(request, room_id)


@form
def archive(request: PersonRequest, room_id: int) -> HttpResponse:
    """Close the room for writing, or open it again."""
    rooms.archive(room_id, request.user, bool(request.POST.get("on")))
    return _done(request, room_id)


@form
def delete(request: PersonRequest, room_id: int) -> HttpResponse:
    """Delete the room with everything in it."""
    rooms.delete(room_id, request.user)
    return _gone(request)


@form
def delete_named(request: PersonRequest, slug: str) -> HttpResponse:
    """The same by the name in its address."""
    found = Room.objects.filter(slug=slug, deleted_ts=None).first()
    if found is None:
        raise access.not_found()
    rooms.delete(found.pk, request.user)
    return _gone(request)


def _people(request: PersonRequest) -> list[User]:
    return [_person(username) for username in request.POST.getlist("people")[: rooms.INVITE_MAX]]


def _person(username: str) -> User:
    found = accounts.find(username)
    if found is None:
        raise Refused("not_found", "There is nobody with this name.", field="people")
    return found


def _done(request: PersonRequest, room_id: int) -> HttpResponse:
    if not wants_json(request):
        return redirect("room_by_id", room_id)
    room = reading.summary(rooms.actor(request.user), room_id)
    return HttpResponse(msgspec.json.encode({"room": room}), content_type="application/json")


def _gone(request: PersonRequest) -> HttpResponse:
    if not wants_json(request):
        return redirect("lobby")
    return HttpResponse(b"{}", content_type="application/json")
