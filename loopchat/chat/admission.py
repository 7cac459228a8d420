"""Whom somebody may begin to write to: as the others want it, and as they block."""

from __future__ import annotations

from collections.abc import Collection

from loopchat.chat.declined import those_who_declined
from loopchat.chat.models import Membership, Room
from loopchat.contacts import pairs, privacy
from loopchat.contacts.blocks import blocked_pairs
from loopchat.contacts.models import Privacy
from loopchat.core.errors import Refused

Standing = Membership.Standing
Writers = Privacy.Writers


def standings(by: int, people: Collection[int]) -> dict[int, Standing]:
    """How a conversation that `by` begins lands with each of these people.

    Five queries at most, whatever their number. Refuses when `by` blocks one of them. Whoever has
    said no to `by` hears nothing of it, as if they blocked them.
    """
    others = {person for person in people if person != by}
    blocks = blocked_pairs({by, *others}) if others else set()
    if any((by, other) in blocks for other in others):
        raise Refused("blocked", "You have blocked this person.")
    found = dict.fromkeys(people, Standing.OPEN)
    found.update(dict.fromkeys(_choosy(by, others), Standing.REQUEST))
    found.update(dict.fromkeys(those_who_declined(by, others), Standing.HIDDEN))
    found.update((other, Standing.HIDDEN) for other in others if (other, by) in blocks)
    return found


def wish(person: int, by: int) -> Standing:
    """How somebody wants a conversation with `by` to stand, blocks aside: never a refusal."""
    if those_who_declined(by, [person]):
        return Standing.HIDDEN
    return Standing.REQUEST if _choosy(by, {person}) else Standing.OPEN


def refuse_unwanted(by: int, people: dict[int, str]) -> None:
    """Refuse to bring people (name by id) into a room who want it otherwise; blocks look alike."""
    for person, standing in standings(by, people).items():
        if standing != Standing.OPEN:
            raise unwanted(people[person])


def unwanted(name: str) -> Refused:
    """The one answer about everybody who cannot be brought in, whatever the reason."""
    return Refused("forbidden", "{name} cannot be added by you.", field="people", name=name)


def _choosy(by: int, others: Collection[int]) -> set[int]:
    """Those of the others who want to be asked before somebody writes to them."""
    wanted = {pk: row.write for pk, row in privacy.stored(others).items()} if others else {}
    choosy = {pk for pk, rule in wanted.items() if rule != Writers.EVERYONE}
    known = pairs.friends_of(by, choosy) if choosy else set()
    near = {pk for pk in choosy - known if wanted[pk] == Writers.ROOMS}
    known |= _sharing_a_room(by, near) if near else set()
    return choosy - known


def _sharing_a_room(by: int, people: Collection[int]) -> set[int]:
    """Those who are in a room with somebody; a conversation of two is none."""
    mine = Membership.objects.filter(user=by, left_seq=None, standing=Standing.OPEN)
    theirs = Membership.objects.filter(
        user__in=people,
        left_seq=None,
        standing=Standing.OPEN,
        room__deleted_ts=None,
        room__in=mine.values("room"),
    ).exclude(room__kind=Room.Kind.DIRECT)
    return set(theirs.values_list("user_id", flat=True))
