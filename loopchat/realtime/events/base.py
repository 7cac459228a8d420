"""What every object that the server sends is."""

from __future__ import annotations

from typing import Literal

import msgspec

MembershipKind = Literal["join", "leave", "kick", "ban", "role"]
PresenceState = Literal["online", "away", "offline"]


class Event(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", kw_only=True):
    """Something that happened, in the words of the protocol."""


_encode = msgspec.json.Encoder().encode


def encode(event: msgspec.Struct | dict[str, object]) -> bytes:
    """The JSON object of an event or reply, as UTF-8 without a newline."""
    return _encode(event)
