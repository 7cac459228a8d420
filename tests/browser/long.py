"""Rooms with more messages than anybody writes in a test."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.services import Server

_SEED = Path(__file__).with_name("long_seed.py")


def fill(server: Server, people: Sequence[str], rooms: Mapping[str, int]) -> None:
    """Make rooms of these people, each with so many messages, four minutes apart.

    A socket that is open meanwhile does not hear of them: people load their pages afterwards.
    """
    plan = json.dumps({"people": list(people), "rooms": dict(rooms)})
    server.manage("manage", "shell", "--command", _SEED.read_text(encoding="utf-8"), stdin=plan)
