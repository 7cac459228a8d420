"""Every object that the server sends on a socket: the protocol, as types.

Field names are the protocol's. A field that holds its default is left out of the frame. Ids and
`seq` are integers below 2^53; times (`…_ts`, `ts`) are milliseconds since the epoch.
"""

from __future__ import annotations

from loopchat.realtime.events.base import (
    Event,
    MembershipKind,
    PresenceState,
    encode,
)
from loopchat.realtime.events.log import (
    Asked,
    ChatMessage,
    Deleted,
    Edited,
    Guise,
    Membership,
    Pinned,
    Reaction,
    ReactionCount,
    RoomChanged,
)
from loopchat.realtime.events.moment import (
    Delivered,
    MessageRead,
    OnlineCount,
    Presence,
    UserTyping,
)
from loopchat.realtime.events.people import (
    Contact,
    ContactState,
    Member,
    Person,
    Preferences,
    PreferencesState,
    Privacy,
    PrivacyState,
    Profile,
    Status,
)
from loopchat.realtime.events.personal import (
    Draft,
    Notification,
    Saved,
    Whisper,
)
from loopchat.realtime.events.rooms import (
    DraftText,
    LastMessage,
    MemberCursor,
    MessageRequest,
    Peer,
    PublicRoom,
    RoomAdded,
    RoomRemoved,
    RoomSettings,
    RoomSummary,
)
from loopchat.realtime.events.session import (
    Degraded,
    GoAway,
    Ready,
    Resync,
    Welcome,
)

__all__ = [
    "Asked",
    "ChatMessage",
    "Contact",
    "ContactState",
    "Degraded",
    "Deleted",
    "Delivered",
    "Draft",
    "DraftText",
    "Edited",
    "Event",
    "GoAway",
    "Guise",
    "LastMessage",
    "Member",
    "MemberCursor",
    "Membership",
    "MembershipKind",
    "MessageRead",
    "MessageRequest",
    "Notification",
    "OnlineCount",
    "Peer",
    "Person",
    "Pinned",
    "Preferences",
    "PreferencesState",
    "Presence",
    "PresenceState",
    "Privacy",
    "PrivacyState",
    "Profile",
    "PublicRoom",
    "Reaction",
    "ReactionCount",
    "Ready",
    "Resync",
    "RoomAdded",
    "RoomChanged",
    "RoomRemoved",
    "RoomSettings",
    "RoomSummary",
    "Saved",
    "Status",
    "UserTyping",
    "Welcome",
    "Whisper",
    "encode",
]
