"""What a socket gets after `hello`: what it has missed, and the rooms in which it is live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from loopchat import rows
from loopchat.chat import access, log, nearby, reading
from loopchat.chat.models import Membership, Room
from loopchat.contacts import circles, privacy
from loopchat.realtime import events
from loopchat.realtime.veil import CLEAR, Veil

ROOM_MAX: Final = 500
"""Missed events of one room that are replayed; beyond it the room is read anew."""

TOTAL_MAX: Final = 2_000
"""Missed events of all rooms together."""

AFTERMATH_MAX: Final = 5_000
"""Events after a removal through which it is looked whether they changed what was before it."""

BYTES_MAX: Final = 256 * 1024
"""Bytes of missed events of all rooms together."""


@dataclass(slots=True)
class Hello:
    """Encoded objects in the order in which they go out, then `ready`."""

    version: int
    missed: list[bytes] = field(default_factory=list)
    rooms: list[events.RoomSummary] = field(default_factory=list)
    people: list[events.Person] = field(default_factory=list)
    preferences: events.PreferencesState | None = None
    privacy: events.PrivacyState | None = None
    contacts: list[events.ContactState] = field(default_factory=list)
    veil: Veil = CLEAR


@dataclass(frozen=True, slots=True)
class _Gap:
    room: int
    after: int
    upto: int

    @property
    def size(self) -> int:
        return self.upto - self.after


def hello(user_id: int, cursors: Mapping[int, int], *, same_epoch: bool) -> Hello:
    """Everything for one `hello`, in a number of statements that does not grow with the rooms.

    The rights are read first: what changes meanwhile raises the person's version, and is noticed.
    """
    [(version,)] = rows.select("SELECT version FROM accounts_user WHERE id = %s", [user_id])
    memberships = reading.memberships_of(user_id)
    circle, shown = circles.around(user_id), privacy.of(user_id)
    quiet = [one.room_id for one in memberships if one.standing == Membership.Standing.REQUEST]
    result = Hello(
        version,
        rooms=reading.summaries(memberships),
        people=nearby.people_of(circle, memberships),
        preferences=reading.preferences_of(user_id, shown),
        privacy=privacy.state(shown),
        contacts=circle.contacts,
        veil=privacy.veil(shown, circle, quiet),
    )
    mine = {one.room_id: one for one in memberships}
    strangers = set(cursors) - set(mine)
    gaps, void = _gaps(mine, cursors, same_epoch=same_epoch)
    if strangers and same_epoch:
        gaps += _gaps_before_removal(user_id, strangers, cursors)
    gaps, far = _affordable(gaps)
    far += _replay(result, gaps)
    void.update((room_id, "too_far") for room_id in far if room_id in mine)
    for room_id, reason in void.items():
        head = mine[room_id].room.head
        resync = events.Resync(room=room_id, head=head, reason=reason)  # type: ignore[arg-type]
        result.missed.append(events.encode(resync))
    removed = (events.RoomRemoved(room=room_id) for room_id in sorted(strangers))
    result.missed += [events.encode(event) for event in removed]
    return result


def _gaps(
    mine: Mapping[int, Membership], cursors: Mapping[int, int], *, same_epoch: bool
) -> tuple[list[_Gap], dict[int, str]]:
    """What is missing per room, and the rooms whose cursors are void."""
    gaps: list[_Gap] = []
    void: dict[int, str] = {}
    for room_id, cursor in cursors.items():
        row = mine.get(room_id)
        if row is None:
            continue
        if not same_epoch:
            void[room_id] = "epoch"
        elif cursor > row.room.head:
            void[room_id] = "ahead"
        elif _is_far(row.room, row, cursor):
            void[room_id] = "too_far"
        elif cursor < row.room.head:
            gaps.append(_Gap(room_id, cursor, row.room.head))
    return gaps, void


def _is_far(room: Room, membership: Membership, cursor: int) -> bool:
    before_my_time = cursor + 1 < access.first_visible(room, membership)
    return before_my_time or room.head - cursor > ROOM_MAX


def _affordable(gaps: list[_Gap]) -> tuple[list[_Gap], list[int]]:
    """Small gaps first, up to the total; the other rooms are too far."""
    total = 0
    kept: list[_Gap] = []
    for gap in sorted(gaps, key=lambda gap: gap.size):
        total += gap.size
        if total > TOTAL_MAX:
            break
        kept.append(gap)
    return kept, [gap.room for gap in gaps if gap not in kept]


def _replay(result: Hello, gaps: list[_Gap]) -> list[int]:
    """Take in what was missed; the rooms for which it is too much."""
    found = log.read_many({gap.room: (gap.after, gap.upto) for gap in gaps})
    left = BYTES_MAX
    far: list[int] = []
    for gap in gaps:
        entries = found.get(gap.room, [])
        left -= sum(len(entry.data) + 1 for entry in entries)
        if len(entries) != gap.size or left < 0:
            far.append(gap.room)
        else:
            result.missed += [entry.data for entry in entries]
    return far


# Messages are told as they are now: what became of one after the removal is nothing for whom it
# removed, so then nothing is told at all.
_CHANGED_SINCE: Final = (
    "SELECT DISTINCT event.room_id FROM chat_roomevent event"
    " JOIN chat_message message ON message.id = event.message_id"
    " JOIN chat_membership mine ON mine.room_id = event.room_id"
    " WHERE mine.user_id = %s AND event.seq > mine.left_seq AND message.seq <= mine.left_seq"
)


def _changed_since() -> str:
    return f"{_CHANGED_SINCE} AND {rows.in_list('event.room_id')}"


def _gaps_before_removal(
    user_id: int, strangers: set[int], cursors: Mapping[int, int]
) -> list[_Gap]:
    """Rooms that are not mine any more: what was missed up to my own removal, if that is near."""
    left = Membership.objects.filter(
        user=user_id,
        room__in=strangers,
        left_seq__isnull=False,
        standing__in=Membership.SHOWN,
        room__deleted_ts=None,
    )
    gaps = {
        one.room_id: _Gap(one.room_id, cursors[one.room_id], one.left_seq or 0)
        for one in left.select_related("room")
        if one.room.head - (one.left_seq or 0) <= AFTERMATH_MAX
        and one.joined_seq <= cursors[one.room_id] + 1
    }
    near = {room: gap for room, gap in gaps.items() if 0 < gap.size <= ROOM_MAX}
    for (room,) in rows.select(_changed_since(), [user_id, rows.a_list(near)]) if near else ():
        del near[room]
    return list(near.values())
