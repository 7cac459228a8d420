"""Who is behind a session cookie or a bearer token, and whose sign-in has ended since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Literal

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from loopchat.accounts import tokens
from loopchat.accounts.grants import FULL, Grant
from loopchat.accounts.models import User

Ending = Literal["signed_out", "disabled"]

visits: set[str] = set()
"""Sessions that opened a socket; `devices.store_visits` writes it down later."""

_PART = 10_000  # SQLite's limit of parameters in one query is at least three times this


@dataclass(frozen=True, slots=True)
class Login:
    """One sign-in of one person: by session cookie or by token."""

    user_id: int
    username: str
    session_key: str | None
    token_id: int | None
    is_guest: bool = False
    grant: Grant = FULL


def is_key(text: str) -> bool:
    """Whether this can be the key of a session; a database may refuse to look for other text."""
    return text.isascii() and text.isalnum()


def login_of_session(session_key: str) -> Login | None:
    """The sign-in behind a session cookie; None when it is unknown, over or its owner disabled."""
    stored = _stored_sessions([session_key] if is_key(session_key) else []).get(session_key)
    if stored is None or stored[0] is None:
        return None
    user = User.objects.filter(id=stored[0]).first()
    if user is None or not user.may_come or not _is_current(user, stored[1]):
        return None
    visits.add(session_key)
    return Login(user.pk, user.username, session_key, None, user.is_guest)


def login_of_token(secret: str) -> Login | None:
    """The sign-in behind a bearer token; None when it is unknown, over or its owner disabled."""
    token = tokens.find(secret, note_later=True)
    if token is None:
        return None
    person = token.user
    return Login(person.pk, person.username, None, token.pk, person.is_guest, grant=token.grant)


def ended(logins: Iterable[Login]) -> dict[Login, Ending]:
    """Those of these sign-ins that are over, and why: three queries for each ten thousand."""
    over: dict[Login, Ending] = {}
    remaining = iter(logins)
    while part := list(islice(remaining, _PART)):
        over.update(_ended_in(part))
    return over


def alive(person: User, keys: Sequence[str]) -> set[str]:
    """Those of these sessions in which this person is signed in now."""
    stored = _stored_sessions(keys)
    return {key for key in keys if _holds(stored.get(key), person)}


def forget_expired() -> None:
    """Remove sessions that ended by age; nobody else does."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()


def _ended_in(logins: Sequence[Login]) -> Iterator[tuple[Login, Ending]]:
    users = User.objects.in_bulk({login.user_id for login in logins})
    sessions = _stored_sessions([login.session_key for login in logins if login.session_key])
    asked = [login.token_id for login in logins if login.token_id]
    valid = set(tokens.valid().filter(id__in=asked).values_list("id", flat=True)) if asked else ()
    for login in logins:
        user = users.get(login.user_id)
        if user is None or not user.may_come:
            yield login, "signed_out" if login.is_guest else "disabled"
        elif login.token_id is not None:
            if login.token_id not in valid:
                yield login, "signed_out"
        elif not _holds(sessions.get(login.session_key or ""), user):
            yield login, "signed_out"


def _holds(stored: tuple[int | None, str] | None, user: User) -> bool:
    return stored is not None and stored[0] == user.pk and _is_current(user, stored[1])


def _is_current(user: User, session_hash: str) -> bool:
    """Whether the session began with the password that the person has now."""
    return any(constant_time_compare(session_hash, one) for one in _hashes_for(user.password))


def _stored_sessions(keys: Sequence[str]) -> dict[str, tuple[int | None, str]]:
    """For each session that exists and has not expired: whose it is, and its password hash."""
    if not keys:
        return {}
    rows = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    return {key: _decoded(data) for key, data in rows.values_list("session_key", "session_data")}


@lru_cache(maxsize=20_000)
def _decoded(data: str) -> tuple[int | None, str]:
    """Signed and packed text; the sweep reads the same one again and again."""
    session = SessionStore().decode(data)
    user_id = str(session.get(SESSION_KEY, ""))
    known = user_id.isdecimal() and BACKEND_SESSION_KEY in session
    return (int(user_id) if known else None), str(session.get(HASH_SESSION_KEY, ""))


@lru_cache(maxsize=20_000)
def _hashes_for(password: str) -> tuple[str, ...]:
    """With the secret key of now, and with the older ones that still count."""
    person = User(password=password)
    return (person.get_session_auth_hash(), *person.get_session_auth_fallback_hash())
