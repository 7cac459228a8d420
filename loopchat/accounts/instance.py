"""What is known about this installation."""

from __future__ import annotations

from loopchat.accounts.models import Instance


def epoch() -> str:
    """The name of the logs' history; another one means that a backup was restored."""
    return row().epoch


def is_claimed() -> bool:
    """Whether an owner has ever been made; until then nothing but the set-up works."""
    return Instance.objects.filter(pk=1, is_claimed=True).exists()


def row() -> Instance:
    """The one row; it is made when it is first asked for."""
    return Instance.objects.get_or_create(pk=1)[0]
