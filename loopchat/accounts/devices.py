"""Where somebody is signed in: a row for each browser, to look at and to end."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from loopchat.accounts import mail, people, sessions
from loopchat.accounts.models import Device, User

AGENT_MAX = 256
_NOTED_EVERY_S = 5 * 60.0
_KEYS_MAX = 50_000
_PORTION = 1000
_noted: dict[str, float] = {}

_BROWSERS = ("Edg", "OPR", "Firefox", "FxiOS", "CriOS", "Chrome", "Safari", "curl")
_NAMES = {"Edg": "Edge", "OPR": "Opera", "FxiOS": "Firefox", "CriOS": "Chrome"}
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "CrOS", "Linux")
_SYSTEM_NAMES = {"Mac OS X": "macOS", "CrOS": "ChromeOS"}


def began(request: HttpRequest, person: User) -> None:
    """Somebody signed in with this browser; they are told by mail when it is a new one."""
    if request.session.session_key is None:
        request.session.save()
    key = request.session.session_key or ""
    agent = request.META.get("HTTP_USER_AGENT", "")[:AGENT_MAX]
    address = str(request.META.get("REMOTE_ADDR") or "")
    known = Device.objects.filter(user=person)
    is_new = mail.is_on() and known.exists() and not known.filter(agent=agent).exists()
    now = {"user": person, "agent": agent, "address": address, "last_active_at": timezone.now()}
    _, made = Device.objects.update_or_create(session_key=key, defaults=now)
    _remember(key)
    if is_new and made:
        values = {"browser": title(agent), "ip": address, "at": timezone.now()}
        mail.post_to(person, "accounts/mail/new_sign_in", **values)


def seen(request: HttpRequest, person: User) -> None:
    """Note that this browser was here, at most every few minutes."""
    key = request.session.session_key
    if key is None or time.monotonic() - _noted.get(key, -_NOTED_EVERY_S) < _NOTED_EVERY_S:
        return
    address = str(request.META.get("REMOTE_ADDR") or "")
    now: dict[str, Any] = {"address": address, "last_active_at": timezone.now()}
    if not Device.objects.filter(session_key=key, user=person).update(**now):
        agent = request.META.get("HTTP_USER_AGENT", "")[:AGENT_MAX]
        known = {"user": person, "agent": agent, **now}
        Device.objects.update_or_create(session_key=key, defaults=known)
    _remember(key)


def store_visits() -> None:
    """Write down who opened a socket: when thousands come back at once, not one by one."""
    keys = [sessions.visits.pop() for _ in range(min(len(sessions.visits), _PORTION))]
    if keys:
        Device.objects.filter(session_key__in=keys).update(last_active_at=timezone.now())


def of(person: User) -> list[Device]:
    """The browsers in which this person is signed in now, the last used first."""
    rows = list(Device.objects.filter(user=person).order_by("-last_active_at"))
    alive = sessions.alive(person, [row.session_key for row in rows])
    return [row for row in rows if row.session_key in alive]


def end(person: User, device_id: int) -> None:
    """Sign one browser out; its sockets close."""
    _end(person, Device.objects.filter(user=person, pk=device_id))


def end_others(person: User, session_key: str | None) -> None:
    """Sign all browsers out but this one."""
    _end(person, Device.objects.filter(user=person).exclude(session_key=session_key or ""))


def forget(session_key: str | None) -> None:
    """A browser was signed out: it is no more in the list."""
    Device.objects.filter(session_key=session_key or "").delete()


def forget_ended() -> None:
    """Remove rows whose session is gone."""
    old = timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    Device.objects.filter(last_active_at__lt=old).delete()
    living = Session.objects.values("session_key")
    Device.objects.exclude(session_key__in=living).delete()


def title(agent: str) -> str:
    """`Firefox on Linux`: as much of a `User-Agent` as means something to people."""
    browser = next((name for name in _BROWSERS if f"{name}/" in agent), "")
    system = next((name for name in _SYSTEMS if name in agent), "")
    shown = (_NAMES.get(browser, browser), _SYSTEM_NAMES.get(system, system))
    words = " · ".join(filter(None, shown))
    return words or re.sub(r"[^ -~]", "", agent)[:40]


def _end(person: User, rows: Any) -> None:
    with transaction.atomic():
        keys = list(rows.values_list("session_key", flat=True))
        Session.objects.filter(session_key__in=keys).delete()
        rows.delete()
        people.changed([person.pk])


def _remember(key: str) -> None:
    if len(_noted) >= _KEYS_MAX:
        _noted.clear()
    _noted[key] = time.monotonic()
