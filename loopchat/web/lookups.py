"""Lists that the client asks for while somebody types or looks around."""

from __future__ import annotations

from typing import Final

import msgspec
from django.db.models import Q, QuerySet
from django.http import HttpResponse

from loopchat.accounts import people as accounts
from loopchat.accounts.models import User
from loopchat.chat import nearby, reading, rooms
from loopchat.core.text import name_key
from loopchat.web import state
from loopchat.web.answers import PersonRequest, data, lookup

PEOPLE_MAX: Final = 50


def people_called(text: str, asker: User, *, most: int | None = PEOPLE_MAX) -> QuerySet[User]:
    """Other people whose name has this text in it, in order of their names."""
    people = accounts.listed().exclude(pk=asker.pk).order_by("username_key")
    if text:
        people = people.filter(Q(username_key__contains=name_key(text)) | Q(name__icontains=text))
    return people[:most]


@lookup
def find_people(request: PersonRequest) -> HttpResponse:
    """People to write to or to invite."""
    return _results(
        nearby.with_presence(people_called(_asked(request), request.user), request.user.pk)
    )


@lookup
def find_rooms(request: PersonRequest) -> HttpResponse:
    """Public rooms to join."""
    return _results([state.invitation(room) for room in rooms.find(request.user, _asked(request))])


@lookup
def members(request: PersonRequest, room_id: int) -> HttpResponse:
    """Who is in a room, a page at a time, and who of them is here now."""
    after = request.GET.get("after", "")[:128]
    page = reading.members(request.user, room_id, text=_asked(request), after=after)
    people = User.objects.filter(pk__in=[member.uid for member in page.members])
    states = {person.uid: person.state for person in nearby.with_presence(people, request.user.pk)}
    rows = [
        msgspec.to_builtins(one) | {"state": states.get(one.uid, "offline")} for one in page.members
    ]
    body: dict[str, object] = {"results": rows, "count": page.count}
    return data(body | ({"next": page.next} if page.next else {}))


@lookup
def banned(request: PersonRequest, room_id: int) -> HttpResponse:
    """Who may not come back into a room, for those who may change that."""
    return _results(nearby.with_presence(rooms.banned(room_id, request.user), request.user.pk))


def _asked(request: PersonRequest) -> str:
    text = request.GET.get("q", "").strip()[:64]
    return text if text.isprintable() else ""


def _results(rows: object) -> HttpResponse:
    return data({"results": rows})
