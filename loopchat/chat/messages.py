"""What a person can do with messages: send, edit, delete, react, pin."""

from __future__ import annotations

from uuid import UUID

from loopchat.accounts import rates
from loopchat.chat import posting
from loopchat.chat.ledger import Actor, Done
from loopchat.chat.models import Membership
from loopchat.chat.writer import writer
from loopchat.core.limits import refuse_fast
from loopchat.realtime.events import Asked, Guise


def send(
    room_id: int,
    author: Actor,
    *,
    cid: UUID,
    body: str,
    reply_to: int | None = None,
    guise: Guise | None = None,
    asked: Asked | None = None,
) -> Done:
    """Store a message and tell the room; the same `cid` again returns what was stored first.

    `guise` and `asked` are for programs: how this one wants to be seen with this message, and whose
    command it answers.
    """
    draft = posting.Send.draft(
        room_id, author, cid=cid, body=body, reply_to=reply_to, guise=guise, asked=asked
    )
    return writer.run(draft)


def refuse_haste(room_id: int, person_id: int) -> None:
    """Slow a room down in which too much is said; who may not be there takes nothing of it."""
    mine = Membership.objects.filter(room=room_id, user=person_id, left_seq=None)
    if mine.filter(standing__in=Membership.SHOWN).exists():
        refuse_fast(rates.in_rooms.take(room_id))


def edit(
    room_id: int, person: Actor, *, message_id: int, body: str, seen: str | None = None
) -> Done:
    """Give one's own message another text; with `seen` only in place of that one."""
    return writer.run(
        posting.Edit.draft(room_id, person, message_id=message_id, body=body, seen=seen)
    )


def delete(room_id: int, person: Actor, *, message_id: int) -> Done:
    """Empty a message for ever: the author, and moderators of the room."""
    return writer.run(posting.Delete(room_id, person, message_id))


def pin(room_id: int, person: Actor, *, message_id: int, on: bool) -> Done:
    """Keep a message in sight for the room or let it go; `seq` is None when nothing changed."""
    return writer.run(posting.Pin(room_id, person, message_id, on))


def react(room_id: int, person: Actor, *, message_id: int, emoji: str, on: bool) -> Done:
    """Put an emoji on a message or take it away; `seq` is None when nothing changed."""
    return writer.run(
        posting.React.draft(room_id, person, message_id=message_id, emoji=emoji, on=on)
    )
