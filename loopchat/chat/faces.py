"""How people look to others: names, pictures, what they say of their present.

A status and "do not disturb" that are over are not told: for that nobody has to clear them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from loopchat.accounts.models import Profile, User
from loopchat.core.clock import now_ms
from loopchat.realtime import events

COLUMNS: Final = (
    "person.id, person.username, person.name, person.is_bot, person.is_guest, profile.avatar,"
    " profile.status_emoji, profile.status_text, profile.status_until_ts, profile.dnd_until_ts,"
    " person.is_deleted"
)
TABLES: Final = (
    "accounts_user person LEFT JOIN accounts_profile profile ON profile.user_id = person.id"
)


def looks(row: Sequence[Any], now: int) -> dict[str, Any]:
    """The fields of a `Person` or a `Profile`, from a row that begins with `COLUMNS`."""
    uid, username, name, is_bot, is_guest, avatar, emoji, text, until_ts, dnd_until_ts = row[:10]
    is_deleted = row[10]
    is_said = (emoji or text) and (until_ts is None or until_ts > now)
    return {
        "uid": uid,
        "username": username,
        "name": name or None,
        "avatar": avatar or None,
        "status": events.Status(emoji, text, until_ts) if is_said else None,
        "dnd_until_ts": dnd_until_ts if (dnd_until_ts or 0) > now else None,
        "bot": bool(is_bot),
        "guest": bool(is_guest),
        "deleted": bool(is_deleted),
    }


def peer(row: Sequence[Any]) -> events.Peer:
    """The other person of a direct conversation."""
    uid, username, name, is_bot, _, avatar = row[:6]
    return events.Peer(
        uid,
        username,
        name=name or None,
        avatar=avatar or None,
        bot=bool(is_bot),
        deleted=bool(row[10]),
    )


def looks_of(person: User) -> dict[str, Any]:
    """The same as `looks`, of a person whose profile is at hand."""
    said = getattr(person, "profile", None) or Profile()
    row = (
        *(person.pk, person.username, person.name, person.is_bot, person.is_guest, said.avatar),
        *(said.status_emoji, said.status_text, said.status_until_ts, said.dnd_until_ts),
        person.is_deleted,
    )
    return looks(row, now_ms())
