"""docs/protocol.md says what the code says: names, fields, codes, limits, examples."""

from __future__ import annotations

import json
import re
from typing import Any, get_args

import msgspec
import pytest

from loopchat.core import markup
from loopchat.core.errors import Code
from loopchat.gateway import commands, shapes
from loopchat.gateway.entrance import LIMITS
from loopchat.gateway.fallback import _OWN_CODES
from loopchat.realtime import events
from loopchat.realtime.listener import Goodbye
from loopchat.web import contact_views, lookups, room_views
from loopchat.web.urls import urlpatterns
from tests.docs.pages import blocks, headings, prose, protocol, rows, section

SENT = "## What the client sends"
RECEIVED = "## What the server sends"

COMMANDS: dict[str, type[Any]] = {
    "hello": shapes.Hello,
    **{name: command.shape for name, command in commands.TABLE.items()},
}
EVENTS: dict[str, type[Any]] = {
    struct.__struct_config__.tag: struct
    for struct in vars(events).values()
    if isinstance(struct, type)
    and struct is not events.Event
    and issubclass(struct, msgspec.Struct)
    and isinstance(struct.__struct_config__.tag, str)
}
ANSWERS = {"ok", "error", "pong"}

# Of the standard codes these are sent by the WebSocket library, or by nobody.
STANDARD_CODES = {1006, 1007, 1011}


def test_the_tables_of_the_code_were_found() -> None:
    assert len(COMMANDS) > 10
    assert {"chat_message", "room_added", "welcome"} <= set(EVENTS)


def test_it_has_a_section_for_each_command() -> None:
    assert _names(SENT) == set(COMMANDS)


def test_it_has_a_section_for_each_event_and_answer() -> None:
    assert _names(RECEIVED) == set(EVENTS) | ANSWERS


@pytest.mark.parametrize("name", COMMANDS)
def test_it_names_every_field_of_a_command(name: str) -> None:
    assert _fields(COMMANDS[name]) <= _quoted(section(section(protocol(), SENT), f"### `{name}`"))


@pytest.mark.parametrize("name", EVENTS)
def test_it_names_every_field_of_an_event(name: str) -> None:
    told = section(section(protocol(), RECEIVED), f"### `{name}`")
    if name == "room_added":  # most of its fields are those of the summary
        told += section(section(protocol(), RECEIVED), "### `ready`")
    assert _fields(EVENTS[name]) <= _quoted(told)


PARTS = [
    events.RoomSummary,
    events.LastMessage,
    events.Person,
    events.Peer,
    events.DraftText,
    events.PreferencesState,
    events.PrivacyState,
    events.ContactState,
]


@pytest.mark.parametrize("struct", PARTS)
def test_it_names_every_field_of_the_parts_of_ready(struct: type[Any]) -> None:
    told = section(section(protocol(), RECEIVED), "### `ready`")
    assert _fields(struct) <= _quoted(told)


def test_it_shows_each_command_and_each_event_in_an_example() -> None:
    shown = {(_is_command(frame), frame["type"]) for frame in _examples()}
    assert {(True, name) for name in COMMANDS} <= shown
    assert {(False, name) for name in EVENTS} <= shown


def test_its_examples_have_the_shape_that_the_code_gives_them() -> None:
    for frame in _examples():
        if _is_command(frame):
            _check_command(frame)
        elif frame["type"] in EVENTS:
            _check_event(frame)
    pages = [frame for frame in _examples() if "items" in frame]
    found = [event for page in pages for event in page["items"] + page.get("quoted", [])]
    for event in found:
        if "type" in event:
            _check_event(event)


def test_its_formatted_texts_are_read_as_it_says() -> None:
    told = section(protocol(), "## Formatted text")
    (shown,) = blocks(told, "rich")
    lines = shown.splitlines()
    for text, tree in zip(lines[::2], lines[1::2], strict=True):
        assert markup.parse(text, {"ann": (1, "ann")}) == json.loads(tree)


def test_it_lists_the_error_codes() -> None:
    listed = {_bare(row[0]) for row in rows(section(protocol(), "## Error codes"))}
    assert listed == set(get_args(Code))


def test_it_lists_the_close_codes() -> None:
    listed = {int(row[0]) for row in rows(section(protocol(), "## Close codes"))}
    assert listed == {int(code) for code in Goodbye} | set(_OWN_CODES.values()) | STANDARD_CODES


def test_it_says_which_close_codes_mean_to_come_back() -> None:
    for code, _, answer in rows(section(protocol(), "## Close codes")):
        if int(code) >= 4000:
            assert answer.startswith("yes" if int(code) < 4500 else "no")


def test_it_lists_the_limits_of_welcome() -> None:
    listed = {_bare(row[0]): row[1] for row in rows(section(protocol(), "## Limits"))}
    for name, value in LIMITS.items():
        assert listed[name] == f"{value:,}"


def test_it_lists_the_forms_and_look_ups_of_rooms() -> None:
    told = section(protocol(), "## What the pages do by HTTP")
    listed = {_bare(row[0]).partition("?")[0] for row in rows(told)}
    views = {room_views.__name__, lookups.__name__, contact_views.__name__}
    assert listed == {
        "/" + re.sub(r"<str:(\w+)>", r"<\1>", re.sub(r"<int:\w+>", "<id>", str(found.pattern)))
        for found in urlpatterns
        if found.callback.__module__ in views
    }


def _names(heading: str) -> set[str]:
    return {_bare(words) for words in headings(section(protocol(), heading), "###")}


def _bare(cell: str) -> str:
    return cell.strip("`")


def _fields(struct: type[Any]) -> set[str]:
    return set(struct.__struct_encode_fields__)


def _quoted(text: str) -> set[str]:
    """All words in code spelling, also those of `{uid, ts}`."""
    return {
        word for span in re.findall(r"`([^`]+)`", prose(text)) for word in re.findall(r"\w+", span)
    }


def _examples() -> list[dict[str, Any]]:
    lines = [line for block in blocks(protocol(), "json") for line in block.splitlines()]
    assert len(lines) > 30
    return [json.loads(line) for line in lines]


def _is_command(frame: dict[str, Any]) -> bool:
    """Some commands and events share a name; of these only commands have a `ref`."""
    return frame["type"] in COMMANDS and (frame["type"] not in EVENTS or "ref" in frame)


def _check_command(frame: dict[str, Any]) -> None:
    shape = COMMANDS[frame["type"]]
    shapes.shaped(frame, shape)
    assert set(frame) - {"type", "ref"} <= _fields(shape), frame


def _check_event(frame: dict[str, Any]) -> None:
    """`rich` is left out: it is sent as it is stored, and no struct reads it."""
    struct = EVENTS[frame["type"]]
    assert set(frame) - {"type"} <= _fields(struct)
    told = {name: value for name, value in frame.items() if name != "rich"}
    event = msgspec.json.decode(json.dumps(told), type=struct, strict=True)
    assert json.loads(events.encode(event)) == told
