"""What people say of themselves: name, about, status, time zone, do not disturb, a picture."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from django.db import transaction
from django.db.models import Q

from loopchat.accounts.models import Profile, User
from loopchat.core.characters import VISIBLE_CHARACTER, one_line
from loopchat.core.clock import now_ms
from loopchat.core.errors import Refused
from loopchat.core.text import clean_emoji

DISPLAY_NAME_MAX: Final = 64
ABOUT_MAX: Final = 500
STATUS_MAX: Final = 100

_FAR_MS: Final = 366 * 24 * 3600 * 1000
"""Nothing that ends by itself is set for longer than a year."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be different; None: as it is. An empty text clears; a time of 0 has no end."""

    name: str | None = None
    about: str | None = None
    status_emoji: str | None = None
    status_text: str | None = None
    status_until_ts: int | None = None
    time_zone: str | None = None
    dnd_until_ts: int | None = None


def of(person: User) -> Profile:
    """What somebody says of themselves; nothing, unless they have said something."""
    return Profile.objects.filter(user=person).first() or Profile(user=person)


def change(person: User, wanted: Change) -> Profile:
    """Store what is given, after a look at all of it; the profile as it is now."""
    clean = {
        field.name: _CLEAN[field.name](value)
        for field in fields(wanted)
        if (value := getattr(wanted, field.name)) is not None
    }
    if "status_emoji" in clean or "status_text" in clean:
        clean.setdefault("status_until_ts", None)  # the end of the status before is not its end
    name = clean.pop("name", None)
    with transaction.atomic():
        Profile.objects.get_or_create(user=person)
        row = Profile.objects.select_for_update().get(user=person)
        for field_name, value in clean.items():
            setattr(row, field_name, value)
        if not (row.status_emoji or row.status_text):
            row.status_until_ts = None
        row.save()
        if name is not None:
            person.name = name
            User.objects.filter(pk=person.pk).update(name=name)
    return row


def set_avatar(person: User, avatar: str) -> None:
    """Another picture, by the name of its files; nothing: initials."""
    Profile.objects.update_or_create(user=person, defaults={"avatar": avatar})


def is_shown(avatar: str) -> bool:
    """Whether anybody has this picture now."""
    return Profile.objects.filter(avatar=avatar).exists()


def end_what_is_over(now: int, most: int) -> list[int]:
    """Clear what has ended by itself (ms), of so many people at most; ids of whom it was about."""
    status = Q(status_until_ts__lte=now)
    quiet = Q(dnd_until_ts__lte=now)
    with transaction.atomic():
        found = Profile.objects.filter(status | quiet).order_by("user")
        ids = list(found.values_list("user_id", flat=True)[:most])
        of_them = Profile.objects.filter(user__in=ids)
        of_them.filter(status).update(status_emoji="", status_text="", status_until_ts=None)
        of_them.filter(quiet).update(dnd_until_ts=None)
    return ids


def utc_offset_minutes(time_zone: str) -> int | None:
    """How far the clocks of this zone are before UTC now."""
    if time_zone not in time_zones():
        return None
    offset = datetime.now(ZoneInfo(time_zone)).utcoffset()
    return None if offset is None else int(offset.total_seconds() // 60)


@cache
def time_zones() -> frozenset[str]:
    """The names of zones that somebody may live in."""
    return frozenset(name for name in available_timezones() if "/" in name or name == "UTC")


def clean_display_name(text: str) -> str:
    """A name to be shown: 1-64 characters on one line, at least one of them visible."""
    name = one_line(text, limit=DISPLAY_NAME_MAX, field="name")
    if not name:
        raise Refused("bad_request", "A name has at least one visible character.", field="name")
    return name


def _name(text: str) -> str:
    return clean_display_name(text) if text.strip() else ""


def _about(text: str) -> str:
    if len(text) > 4 * ABOUT_MAX:
        raise _too_long()
    lines = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").strip())
    if len(lines) > ABOUT_MAX:
        raise _too_long()
    for line in lines.split("\n"):
        one_line(line, limit=ABOUT_MAX, field="about")
    return lines if VISIBLE_CHARACTER.search(lines) else ""


def _too_long() -> Refused:
    return Refused("too_large", "At most {n} characters.", field="about", n=ABOUT_MAX)


def _emoji(text: str) -> str:
    if not text:
        return ""
    try:
        return clean_emoji(text)
    except Refused as no:
        raise Refused("bad_request", "Use one emoji.", field="status_emoji") from no


def _status(text: str) -> str:
    return one_line(text, limit=STATUS_MAX, field="status_text")


def _zone(name: str) -> str:
    if name and name not in time_zones():
        raise Refused("bad_request", "There is no such time zone.", field="time_zone")
    return name


def _status_until(ts: int) -> int | None:
    return _until("status_until_ts", ts)


def _dnd_until(ts: int) -> int | None:
    return _until("dnd_until_ts", ts)


def _until(field: str, ts: int) -> int | None:
    """A moment ahead of us; 0 is none."""
    if ts == 0:
        return None
    if not now_ms() < ts <= now_ms() + _FAR_MS:
        raise Refused("bad_request", "This is a time in the next year.", field=field)
    return ts


_CLEAN: Final[dict[str, Callable[[Any], Any]]] = {
    "name": _name,
    "about": _about,
    "status_emoji": _emoji,
    "status_text": _status,
    "status_until_ts": _status_until,
    "time_zone": _zone,
    "dnd_until_ts": _dnd_until,
}
