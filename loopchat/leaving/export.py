"""All that is stored about one person, as a zip of JSON files.

Rows are read and written a portion at a time into a temporary file, so the size of somebody's
history does not matter to the memory of the server.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import IO, Any, Final

from django.db import connection, transaction
from django.db.models import F, Q

from loopchat.accounts import profiles
from loopchat.accounts.models import Device, Token, User
from loopchat.bots.models import Bot
from loopchat.chat.models import Declined, Draft, Membership, Message, Preferences, Reaction, Saved
from loopchat.contacts.models import Block, FriendRequest, Friendship
from loopchat.invitations.models import Invitation

PORTION: Final = 1000
_IN_MEMORY: Final = 1024 * 1024

Row = Mapping[str, Any]

_READ_ME: Final = """\
What this server has stored about you, as JSON. Times that end in _ts are milliseconds since 1970;
the others are in ISO 8601. Messages of other people belong to them and are not in here.
"""


def write(person: User) -> IO[bytes]:
    """The zip, at its beginning. It goes when it is closed."""
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the caller closes it
    try:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("README.txt", _READ_ME)
            for name, rows in PARTS.items():
                with archive.open(f"{name}.json", "w", force_zip64=True) as part, _one_view():
                    _write_list(part, rows(person))
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _one_view() -> AbstractContextManager[None]:
    """A transaction where reading by portions needs one: a cursor of PostgreSQL belongs to a
    connection, and behind a pooler that is the same one for a transaction only. On SQLite a
    transaction would keep writers out.
    """
    return transaction.atomic() if connection.vendor == "postgresql" else nullcontext()


def _write_list(part: IO[bytes], rows: Iterable[Row]) -> None:
    part.write(b"[")
    for at, row in enumerate(rows):
        text = json.dumps(dict(row), ensure_ascii=False, default=_plain)
        part.write((",\n" if at else "\n").encode() + text.encode("utf-8", "replace"))
    part.write(b"\n]\n")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _account(person: User) -> Iterator[Row]:
    said = profiles.of(person)
    yield {
        **{name: getattr(person, name) for name in _ACCOUNT},
        **{name: getattr(said, name) for name in _PROFILE},
    }


_ACCOUNT: Final = (
    *("id", "username", "name", "email", "created_at", "last_login", "last_seen_ts"),
    *("is_owner", "is_staff", "is_bot", "is_guest", "guest_until"),
)
_PROFILE: Final = (
    *("about", "status_emoji", "status_text", "status_until_ts", "time_zone"),
    *("dnd_until_ts", "avatar"),
)


def _emails(person: User) -> Iterator[Row]:
    from allauth.account.models import EmailAddress

    rows = EmailAddress.objects.filter(user=person).order_by("pk")
    yield from rows.values("email", "verified", "primary")


def _rooms(person: User) -> Iterator[Row]:
    rows = Membership.objects.filter(user=person).select_related("room").order_by("room")
    for row in rows.iterator(PORTION):
        is_in = row.is_active and row.room.deleted_ts is None
        yield {
            "room": row.room_id,
            "kind": row.room.kind,
            "name": row.room.name if is_in else "",  # what it is called now is not theirs to know
            "role": row.role,
            "is_in": is_in,
            "joined_seq": row.joined_seq,
            "left_seq": row.left_seq,
            "read_seq": row.read_seq,
            "level": row.level,
            "muted_until": row.muted_until,
        }


def _messages(person: User) -> Iterator[Row]:
    rows = Message.objects.filter(author=person, deleted_ts=None).order_by("pk")
    for row in rows.prefetch_related("revisions").iterator(PORTION):
        yield {
            "room": row.room_id,
            "id": row.pk,
            "seq": row.seq,
            "ts": row.ts,
            "edited_ts": row.edited_ts,
            "reply_to": row.reply_to_id,
            "message": row.body,
            "earlier": [{"message": old.body, "ts": old.ts} for old in row.revisions.all()],
        }


def _reactions(person: User) -> Iterator[Row]:
    rows = Reaction.objects.filter(user=person).order_by("pk")
    yield from rows.values("message_id", "emoji").iterator(PORTION)


def _saved(person: User) -> Iterator[Row]:
    rows = Saved.objects.filter(user=person).order_by("pk")
    yield from rows.values("message_id", "message__room_id", "ts").iterator(PORTION)


def _drafts(person: User) -> Iterator[Row]:
    rows = Draft.objects.filter(user=person).order_by("pk")
    yield from rows.values("room_id", "body", "reply_to", "ts").iterator(PORTION)


def _preferences(person: User) -> Iterator[Row]:
    for row in Preferences.objects.filter(user=person).values():
        yield {name: value for name, value in row.items() if name != "user_id"}


def _friends(person: User) -> Iterator[Row]:
    rows = Friendship.objects.filter(Q(first=person) | Q(second=person))
    for row in rows.select_related("first", "second").order_by("pk").iterator(PORTION):
        other = row.second if row.first_id == person.pk else row.first
        yield {"username": other.username, "created_at": row.created_at}


def _requests(person: User) -> Iterator[Row]:
    """What one asked of others, and what one was asked and has not answered.

    What one has taken back is gone: the row stays only where somebody has said no, or blocks.
    """
    sent = FriendRequest.objects.filter(sender=person, is_withdrawn=False).order_by("pk")
    yield from sent.values("receiver__username", "note", "created_at").iterator(PORTION)
    received = FriendRequest.objects.filter(receiver=person, rejected_at=None).order_by("pk")
    yield from received.values("sender__username", "note", "created_at").iterator(PORTION)


def _blocks(person: User) -> Iterator[Row]:
    rows = Block.objects.filter(owner=person).order_by("pk")
    yield from rows.values("blocked__username", "created_at").iterator(PORTION)


def _declined(person: User) -> Iterator[Row]:
    """What one has said no to, as long as the no holds."""
    rows = Declined.objects.filter(user=person).order_by("pk")
    yield from rows.values("by__username", "room_id", "ts").iterator(PORTION)


def _devices(person: User) -> Iterator[Row]:
    rows = Device.objects.filter(user=person).order_by("pk")
    yield from rows.values("agent", "address", "created_at", "last_active_at").iterator(PORTION)


def _tokens(person: User) -> Iterator[Row]:
    rows = Token.objects.filter(user=person).order_by("pk")
    known = rows.values("label", "created_at", "last_used_at", "expires_at")
    yield from known.iterator(PORTION)


def _invitations(person: User) -> Iterator[Row]:
    rows = Invitation.objects.filter(created_by=person).order_by("pk")
    names = ("kind", "room_id", "label", "email", "uses", "max_uses", "is_signed")
    times = ("created_at", "expires_at", "revoked_at")
    yield from rows.values(*names, *times).iterator(PORTION)


def _bots(person: User) -> Iterator[Row]:
    rows = Bot.objects.filter(owner=person).order_by("pk")
    named = {"username": F("user__username"), "name": F("user__name")}
    yield from rows.values("created_at", "deleted_at", **named).iterator(PORTION)


PARTS: Final[dict[str, Callable[[User], Iterator[Row]]]] = {
    "account": _account,
    "emails": _emails,
    "rooms": _rooms,
    "messages": _messages,
    "reactions": _reactions,
    "saved": _saved,
    "drafts": _drafts,
    "preferences": _preferences,
    "friends": _friends,
    "friend_requests": _requests,
    "blocks": _blocks,
    "declined": _declined,
    "devices": _devices,
    "tokens": _tokens,
    "invitations": _invitations,
    "bots": _bots,
}
"""The files of the zip, and what is in each."""
