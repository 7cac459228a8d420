"""How somebody goes out of a room, and their own bots with them.

A bot reads what its owner may not: so it goes with them, and stays out while they are banned.
"""

from __future__ import annotations

from loopchat.accounts import bot_owners
from loopchat.chat.ledger import Actor, Ledger
from loopchat.chat.models import Membership, Room, RoomEvent
from loopchat.core.errors import Refused


def there_of(ledger: Ledger, room: Room, person: Actor) -> list[Membership]:
    """The person's own bots in the room, also after what this batch has staged."""
    bots = bot_owners.bots_of(person.id)
    if not bots:
        return []
    for row in Membership.objects.filter(room=room.pk, user__in=bots, left_seq=None):
        ledger.memberships.setdefault((room.pk, row.user_id), row)
    known = (ledger.memberships.get((room.pk, bot)) for bot in sorted(bots))
    return [row for row in known if row is not None and row.is_active]


def take_out(ledger: Ledger, room: Room, bot: Membership, by: Actor, kind: str) -> None:
    """The bot goes: `kick` or `leave`, as its owner does. It is not banned itself."""
    exit_from(ledger, room, bot, by, Actor(bot.user_id, bot.user.username), kind)


def refuse_bot_of_banned(ledger: Ledger, room: Room, person: Actor) -> None:
    """Refuse to let a bot in whose owner is banned here, whoever brings it."""
    owner = bot_owners.owners_of([person.id]).get(person.id)
    if owner is None:
        return
    key = (room.pk, owner)
    if key not in ledger.memberships:
        stored = Membership.objects.filter(room=room.pk, user=owner).first()
        if stored is None:
            return
        ledger.memberships[key] = stored
    if ledger.memberships[key].is_banned:
        raise Refused("forbidden", "{name} was banned from this room.", name=person.username)


def exit_from(
    ledger: Ledger,
    room: Room,
    membership: Membership,
    by: Actor,
    person: Actor,
    kind: str,
) -> int:
    """Log the removal: the last event of the room that this person gets."""
    room.member_count -= 1
    ledger.entered[person.id] -= 1
    seq = ledger.log(room, RoomEvent.Kind.MEMBERSHIP, by, subject=person, detail=kind)
    membership.left_seq = seq
    membership.role = Membership.Role.MEMBER
    ledger.change_membership(membership)
    ledger.touch([person.id])
    return seq
