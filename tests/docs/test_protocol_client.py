"""The client that docs/protocol.md prints, as a stranger would run it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path

from tests.docs.pages import blocks, protocol, section
from tests.services import Server, StartServer, direct

PASSWORD = "correct horse battery"
ANSWER_WITHIN = 20
DIRECT = {**os.environ, "NO_PROXY": "*", "no_proxy": "*"}


def test_it_sends_its_message_and_prints_it(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server()
    server.manage("adduser", "ann", "--owner", "--password-stdin", stdin=PASSWORD)
    server.manage("adduser", "bot", "--bot")
    token = server.manage("token", "bot").strip()
    room = _create_room(server, token)
    program = tmp_path / "client.py"
    program.write_text(_client(server, token, room), encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, program], stdout=subprocess.PIPE, text=True, env=DIRECT
    ) as client:
        try:
            assert client.stdout is not None
            assert client.stdout.readline() == "bot: Hello from a bot\n"
        finally:
            client.kill()


def test_it_does_not_come_back_when_it_is_told_so(
    start_server: StartServer, tmp_path: Path
) -> None:
    program = tmp_path / "client.py"
    program.write_text(_client(start_server(), "lct_of_nobody", 1), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, program],
        env=DIRECT,
        capture_output=True,
        text=True,
        timeout=ANSWER_WITHIN,
        check=True,
    )
    assert done.stdout == "the server says not to come back: Sign in first.\n"


def _client(server: Server, token: str, room: int) -> str:
    """The program of the page with the three values that a reader would fill in."""
    program = "".join(blocks(section(protocol(), "## What a client owes"), "python"))
    for shown, real in (
        ("ws://127.0.0.1:8000/ws/", f"{server.socket_url}/ws/"),
        ("lct_…", token),
        ('", 1\n', f'", {room}\n'),
    ):
        assert program.count(shown) == 1
        program = program.replace(shown, real)
    return program


def _create_room(server: Server, token: str) -> int:
    """The request that the page shows with curl."""
    fields = urllib.parse.urlencode({"kind": "private", "name": "Board"}).encode()
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    request = urllib.request.Request(f"{server.url}/chat/rooms/create/", fields, headers)
    with direct.open(request) as answer:
        return int(json.load(answer)["room"]["room"])
