"""Fill a new Loopchat database directly: `World` as JSON on standard input, `Seeded` on output.

The rows are those that the product itself would have written: every log runs from 1 without holes,
joins first, then messages, and everybody has read everything.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sys
from collections.abc import Iterator
from typing import Any

import django

from bench.peers.world import RoomPlan, World

_NOW = 1_750_000_000_000
_CHUNK = 20_000
_WORDS = "the quick brown fox jumps over the lazy dog and writes another line about lunch"


def main() -> None:
    """Migrate, fill, tell."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loopchat.settings")
    django.setup()
    from django.core.management import call_command

    world = World.from_json(sys.stdin.read())
    call_command("migrate", verbosity=0)
    tokens = _people(world.people)
    rooms = [_room(number, plan) for number, plan in enumerate(world.rooms)]
    json.dump({"tokens": tokens, "rooms": rooms}, sys.stdout)


def _people(count: int) -> list[str]:
    from loopchat.accounts.models import Instance, Token, User

    Instance.objects.update_or_create(pk=1, defaults=Instance.CLAIMED)
    names = [f"member{number}" for number in range(count)]
    people = [User(id=i + 1, username=n, username_key=n, password="!") for i, n in enumerate(names)]  # noqa: S106
    people[0].is_owner = True
    User.objects.bulk_create(people, batch_size=500)
    secrets_ = [f"lct_{secrets.token_urlsafe(32)}" for _ in people]
    digests = (hashlib.sha256(secret.encode()).hexdigest() for secret in secrets_)
    Token.objects.bulk_create(
        [Token(user=p, digest=d) for p, d in zip(people, digests, strict=True)], batch_size=500
    )
    return secrets_


def _room(number: int, plan: RoomPlan) -> int:
    from loopchat.chat.models import Membership, Room, RoomEvent

    joins, head = len(plan.members), len(plan.members) + plan.messages
    room = Room.objects.create(
        kind=Room.Kind.PUBLIC,
        slug=f"hall-{number}",
        name=f"Hall {number}",
        head=head,
        message_count=plan.messages,
        member_count=joins,
        created_ts=_NOW,
        updated_ts=_NOW,
    )
    RoomEvent.objects.bulk_create(
        (
            RoomEvent(
                room=room,
                seq=seq,
                kind=RoomEvent.Kind.MEMBERSHIP,
                actor_id=person + 1,
                subject_id=person + 1,
                detail="join",
                role="member",
                ts=_NOW,
            )
            for seq, person in enumerate(plan.members, start=1)
        ),
        batch_size=500,
    )
    Membership.objects.bulk_create(
        (
            Membership(
                room=room,
                user_id=person + 1,
                role="owner" if seq == 1 else "member",
                joined_seq=seq,
                read_seq=head,
                read_count=plan.messages,
                delivered_seq=head,
            )
            for seq, person in enumerate(plan.members, start=1)
        ),
        batch_size=500,
    )
    if plan.messages:
        _messages(room, plan)
    return int(room.pk)


def _messages(room: Any, plan: RoomPlan) -> None:
    from django.db import connection, transaction

    from loopchat.chat.models import Message

    columns = ("room_id", "seq", "ordinal", "author_id", "cid", "digest", "body", "ts")
    marks = ", ".join(["%s"] * len(columns))
    statement = f"INSERT INTO chat_message ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608
    with transaction.atomic(), connection.cursor() as cursor:
        for rows in _rows(room.pk, plan, as_hex=connection.vendor == "sqlite"):
            cursor.executemany(statement, rows)
    room.last_message_id = Message.objects.get(room=room, seq=room.head).pk
    room.save(update_fields=["last_message_id"])


def _rows(room: int, plan: RoomPlan, *, as_hex: bool) -> Iterator[list[tuple[Any, ...]]]:
    joins = len(plan.members)
    for begin in range(0, plan.messages, _CHUNK):
        yield [
            (
                room,
                joins + number + 1,
                number + 1,
                plan.members[number % joins] + 1,
                f"{room:012x}{number:020x}" if as_hex else _uuid(room, number),
                bytes(16),
                f"{number} {_WORDS}",
                _NOW + number,
            )
            for number in range(begin, min(begin + _CHUNK, plan.messages))
        ]


def _uuid(room: int, number: int) -> str:
    text = f"{room:012x}{number:020x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


if __name__ == "__main__":
    main()
