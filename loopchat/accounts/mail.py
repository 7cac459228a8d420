"""Letters: made at once, sent by a thread, so that no page waits for a mail server.

A page that took longer when there is somebody to write to would tell who has an account.
"""

from __future__ import annotations

import logging
from queue import Full, Queue
from threading import Lock, Thread
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.module_loading import import_string

from loopchat.accounts import links
from loopchat.accounts.models import User

_log = logging.getLogger(__name__)
_WAITING_MAX = 1000
_queue: Queue[EmailMessage] = Queue(_WAITING_MAX)
_lock = Lock()
_senders: list[Thread] = []


def is_on() -> bool:
    """Whether this server sends mail at all."""
    return settings.MAIL is not None


def post(template: str, address: str, **values: Any) -> None:
    """Write `<template>_subject.txt` and `<template>_message.txt` to an address; sent soon."""
    if not is_on():
        return
    words = {**values, "email": address, "site": links.site_name(), "address": links.public("/")}
    subject = " ".join(render_to_string(f"{template}_subject.txt", words).split())
    body = render_to_string(f"{template}_message.txt", words).strip() + "\n"
    letter = EmailMessage(subject, body, settings.EMAIL_FROM, [address])
    # Programs that answer letters by themselves should leave these alone.
    letter.extra_headers["Auto-Submitted"] = "auto-generated"
    try:
        _queue.put_nowait(letter)
    except Full:
        _log.error("A mail was thrown away: %s wait already.", _WAITING_MAX)
        return
    _start()


def post_to(person: User, template: str, **values: Any) -> None:
    """The same to the address that somebody has shown to be theirs; to nobody without one."""
    from allauth.account.models import EmailAddress

    known = EmailAddress.objects.filter(user=person, verified=True).order_by("-primary").first()
    if known is not None:
        post(template, known.email, person=person, **values)


def wait() -> None:
    """Return when everything that waits has been sent, or has failed."""
    _queue.join()


def _start() -> None:
    with _lock:
        if not any(sender.is_alive() for sender in _senders):
            _senders[:] = [Thread(target=_send_all, name="mail", daemon=True)]
            _senders[0].start()


def _send_all() -> None:
    while True:
        letter = _queue.get()
        try:
            _send(letter)
        except (OSError, ValueError):
            _log.exception("A mail could not be sent.")
        finally:
            _queue.task_done()


def _send(letter: EmailMessage) -> None:
    way = settings.MAIL
    if way is not None:
        letter.connection = import_string(way.backend)(**way.options)
        letter.send()
