"""One attempt at one delivery: what is sent, how the answer is judged, and what follows from it."""

from __future__ import annotations

import logging
import time
import uuid
from dataclasses import replace
from http import HTTPStatus
from typing import Final

import msgspec
from django.conf import settings
from django.utils.translation import gettext as _

from loopchat import __version__
from loopchat.accounts.models import User
from loopchat.bots.models import Bot
from loopchat.chat import messages, rooms
from loopchat.core import destinations, outgoing, retry_after
from loopchat.core.clock import now_ms
from loopchat.core.errors import Refused
from loopchat.core.outgoing import Answer, Failed, Way
from loopchat.hooks import answering, payload, queue, signing, stopping, watching
from loopchat.hooks.answering import Unreadable
from loopchat.hooks.models import Delivery, Hook
from loopchat.hooks.queue import Outcome

logger = logging.getLogger(__name__)

WITHIN: Final = 7.0
"""Seconds for one attempt, from finding the name to the end of the answer."""

ANSWER_MAX: Final = 64 * 1024
"""Bytes of an answer."""

_AGAIN: Final = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.CONFLICT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)
"""Refusals that may be others later; every other 3xx and 4xx stays what it is."""

_BUSY: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
"""Those who say so may say for how long."""

_PASSING: Final = frozenset({"unavailable", "timeout", "storage_full", "rate_limited"})
"""Why this server does not store an answer now, and may a little later."""


def way() -> Way:
    """How requests leave this server."""
    return Way(allowed=settings.WEBHOOK_ALLOW)


def deliver(delivery: Delivery, way: Way) -> None:
    """Try it once, let the bot say what was answered, write down what became of it."""
    begun = time.monotonic()
    outcome = _bounded(delivery, way)
    took = int((time.monotonic() - begun) * 1000)
    if not queue.settle(delivery, replace(outcome, took_ms=took)):
        return
    over = delivery.status in (Delivery.Status.FAILED, Delivery.Status.DROPPED)
    if over and delivery.kind == Delivery.Kind.COMMAND:
        answering.whisper(delivery, None)
    if not outcome.ok and queue.pause_when_hopeless(delivery.hook):
        stopping.give_up(delivery.hook)
        _tell_owner(delivery.hook)


def _bounded(delivery: Delivery, way: Way) -> Outcome:
    """An attempt that ends with an outcome whatever happens, or deliveries would go on for ever."""
    if queue.is_spent(delivery):
        return Outcome(error="whoever tried it never came back")
    try:
        return _attempt(delivery, way)
    except Exception as error:  # what a stranger answers must not hold up what comes behind it
        if delivery.attempts == 1:
            logger.exception("%s could not be delivered", delivery)
        return Outcome(again=True, error=f"it failed here ({type(error).__name__})")


def _attempt(delivery: Delivery, way: Way) -> Outcome:
    body = _body(delivery)
    if body is None:
        return Outcome(dropped=True)
    try:
        answer = outgoing.post(
            destinations.parse(delivery.hook.url),
            body,
            _headers(delivery, body),
            way=way,
            within=WITHIN,
            at_most=ANSWER_MAX,
        )
    except destinations.NotAllowed as no:
        return Outcome(error=str(no))
    except Refused as no:
        return Outcome(error=no.text)
    except Failed as error:
        return Outcome(again=True, error=str(error))
    return _judged(delivery, answer)


def _body(delivery: Delivery) -> bytes | None:
    room = delivery.room_id
    if room is not None and not watching.is_member(delivery.hook.bot_id, room):
        return None
    told = payload.of(delivery)
    return None if told is None else msgspec.json.encode(told)


def _headers(delivery: Delivery, body: bytes) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "Accept": "application/json, text/plain",
        "User-Agent": f"Loopchat/{__version__}",
        **signing.headers(delivery.hook, str(delivery.key), body),
    }


def _judged(delivery: Delivery, answer: Answer) -> Outcome:
    excerpt = (answer.body or b"")[:500].decode("utf-8", "replace").replace("\0", "")
    found = Outcome(http_status=answer.status, excerpt=excerpt)
    if answer.status // 100 == 2:
        return _told(delivery, answer, found)
    if answer.status // 100 == 3:
        return replace(found, error="it redirects, which is not followed")
    again = answer.status >= 500 or answer.status in _AGAIN
    return replace(found, again=again, retry_after_ms=_asked_pause(answer))


def _asked_pause(answer: Answer) -> int:
    """The pause that a program wants that has too much to do."""
    if answer.status not in _BUSY:
        return 0
    return retry_after.read(answer.retry_after, now_ms=now_ms()) or 0


def _told(delivery: Delivery, answer: Answer, found: Outcome) -> Outcome:
    """Let the bot say it, or write down why it could not. It has arrived all the same.

    What may be stored later is asked for once more; its `cid` is the same, so it is said once.
    """
    try:
        answering.tell(delivery, answering.read(answer))
    except Unreadable as error:
        return replace(found, ok=True, error=str(error))
    except Refused as no:
        why = f"the answer was refused: {no.text}"
        passes = no.code in _PASSING
        return replace(found, ok=not passes, again=passes, error=why)
    return replace(found, ok=True)


def _tell_owner(hook: Hook) -> None:
    """The bot writes to whoever answers for it; the page of the hook says it, too."""
    bot = hook.bot
    text = _("My webhook {url} has failed for a day and is paused. Its log says why.")
    for person in _answering(bot):
        try:
            room = rooms.open_direct(bot.user, person.username)
            said = text.format(url=hook.url)
            messages.send(room.pk, rooms.actor(bot.user), cid=uuid.uuid4(), body=said)
        except Refused as no:
            logger.info("%s is paused, and nobody could be told: %s", hook, no.text)


def _answering(bot: Bot) -> list[User]:
    if bot.owner is not None:
        return [bot.owner]
    return list(User.objects.filter(is_owner=True, is_active=True)[:1])
