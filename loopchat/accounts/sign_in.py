"""Signing in and out with the browser, slowed down for those who guess.

Delays grow per name *and* address: somebody who guesses a person's password delays themselves and
not that person. A second allowance per address limits guessing one password at many names.
"""

from __future__ import annotations

import math
from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.contrib import auth
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext

from loopchat.accounts import devices, joining, passwords, people
from loopchat.accounts.models import User
from loopchat.accounts.throttle import Delays
from loopchat.core.errors import Refused
from loopchat.core.limits import Buckets
from loopchat.core.text import name_key

_BACKEND = "loopchat.accounts.backends.PeopleBackend"
_NAME_SHOWN = 64

delays = Delays()
visits = Buckets(settings.RATE_SIGN_IN)
keys = Buckets(settings.RATE_SIGN_IN)
"""Links with a secret that were opened, the right ones too: so guessing gains nothing."""


def check(username: str, password: str, *, address: str) -> User:
    """The person with this name and password; Refused for everybody else in the same way."""
    admit(address)
    key = (name_key(username[:_NAME_SHOWN]), _network_of(address))
    _wait(delays.admit(key) if settings.RATE_SIGN_IN else 0.0)
    person = people.find(username)
    if len(password) > passwords.LONGEST or not passwords.matches(password, person):
        raise _wrong()
    if person is not None and person.is_bot:  # whoever gave it a password: it has tokens
        raise _wrong()
    if person is None or not person.is_active:
        raise (joining.waiting(person) if person else None) or _wrong()
    delays.forgive(key)
    return person


def admit(address: str) -> None:
    """Refuse an address that signs in, enters or signs up too often."""
    _wait(visits.take(_network_of(address)))


def try_key(address: str, account: str = "") -> None:
    """Refuse an address that opens too many links, or too many of one account that do not work."""
    network = _network_of(address)
    _wait(keys.take(network))
    if account and settings.RATE_SIGN_IN:
        _wait(delays.admit(("link", account, network)))


def key_worked(address: str, account: str) -> None:
    """What was tried of this account is forgotten."""
    delays.forgive(("link", account, _network_of(address)))


def begin(request: HttpRequest, person: User) -> None:
    """Sign this browser in, with a new session key."""
    auth.login(request, person, backend=_BACKEND)


def proceed(
    request: HttpRequest, person: User, *, wanted: str, by_password: bool = True
) -> HttpResponse:
    """Sign in who has given the first proof; where the account asks for a second, go and get it.

    A password that was just typed also counts for the changes that ask for it again.
    """
    from allauth.account.internal.flows.login import perform_login, record_authentication
    from allauth.account.models import Login

    if by_password:
        record_authentication(request, person, "password", reauthenticated=True)
    answer: HttpResponse = perform_login(request, Login(user=person, redirect_url=wanted or None))
    return answer


def end(request: HttpRequest) -> None:
    """Sign this browser out; its sockets close, those of other browsers stay."""
    with transaction.atomic():
        if request.user.is_authenticated:
            people.changed([request.user.pk])
        devices.forget(request.session.session_key)
        auth.logout(request)


def is_theirs(person: User, password: str) -> bool:
    """Whether this is the password of who is signed in here; guessing is slowed down."""
    key = (person.username_key, "password")
    _wait(delays.admit(key))
    if len(password) > passwords.LONGEST or not passwords.matches(password, person):
        return False
    delays.forgive(key)
    return True


def change_password(request: HttpRequest, *, old: str, new: str) -> User:
    """Another password for who is signed in here; their other browsers are signed out.

    The old one proves that it is them, and guessing it is slowed down as in `check`.
    """
    person = people.find(request.user.get_username())
    if person is None:
        raise _wrong()
    if not is_theirs(person, old):
        raise Refused("forbidden", "This is not your password.", field="old_password")
    return _replace(request, person, new)


def give_password(request: HttpRequest, new: str) -> None:
    """A first password for who is signed in here; their other browsers are signed out."""
    person = people.find(request.user.get_username())
    if person is None:
        raise _wrong()
    _replace(request, person, new)


def _replace(request: HttpRequest, person: User, new: str) -> User:
    passwords.check_strength(new, person, field="new_password")
    people.set_password(person, new, also=lambda: _keep(request, person))
    return person


def _keep(request: HttpRequest, person: User) -> None:
    """This browser proved that it knows the password: its session, and its sockets, go on."""
    request.session[auth.HASH_SESSION_KEY] = person.get_session_auth_hash()
    request.session.save()


def _wrong() -> Refused:
    return Refused("unauthorized", "Name or password is wrong.")


def _wait(seconds: float) -> None:
    if seconds <= 0:
        return
    whole = math.ceil(seconds)
    text = ngettext(
        "Too many tries. Wait %(number)d second.", "Too many tries. Wait %(number)d seconds.", whole
    )
    said = text % {"number": whole}
    raise Refused("rate_limited", said, retry_after_ms=whole * 1000)


def _network_of(address: str) -> str:
    """One household has a whole /64 of IPv6 addresses."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(IPv6Address(int(parsed) >> 64 << 64))
    return str(parsed)
