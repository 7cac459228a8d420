"""Why somebody who was here a moment ago is not any more: said above the form to sign in."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest
from django.utils.translation import gettext as _

from loopchat.accounts.models import User
from loopchat.invitations import arrivals


@dataclass(frozen=True, slots=True)
class Ending:
    """What has happened, in a few words, and what can be done about it."""

    title: str
    words: str


def of(request: HttpRequest) -> Ending | None:
    """Why this browser's sign-in does not count; None for who is signed in or never was."""
    if request.user.is_authenticated:
        return None
    user_id = str(request.session.get(SESSION_KEY, ""))
    person = User.objects.filter(pk=user_id).first() if user_id.isdecimal() else None
    if person is not None and not person.may_come:
        return _of_guest(person) if person.is_guest else _of_disabled()
    has_cookie = settings.SESSION_COOKIE_NAME in request.COOKIES
    return _of_session() if has_cookie and request.session.is_empty() else None


def _of_disabled() -> Ending:
    return Ending(
        _("Your account is disabled"),
        _(
            "Somebody who runs this server has disabled it: nobody can sign in with it. "
            "What you have written is still there. If this is a mistake, ask them."
        ),
    )


def _of_guest(guest: User) -> Ending:
    visit = arrivals.visit_of(guest)
    title = _("Your visit has ended")
    if visit is None or not visit.is_over:
        return Ending(title, _("Somebody who runs this server has ended it."))
    names = {"room": visit.room, "host": visit.host}
    if visit.is_revoked:
        text = _("The link that brought you to “%(room)s” was ended.") % names
    else:
        text = _("The link that brought you to “%(room)s” has expired.") % names
    ask = _("What you have written stays there. Ask %(host)s for a new link, or make an account.")
    return Ending(title, f"{text} {ask % names}")


def _of_session() -> Ending:
    return Ending(
        _("You were signed out here"),
        _("From another device, by a new password, or because you were away for long."),
    )
