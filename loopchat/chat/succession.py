"""Who owns a room after its last owner has gone."""

from __future__ import annotations

from typing import Final

from loopchat.chat import access
from loopchat.chat.ledger import Actor, Ledger
from loopchat.chat.models import Membership, Room, RoomEvent

Role = Membership.Role

HEIRS_MAX: Final = 20
"""People who are considered: more do not leave in one batch."""


def hand_over(ledger: Ledger, room: Room, leaver: Actor) -> None:
    """Make another member the owner, unless there is one: who has most to say, and came first.

    Nobody becomes it who is a guest, a bot, or has not said yes to the room.
    """
    there = _others(ledger, room, leaver)
    if not there or any(row.role == Role.OWNER for row in there):
        return
    row = there[0]
    heir = Actor(row.user_id, row.user.username)
    row.role = Role.OWNER
    ledger.change_membership(row)
    ledger.touch([heir.id])
    kind = RoomEvent.Kind.MEMBERSHIP
    ledger.log(room, kind, leaver, subject=heir, detail="role", role=Role.OWNER)


def _others(ledger: Ledger, room: Room, leaver: Actor) -> list[Membership]:
    """Owners first, then moderators, of each those first who came first."""
    rows = Membership.objects.filter(
        room=room.pk,
        left_seq=None,
        standing=Membership.Standing.OPEN,
        user__is_active=True,
        user__is_guest=False,
        user__is_bot=False,
    )
    others = rows.exclude(user=leaver.id).annotate(weight=access.ranked())
    found = others.select_related("user").order_by("-weight", "joined_seq")[:HEIRS_MAX]
    # What this batch has staged about them counts.
    staged = [ledger.memberships.setdefault((room.pk, row.user_id), row) for row in found]
    return [row for row in staged if row.is_active]
