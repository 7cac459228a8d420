"""How people look: the form of one's own profile, pictures, and what others are shown."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from loopchat.accounts import avatars, profiles, rates
from loopchat.accounts.models import Profile, User
from loopchat.accounts.profiles import Change
from loopchat.chat import appearance
from loopchat.chat import faces as seen
from loopchat.core.clock import now_ms
from loopchat.core.errors import Refused
from loopchat.core.limits import refuse_often
from loopchat.web import numbers, refilled
from loopchat.web.answers import PersonRequest, data, form, lookup, page, wants_json

_MINUTE_MS: Final = 60_000
_SPANS: Final = (
    (30, _("30 minutes")),
    (60, _("1 hour")),
    (240, _("4 hours")),
    (480, _("8 hours")),
    (1440, _("1 day")),
    (10_080, _("1 week")),
)
"""For forms without a script: minutes from now."""

_FIELDS: Final = ("name", "about", "time_zone", "status_emoji", "status_text", "status_until_ts")
"""Those that say themselves why they were refused."""

_TIMES: Final = ("status_until_ts", "dnd_until_ts")
_CROP_DIGITS: Final = 5
_UIDS_LONGEST: Final = 2000
_FOR_EVER: Final = "private, max-age=31536000, immutable"


@page
def profile(request: PersonRequest) -> HttpResponse:
    """What others see of me, to be changed."""
    return _profile(request)


def _profile(request: PersonRequest, refused: Refused | None = None) -> HttpResponse:
    mine, face = profiles.of(request.user), face_of(request.user)
    shown = {
        "profile": mine,
        "values": {**_stored(request.user, mine, face), **request.POST.dict()},
        "errors": refilled.errors(refused),
        "zones": sorted(profiles.time_zones()),
        "about_max": profiles.ABOUT_MAX,
        "status_max": profiles.STATUS_MAX,
        "name_max": profiles.DISPLAY_NAME_MAX,
        "face": face,
        "spans": _SPANS,
        "status_until": _moment(mine.status_until_ts),
        "dnd_until": _moment(mine.dnd_until_ts),
    }
    return render(request, "profile.html", shown)


def _stored(me: User, mine: Profile, face: dict[str, object]) -> dict[str, str]:
    """What the forms have before anybody types."""
    return {
        "name": me.name,
        "about": mine.about,
        "time_zone": mine.time_zone,
        "status_emoji": mine.status_emoji if face["status"] else "",
        "status_text": mine.status_text if face["status"] else "",
        "status_until_ts_in": "kept" if _moment(mine.status_until_ts) else "0",
    }


@form
@refilled.refilled(_profile, _FIELDS)
def change_profile(request: PersonRequest) -> HttpResponse:
    """Store what the form has; what it leaves out stays as it is."""
    given: dict[str, str | int] = {}
    for field in dataclasses.fields(Change):
        text = request.POST.get(field.name)
        if text is not None:
            given[field.name] = _time(text, field.name) if field.name in _TIMES else text
        elif field.name in _TIMES and (span := request.POST.get(f"{field.name}_in")):
            kept = getattr(profiles.of(request.user), field.name) or 0
            given[field.name] = kept if span == "kept" else _ahead(span, field.name)
    appearance.change(request.user, Change(**given))  # type: ignore[arg-type]
    return _changed(request)


@form
def set_avatar(request: PersonRequest) -> HttpResponse:
    """Take a picture, or with `remove` go back to initials."""
    if request.POST.get("remove"):
        appearance.set_avatar(request.user, "")
        return _changed(request)
    appearance.set_avatar(request.user, avatars.store(*picture_in(request)))
    return _changed(request)


def picture_in(request: PersonRequest) -> tuple[bytes, tuple[int, int, int] | None]:
    """The picture that a form brings, and the part of it that is to be shown."""
    refuse_often(rates.pictures.take(request.user.pk))
    file = request.FILES.get("file")
    if file is None or file.size is None:
        raise Refused("bad_request", "Choose a picture.", field="file")
    if file.size > avatars.FILE_MAX:
        raise Refused("too_large", "A picture has at most {n} MiB.", field="file", n=5)
    return file.read(), _crop(request)


def face_of(person: User) -> dict[str, object]:
    """How somebody looks, for templates."""
    return seen.looks_of(User.objects.select_related("profile").get(pk=person.pk))


@page
def avatar(request: PersonRequest, name: str) -> HttpResponse:
    """A picture that somebody shows now."""
    found = avatars.read(name)
    if found is None or not profiles.is_shown(found[0]):
        raise Http404
    answer = HttpResponse(found[1], content_type="image/webp")
    answer.headers["Cache-Control"] = _FOR_EVER
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@lookup
def card(request: PersonRequest, username: str) -> HttpResponse:
    """All that one may know of a person."""
    return data(appearance.card(request.user, username))


@lookup
def faces(request: PersonRequest) -> HttpResponse:
    """How the people of these ids look."""
    asked = request.GET.get("uids", "")[:_UIDS_LONGEST].split(",")
    uids = [uid for one in asked if (uid := numbers.read(one)) is not None]
    return data({"results": appearance.faces_of(request.user, uids)})


def _changed(request: PersonRequest) -> HttpResponse:
    if wants_json(request):
        return data(appearance.card(request.user, request.user.username))
    messages.info(request, _("Saved."))
    return redirect("profile")


def _crop(request: HttpRequest) -> tuple[int, int, int] | None:
    texts = [request.POST.get(name, "") for name in ("x", "y", "size")]
    if not any(texts):
        return None
    x, y, size = (numbers.read(text, digits=_CROP_DIGITS) for text in texts)
    if x is None or y is None or size is None:
        raise Refused("bad_request", "A crop has x, y and size in pixels.", field="size")
    return x, y, size


def _ahead(text: str, field: str) -> int:
    """So many minutes from now; 0 is no end."""
    minutes = _time(text, field)
    return now_ms() + minutes * _MINUTE_MS if minutes else 0


def _moment(ts: int | None) -> datetime | None:
    """A time that has not come yet, to be shown."""
    return datetime.fromtimestamp(ts / 1000, UTC) if ts and ts > now_ms() else None


def _time(text: str, field: str) -> int:
    if not text:
        return 0
    found = numbers.read(text)
    if found is None:
        raise Refused("bad_request", "This is a time in milliseconds.", field=field)
    return found
