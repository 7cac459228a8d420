"""What happens to accounts."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F

from loopchat.accounts.models import User


def touch(user_ids: Iterable[int]) -> None:
    """Say that what these people's sockets may see has changed; in the change's transaction."""
    User.objects.filter(id__in=set(user_ids)).update(version=F("version") + 1)
