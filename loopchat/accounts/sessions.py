"""Who is behind a session cookie or a bearer token, and whose sign-in has ended since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Literal, TypeVar

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from loopchat import rows
from loopchat.accounts import tokens
from loopchat.accounts.grants import FULL, Grant
from loopchat.accounts.models import Token, User

M = TypeVar("M", User, Token)

Ending = Literal["signed_out", "disabled"]

visits: set[str] = set()
"""Sessions that opened a socket; `devices.store_visits` writes it down later."""

_PART = 10_000  # people whose rows are in memory at once


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
    user = next(iter(_with_ids(User, [stored[0]])), None)
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
    users = {user.pk: user for user in _with_ids(User, (login.user_id for login in logins))}
    sessions = _stored_sessions([login.session_key for login in logins if login.session_key])
    asked = (login.token_id for login in logins if login.token_id)
    valid = {token.pk for token in _with_ids(Token, asked) if not token.is_over}
    for login in logins:
        user = users.get(login.user_id)
        if user is None or not user.may_come:
            yield login, "signed_out" if login.is_guest else "disabled"
        elif login.token_id is not None:
            if login.token_id not in valid:
                yield login, "signed_out"
        elif not _holds(sessions.get(login.session_key or ""), user):
            yield login, "signed_out"


def _with_ids(model: type[M], ids: Iterable[int]) -> list[M]:
    wanted = set(ids)
    return rows.fetch(model, rows.in_list("id"), [rows.a_list(wanted)]) if wanted else []


def _holds(stored: tuple[int | None, str] | None, user: User) -> bool:
    return stored is not None and stored[0] == user.pk and _is_current(user, stored[1])


def _is_current(user: User, session_hash: str) -> bool:
    """Whether the session began with the password that the person has now."""
    return any(constant_time_compare(session_hash, one) for one in _hashes_for(user.password))


def _stored_sessions(keys: Sequence[str]) -> dict[str, tuple[int | None, str]]:
    """For each session that exists and has not expired: whose it is, and its password hash."""
    if not keys:
        return {}
    found = rows.fetch(Session, rows.in_list("session_key"), [rows.a_list(keys)])
    now = timezone.now()
    return {one.session_key: _decoded(one.session_data) for one in found if one.expire_date > now}


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
