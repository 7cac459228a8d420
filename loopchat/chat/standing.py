"""How a conversation stands with one of its people: open, waiting for a yes, or hidden.

None of it is an event of the log: the others are not told.
"""

from __future__ import annotations

from dataclasses import dataclass

from loopchat.accounts import bot_owners
from loopchat.accounts.models import User
from loopchat.chat import admission, wire
from loopchat.chat.crowding import refuse_landing
from loopchat.chat.ledger import Actor, Done, Ledger, Needs, direct_key
from loopchat.chat.models import Membership, Message, Room
from loopchat.contacts import blocks, pairs
from loopchat.realtime import events

Standing = Membership.Standing


@dataclass(frozen=True, slots=True)
class SetBlock:
    """Somebody is blocked or not any more, and the conversation of the two goes or comes back."""

    by: Actor
    other: Actor
    on: bool

    def needs(self, needs: Needs) -> None:
        needs.people.update((self.by.id, self.other.id))

    def decide(self, ledger: Ledger) -> Done:
        # All that may refuse comes first: what the ORM has written stays, also after a refusal.
        pair = (self.by.id, self.other.id)
        pairs.lock(*pair)  # before the room, as whoever begins a conversation does
        people = User.objects.in_bulk(pair)
        change = blocks.put if self.on else blocks.lift
        is_new = change(people[self.by.id], people[self.other.id])
        rooms = [self._settle(ledger, one, is_new) for one in (self.other.id, *self._bots())]
        return Done(rooms[0], None, dup=not is_new)

    def _bots(self) -> list[int]:
        """Bots of the other with whom there is a conversation, by the ids of those rooms."""
        bots = bot_owners.bots_of(self.other.id)
        keys = {direct_key(self.by.id, bot): bot for bot in bots}
        found = Room.objects.filter(direct_key__in=keys, deleted_ts=None).order_by("pk")
        return [keys[key] for key in found.values_list("direct_key", flat=True) if key]

    def _settle(self, ledger: Ledger, other: int, is_new: bool) -> int:
        """Hide or show the conversation with one of them; the id of its room, or 0."""
        pair = (self.by.id, other)
        is_apart = self.on or pair in blocks.blocked_pairs(pair)  # a bot for itself as well
        (ledger.blocks.add if is_apart else ledger.blocks.discard)(pair)
        room = ledger.find_direct(direct_key(*pair), self.by.id)
        membership = ledger.memberships.get((room.pk, self.by.id)) if room else None
        if room is None or membership is None:
            return 0
        landed = Standing.HIDDEN if is_apart else admission.wish(*pair)
        if is_apart and membership.is_shown:
            hide(ledger, membership)
        elif is_new and landed != Standing.HIDDEN and room.message_count:
            show(ledger, room, membership, landed)
        return room.pk


def accept(ledger: Ledger, room: Room, membership: Membership, person: Actor) -> None:
    """It is a conversation like others from now on, also for the person's other devices."""
    membership.standing = Standing.OPEN
    ledger.change_membership(membership)
    ledger.touch([person.id])

    def told() -> events.Event:
        unread = wire.unread(room, membership)
        return events.MessageRequest(room=room.pk, request=False, unread=unread)

    ledger.tell(person.id, told)


def hide(ledger: Ledger, membership: Membership) -> None:
    """The person's list is without the room; in the log they stay."""
    membership.standing = Standing.HIDDEN
    ledger.change_membership(membership)
    ledger.touch([membership.user_id])


def show(ledger: Ledger, room: Room, membership: Membership, standing: Standing) -> None:
    """A direct room is back; what was said meanwhile is neither told nor unread.

    Events follow as after a join, so the person stands as one who has come after what is there.
    """
    _place(membership, standing, after=room.head, read=room.message_count)
    ledger.change_membership(membership)
    ledger.touch([membership.user_id])


def landing(ledger: Ledger, room: Room, author: Actor) -> dict[int, Standing]:
    """How a conversation of two lands with the other, with the first message that is said in it.

    Nothing for any later message. To be asked before that one is stored, because it may refuse.
    """
    if room.kind != Room.Kind.DIRECT or room.message_count:
        return {}
    others = ledger.others_in_direct(room.pk, author.id)
    unseen = [one for one in others if not ledger.memberships[(room.pk, one)].is_shown]
    found = admission.standings(author.id, unseen) if unseen else {}
    for user_id, landed in found.items():
        if landed != Standing.HIDDEN:
            refuse_landing(author, user_id, landed)
    return found


def land(ledger: Ledger, room: Room, first: Message, found: dict[int, Standing]) -> None:
    """The other sees the conversation from its first message on."""
    for user_id, landed in found.items():
        membership = ledger.memberships[(room.pk, user_id)]
        if landed == Standing.HIDDEN:
            membership.standing = landed
        else:
            _place(membership, landed, after=first.seq - 1, read=0)
            ledger.touch([user_id])
        ledger.change_membership(membership)


def _place(membership: Membership, standing: Standing, *, after: int, read: int) -> None:
    membership.standing = standing
    membership.joined_seq = after + 1
    membership.read_seq = membership.delivered_seq = after
    membership.read_count, membership.own_ahead = read, 0
    membership.unread_from = None
