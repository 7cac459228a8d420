"""The examples of docs/bots.md on a real server, and a tool that was written for Slack."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import pytest
from slack_sdk.webhook import WebhookClient

from loopchat.client import Client, Rest
from loopchat.realtime.events import ChatMessage
from tests.docs.pages import DOCS, blocks
from tests.faults.backstage import Backstage
from tests.services import Server, StartServer

pytestmark = pytest.mark.slow

PAGE = (DOCS / "bots.md").read_text(encoding="utf-8")
WITHIN = 30


@dataclass
class Garden:
    """A server with ann, who owns it, and her room with the id 1."""

    server: Server
    token: str

    @property
    def api(self) -> Rest:
        """Ann's way to it."""
        return Rest(self.server.url, self.token)

    def hook(self) -> str:
        """The address of a new webhook."""
        return str(self.api.call("POST", "rooms/1/incoming-hooks", {"name": "Deploys"})["url"])

    def said(self) -> list[dict[str, Any]]:
        """All messages, the oldest first."""
        results = self.api.call("GET", "rooms/1/messages")["results"]
        assert isinstance(results, list)
        return results[::-1]


@pytest.fixture
def garden(start_server: StartServer) -> Garden:
    server = start_server()
    with Backstage(server) as backstage:
        (ann,) = backstage.people("ann")
        assert backstage.room(ann, "garden") == 1
    return Garden(server, ann.token)


def test_each_example_works(garden: Garden) -> None:
    surroundings = {**os.environ, "URL": garden.server.url, "TOKEN": garden.token, "no_proxy": "*"}
    answers = [_run(script, surroundings) for script in _until_webhooks()]
    bot, hook = (json.loads(answer) for answer in answers)
    assert bot["username"] == "weather"
    surroundings["HOOK"] = hook["url"]
    (posts,) = list(blocks(PAGE, "sh"))[len(answers) :]
    assert _run(posts, surroundings) == "ok" * 4
    assert [one["message"] for one in garden.said()] == [
        *["Version 3 is **out**."] * 3,
        "Build 17",
    ]


def test_a_tool_for_slack_posts_here_unchanged(garden: Garden) -> None:
    """The client that Slack publishes for its incoming webhooks, with another address."""
    tool = WebhookClient(garden.hook(), timeout=WITHIN)
    answer = tool.send(
        text="Build 7 failed",
        blocks=[
            {"type": "header", "text": {"type": "plain_text", "text": "Build 7"}},
            {"type": "section", "text": {"type": "mrkdwn", "text": "*failed* on <http://x.org|x>"}},
        ],
        attachments=[{"color": "#f00", "title": "Why", "text": "A &amp; B"}],
    )
    assert (answer.status_code, answer.body) == (200, "ok")
    (message,) = garden.said()
    assert message["message"] == (
        "**Build 7**\n**failed** on [x](http://x.org)\n> **Why**\n> A & B"
    )
    empty, gone = tool.send(text=""), WebhookClient(f"{tool.url}x").send(text="x")
    assert (empty.status_code, empty.body) == (400, "no_text")
    assert (gone.status_code, gone.body) == (404, "no_service")


async def test_the_bot_works(garden: Garden) -> None:
    server = garden.server
    server.manage("adduser", "dice", "--bot")
    token = server.manage("token", "dice").strip()
    await asyncio.to_thread(garden.api.call, "POST", "rooms/1/members", {"people": ["dice"]})
    (program,) = blocks(PAGE, "python")
    surroundings = {**os.environ, "URL": server.url, "TOKEN": token, "NO_PROXY": "*"}
    bot = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program), stdout=asyncio.subprocess.PIPE, env=surroundings
    )
    try:
        assert bot.stdout is not None
        async with asyncio.timeout(WITHIN):
            assert await bot.stdout.readline() == b"@dice is here\n"
            assert await _answer(garden, "@dice 3d1, please") == "1 + 1 + 1 = **3**"
    finally:
        bot.kill()
        await bot.wait()


async def _answer(garden: Garden, question: str) -> str | None:
    """What the bot says to it."""
    async with Client(garden.server.url, garden.token) as chat:
        happening = chat.events()
        asked = await chat.send(1, question)
        async for event in happening:
            if isinstance(event, ChatMessage) and event.reply_to == asked.id:
                return event.message
    raise AssertionError("it ended")


def _until_webhooks() -> list[str]:
    """The examples before those that need an address."""
    return [script for script in blocks(PAGE, "sh") if "$HOOK" not in script]


def _run(script: str, surroundings: dict[str, str]) -> str:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, (script, done.stderr)
    return done.stdout
