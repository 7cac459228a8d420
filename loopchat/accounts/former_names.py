"""Names of deleted accounts. Nobody gets one again: they would pass for who is gone."""

from __future__ import annotations

import hashlib

from loopchat.accounts.models import FormerName
from loopchat.core import lookalikes
from loopchat.core.errors import Refused
from loopchat.core.text import name_key


def remember(username: str) -> None:
    """From now on nobody can take this name, whatever its case or Unicode form."""
    FormerName.objects.get_or_create(digest=_digest(username))


def refuse(username: str) -> None:
    """Refuse a name that was somebody's, or that looks like it."""
    names = {username, *lookalikes.of(name_key(username))}
    if FormerName.objects.filter(digest__in=[_digest(name) for name in names]).exists():
        raise Refused("conflict", "This name is taken.", field="username")


def _digest(username: str) -> str:
    return hashlib.sha256(name_key(username).encode()).hexdigest()
