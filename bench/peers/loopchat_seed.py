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
import uuid
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
    """Straight into the table: a million model instances would take minutes."""
    from django.db import connection, transaction

    from loopchat.chat.models import Message

    sample = Message(room=room, author_id=1, cid=uuid.UUID(int=0), digest=bytes(16), body="", ts=0)
    stored = Message._meta.concrete_fields  # noqa: SLF001 - documented, in spite of its name
    fields = [field for field in stored if not field.primary_key]
    usual = {
        str(field.column): field.get_db_prep_save(field.pre_save(sample, True), connection)
        for field in fields
    }
    names = ", ".join(connection.ops.quote_name(name) for name in usual)
    marks = ", ".join(["%s"] * len(usual))
    statement = f"INSERT INTO chat_message ({names}) VALUES ({marks})"  # noqa: S608
    with transaction.atomic(), connection.cursor() as cursor:
        for rows in _rows(plan, usual, room=room.pk, as_hex=connection.vendor == "sqlite"):
            cursor.executemany(statement, rows)
    room.last_message_id = Message.objects.get(room=room, seq=room.head).pk
    room.save(update_fields=["last_message_id"])


def _rows(
    plan: RoomPlan, usual: dict[str, Any], *, room: int, as_hex: bool
) -> Iterator[list[tuple[Any, ...]]]:
    joins = len(plan.members)
    for begin in range(0, plan.messages, _CHUNK):
        rows = []
        for number in range(begin, min(begin + _CHUNK, plan.messages)):
            cid = uuid.UUID(int=room << 80 | number)
            row = usual | {
                "seq": joins + number + 1,
                "ordinal": number + 1,
                "author_id": plan.members[number % joins] + 1,
                "cid": cid.hex if as_hex else cid,
                "body": f"{number} {_WORDS}",
                "ts": _NOW + number,
            }
            rows.append(tuple(row.values()))
        yield rows


if __name__ == "__main__":
    main()
