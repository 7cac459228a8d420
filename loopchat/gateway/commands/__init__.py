"""The commands of `loopchat.v1`: a table from type to shape and function."""

from __future__ import annotations

from typing import Final

from loopchat.gateway import shapes
from loopchat.gateway.commands import contacting, live, looking, personal, slash, writing
from loopchat.gateway.commands.steps import Command

TABLE: Final[dict[str, Command]] = {
    "chat_message": Command(
        shapes.ChatMessage, writing.chat_message, is_send=True, for_guests=True
    ),
    "edit": Command(shapes.Edit, writing.edit, for_guests=True),
    "delete": Command(shapes.Delete, writing.delete, for_guests=True),
    "react": Command(shapes.React, writing.react, for_guests=True),
    "typing": Command(shapes.Typing, live.typing, for_guests=True),
    "mark_read": Command(shapes.MarkRead, live.mark_read, for_guests=True),
    "mark_unread": Command(shapes.MarkRead, live.mark_unread, for_guests=True),
    "delivered": Command(shapes.Delivered, live.delivered, for_guests=True, is_about_rooms=False),
    "history": Command(shapes.History, looking.page_of_history, for_guests=True, looks=True),
    "readers": Command(shapes.Readers, looking.readers, for_guests=True, looks=True),
    "open_direct": Command(shapes.OpenDirect, looking.open_direct),
    "join": Command(shapes.InRoom, writing.join),
    "leave": Command(shapes.InRoom, writing.leave, for_guests=True),
    "open": Command(shapes.Open, live.open_room, for_guests=True, looks=True),
    "presence": Command(
        shapes.Presence, live.presence, for_guests=True, looks=True, is_about_rooms=False
    ),
    "ping": Command(shapes.Ping, live.ping, for_guests=True, looks=True, is_about_rooms=False),
    "pin": Command(shapes.Pin, writing.pin),
    "pins": Command(shapes.InRoom, looking.pins, for_guests=True, looks=True),
    "revisions": Command(shapes.Readers, looking.revisions, for_guests=True, looks=True),
    "around": Command(shapes.Around, looking.around, for_guests=True, looks=True),
    "save": Command(shapes.Pin, personal.save, for_guests=True),
    "saves": Command(shapes.Saves, personal.saves, for_guests=True, looks=True),
    "draft": Command(shapes.Draft, personal.draft, for_guests=True),
    "notify": Command(shapes.Notify, personal.notify, for_guests=True),
    "preferences": Command(shapes.Preferences, personal.preferences, for_guests=True),
    "mark_all_read": Command(shapes.Nothing, personal.mark_all_read, for_guests=True),
    "find_people": Command(shapes.FindPeople, looking.find_people, looks=True),
    "friend": Command(shapes.Friend, contacting.friend),
    "block": Command(shapes.Block, contacting.block),
    "privacy": Command(shapes.Privacy, contacting.privacy),
    "commands": Command(shapes.InRoom, slash.offered, for_guests=True, looks=True),
    "command": Command(shapes.GiveCommand, slash.give, is_send=True, for_guests=True),
    "message_request": Command(shapes.MessageRequest, contacting.message_request),
}
