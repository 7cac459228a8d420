"""Long rooms, written straight into the tables inside of `loopchat manage shell`.

Standard input is JSON: the names of the members, and a name and a length for each room.
The rows are those that the product would have written: the numbers of a log have no holes, and
everybody has read everything. The messages are four minutes apart and end now.
"""

from __future__ import annotations

import json
import sys
from uuid import uuid4

from django.db import connection, transaction

from loopchat.accounts.models import User
from loopchat.chat import rooms
from loopchat.chat.models import Membership, Message, Room, RoomEvent
from loopchat.core.clock import now_ms

STEP = 4 * 60_000
SENTENCE = "quick brown foxes jump over lazy dogs and write another line about their lunch " * 2
CID = {
    "sqlite": "printf('%%08x', n) || substr(cid, 9)",
    "postgresql": "(lpad(to_hex(n), 8, '0') || substr(cid::text, 9))::uuid",
}

plan = json.load(sys.stdin)
people = [User.objects.get(username=name) for name in plan["people"]]
authors = " ".join(f"WHEN {at} THEN {person.pk}" for at, person in enumerate(people))
now = now_ms()
OTHERS = {
    "seq": "seq + n",
    "ordinal": "ordinal + n",
    "author_id": f"CASE (n / 3) %% {len(people)} {authors} END",
    "cid": CID[connection.vendor],
    "body": "'message number ' || (n + 1) || ': ' || substr(%s, 1, n * 7 %% 120)",
    "ts": f"ts + n * {STEP}",
}
columns = [field.column for field in Message._meta.concrete_fields if not field.primary_key]
FILL = f"""
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < %s)
    INSERT INTO chat_message ({", ".join(columns)})
    SELECT {", ".join(OTHERS.get(column, column) for column in columns)}
    FROM chat_message, numbers WHERE chat_message.id = %s ORDER BY n
"""  # noqa: S608 - names of columns

for name, count in plan["rooms"].items():
    room = rooms.create(people[0], kind="public", name=name, topic="", people=people[1:])
    room = Room.objects.get(pk=room.pk)
    begin = now - (count - 1) * STEP
    RoomEvent.objects.filter(room=room).update(ts=begin - STEP)
    with transaction.atomic(), connection.cursor() as cursor:
        first = Message.objects.create(
            room=room,
            seq=room.head + 1,
            ordinal=1,
            author=people[0],
            cid=uuid4(),
            digest=bytes(16),
            body="message number 1: the first one",
            ts=begin,
        )
        cursor.execute(FILL, [count, SENTENCE, first.pk])
        room.head, room.message_count, room.updated_ts = room.head + count, count, now
        room.last_message = Message.objects.get(room=room, seq=room.head)
        room.save()
        Membership.objects.filter(room=room).update(
            read_seq=room.head, delivered_seq=room.head, read_count=count
        )
