"""Letters: sent by a thread, so that no page waits for a mail server.

A page that took longer when there is somebody to write to would tell who has an account: what has
to find that out is done by the thread too (`later`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from queue import Full, Queue
from threading import Lock, Thread
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import DatabaseError, connection
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.module_loading import import_string

from loopchat.accounts import links
from loopchat.accounts.models import User

_log = logging.getLogger(__name__)
_WAITING_MAX = 1000
_queue: Queue[Callable[[], None]] = Queue(_WAITING_MAX)
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
    _put(partial(_send, letter))


def later(find_and_post: Callable[[], None]) -> None:
    """Let the thread find out whether there is somebody to write to, in the language of now."""
    if is_on():
        _put(partial(_find, find_and_post, translation.get_language()))


def post_to(person: User, template: str, **values: Any) -> None:
    """The same to the address that somebody has shown to be theirs; to nobody without one."""
    from allauth.account.models import EmailAddress

    known = EmailAddress.objects.filter(user=person, verified=True).order_by("-primary").first()
    if known is not None:
        post(template, known.email, person=person, **values)


def wait() -> None:
    """Return when everything that waits has been sent, or has failed."""
    _queue.join()


def _put(job: Callable[[], None]) -> None:
    try:
        _queue.put_nowait(job)
    except Full:
        _log.error("A mail was thrown away: %s wait already.", _WAITING_MAX)
        return
    _start()


def _start() -> None:
    with _lock:
        if not any(sender.is_alive() for sender in _senders):
            _senders[:] = [Thread(target=_send_all, name="mail", daemon=True)]
            _senders[0].start()


def _send_all() -> None:
    while True:
        job = _queue.get()
        try:
            job()
        except (OSError, ValueError, DatabaseError):
            _log.exception("A mail could not be sent.")
        finally:
            _queue.task_done()


def _find(find_and_post: Callable[[], None], language: str | None) -> None:
    try:
        with translation.override(language):
            find_and_post()
    finally:
        connection.close()


def _send(letter: EmailMessage) -> None:
    way = settings.MAIL
    if way is not None:
        letter.connection = import_string(way.backend)(**way.options)
        letter.send()
