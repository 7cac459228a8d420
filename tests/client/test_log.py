"""What the server sends, as this client takes it: each object of the protocol's page is known."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from loopchat.client.log import KINDS, event_of

SENT = Path("docs/protocol.md").read_text().split("\n## What the server sends\n")[1]
SENT = SENT.split("\n## Formatted text\n")[0]
ANSWERS = {"ok", "error", "pong"}
"""They end what was asked and are no events."""

EXAMPLES = [
    json.loads(line)
    for block in re.findall(r"```json\n(.*?)```", SENT, re.DOTALL)
    for line in block.splitlines()
]


def test_every_object_of_the_protocol_has_a_type() -> None:
    described = set(re.findall(r"^### `(\w+)`", SENT, re.MULTILINE))
    assert {"whisper", "room_added", "degraded"} <= described
    assert described - ANSWERS == set(KINDS) - {"Event"}


@pytest.mark.parametrize("told", [one for one in EXAMPLES if one["type"] not in ANSWERS])
def test_every_example_becomes_an_event(told: dict[str, object]) -> None:
    event = event_of(told)
    assert event is not None
    assert event.__struct_config__.tag == told["type"]


def test_what_is_newer_than_this_client_is_no_event() -> None:
    assert event_of({"type": "telepathy", "room": 1}) is None
    assert event_of({"type": "whisper", "room": "not a number"}) is None
