"""One message by its id, for somebody who may read it."""

from __future__ import annotations

from loopchat.accounts.models import User
from loopchat.chat import access, history
from loopchat.chat.ledger import Actor
from loopchat.chat.models import Membership, Message, Room, Saved
from loopchat.core.errors import Refused
from loopchat.realtime import events


def room_of(person: Actor, message_id: int) -> int:
    """The room that a message is in, for its members; what they may do with it is asked there."""
    return _found(person, message_id)[0].room_id


def room_of_saved(person: Actor, message_id: int) -> int:
    """The same for a message that one has saved, whether one may still read it or not."""
    saved = Saved.objects.filter(user=person.id, message=message_id)
    room_id = saved.values_list("message__room_id", flat=True).first()
    return room_of(person, message_id) if room_id is None else room_id


def message(person: User | Actor, message_id: int) -> events.ChatMessage:
    """A message as it is now, drawn as in a page of history; a deleted one without its text."""
    row, room, membership = _found(person, message_id)
    if row.seq < access.first_visible(room, membership):
        raise _nothing()
    return history.drawn([row])[0]


def newest(person: Actor, room_id: int, *, most: int) -> list[tuple[int, int, int]]:
    """The newest messages of a room as seq, id and author, the oldest of them first."""
    room = Room.objects.filter(pk=room_id).first()
    mine = Membership.objects.filter(user=person.id, room=room_id).first()
    room, membership = access.member(room, mine)
    rows = Message.objects.filter(room=room_id, seq__gte=access.first_visible(room, membership))
    return list(rows.order_by("-seq").values_list("seq", "pk", "author_id")[:most])[::-1]


def _found(person: User | Actor, message_id: int) -> tuple[Message, Room, Membership]:
    """A message of a room that somebody is in.

    Other people's messages are refused as those that there are not: ids can be guessed.
    """
    row = Message.objects.filter(pk=message_id).select_related("room").first()
    if row is None:
        raise _nothing()
    mine = Membership.objects.filter(user=person.id, room=row.room_id).first()
    try:
        return (row, *access.member(row.room, mine))
    except Refused as no:
        raise _nothing() if no.code == "not_found" or person.is_guest else no from None


def _nothing() -> Refused:
    return Refused("not_found", "There is no such message.")
