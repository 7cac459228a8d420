"""Passwords: which are good enough, and hashing that cannot use up the machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.contrib.auth.hashers import (
    UNUSABLE_PASSWORD_PREFIX,
    make_password,
    verify_password,
)
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from loopchat.accounts.models import User
from loopchat.core.errors import Refused

LONGEST = 1000
_WAIT_S = 10.0

# One hash takes a core and 100 MiB for a moment, and nobody has to prove anything to cause one.
_hashing = BoundedSemaphore(max(2, os.cpu_count() or 1))


def check_strength(password: str, person: User, *, field: str = "password") -> None:
    """Refuse what is too short, too long, common, or like the person's own name."""
    if len(password) > LONGEST:
        raise Refused(
            "bad_request", "A password has at most {n} characters.", field=field, n=LONGEST
        )
    try:
        validate_password(password, person)
    except ValidationError as problem:
        said = " ".join(problem.messages)  # by Django, which has translated it
        raise Refused("bad_request", said, field=field) from problem


def encode(password: str) -> str:
    """What is stored of a password. Slow: never call it inside a transaction."""
    with _turn():
        return make_password(password)


def matches(password: str, person: User | None) -> bool:
    """Whether this is the person's password; takes as long for nobody as for somebody.

    Slow: never call it inside a transaction. A hash made with older settings is made anew.
    """
    stored = person.password if person else UNUSABLE_PASSWORD_PREFIX
    with _turn():
        correct, outdated = verify_password(password, stored)
    if correct and outdated and person:
        person.password = encode(password)
        User.objects.filter(pk=person.pk, password=stored).update(password=person.password)
    return correct


@contextmanager
def _turn() -> Iterator[None]:
    if not _hashing.acquire(timeout=_WAIT_S):
        raise Refused(
            "unavailable",
            "Too many people sign in at this moment. Try again in a few seconds.",
            retry_after_ms=5000,
        )
    try:
        yield
    finally:
        _hashing.release()
