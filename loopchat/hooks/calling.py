"""Which messages of the rooms' logs call which hooks, and by what. It reads and writes nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from loopchat.chat.models import Mention, Message, Room
from loopchat.contacts.blocks import apart_from
from loopchat.hooks.models import Hook

Place = tuple[int, int]
"""A hook and a room."""

Call = tuple[Message, str]
"""A message (its text is not read), and what calls the hook: direct, mention or room."""


class Span(NamedTuple):
    """A piece of a room's log that a hook has not heard: behind `after`, up to `upto`.

    `heard` is its cursor; what lies between that and `after` was looked at, and called nobody.
    """

    hook_id: int
    bot_id: int
    room_id: int
    heard: int
    after: int
    upto: int

    @property
    def place(self) -> Place:
        """Whose log it is of."""
        return self.hook_id, self.room_id


@dataclass(frozen=True, slots=True)
class _Known:
    """What is read once for all spans."""

    hooks: Mapping[int, Hook]
    rooms: Mapping[int, Room]
    apart: Mapping[int, Collection[int]]


def find(spans: Sequence[Span]) -> dict[Place, list[Call]]:
    """The calls in these spans, in the order of the logs; places without any are not in it.

    Reads each piece of a log once, however many hooks hear it.
    """
    if not spans:
        return {}
    known = _Known(
        Hook.objects.in_bulk({span.hook_id for span in spans}),
        Room.objects.in_bulk({span.room_id for span in spans}),
        apart_from({span.bot_id for span in spans}),
    )
    pieces: dict[tuple[int, int, int], list[Span]] = {}
    for span in spans:
        if span.hook_id in known.hooks and span.room_id in known.rooms:
            pieces.setdefault((span.room_id, span.after, span.upto), []).append(span)
    found: dict[Place, list[Call]] = {}
    for piece in pieces.values():
        found |= _in_piece(piece, known)
    return found


def _in_piece(piece: Sequence[Span], known: _Known) -> dict[Place, list[Call]]:
    """Calls in one piece of one log, which all these hooks have before them."""
    _, _, room_id, _, after, upto = piece[0]
    within = {"room": room_id, "seq__gt": after, "seq__lte": upto}
    said = Message.objects.filter(**within, deleted_ts=None, author__is_bot=False)
    messages = list(said.order_by("seq").only("room_id", "author_id", "seq"))
    if not messages:
        return {}
    rows = Mention.objects.filter(**within, user__in={span.bot_id for span in piece})
    named = set(rows.values_list("user_id", "message_id"))
    found = {span.place: _of_hook(span, messages, named, known) for span in piece}
    return {place: calls for place, calls in found.items() if calls}


def _of_hook(
    span: Span, messages: Sequence[Message], named: Collection[tuple[int, int]], known: _Known
) -> list[Call]:
    hook, room = known.hooks[span.hook_id], known.rooms[span.room_id]
    apart = known.apart.get(span.bot_id, ())
    calls = []
    for message in messages:
        trigger = _trigger(hook, room, is_named=(span.bot_id, message.pk) in named)
        if trigger is not None and message.author_id not in apart:
            calls.append((message, trigger))
    return calls


def _trigger(hook: Hook, room: Room, *, is_named: bool) -> str | None:
    if hook.on_direct and room.kind == Room.Kind.DIRECT:
        return "direct"
    if hook.on_mention and is_named:
        return "mention"
    return "room" if room.pk in hook.rooms else None
