"""`loopchat tail` and `loopchat send`: a room in a terminal."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from loopchat.client.errors import Gone, Lost, Refusal
from loopchat.client.rest import Rest
from loopchat.client.session import Client
from loopchat.realtime import events

DEFAULT_URL: Final = "http://127.0.0.1:8000"

SILENT: Final = 3.0
"""Seconds that a command waits for the server without a word."""

Problem = Callable[[str], Exception]
"""Makes the exception that the command line shows as one line."""


def tail(url: str | None, room: str, *, lines: int, problem: Problem) -> int:
    """Print what is said in a room, until somebody presses Ctrl-C."""
    try:
        asyncio.run(_tail(url or _url(), _token(problem), room, lines))
    except (Refusal, Lost, Gone) as error:
        raise problem(str(error)) from None
    return 0


def send(url: str | None, room: str, text: str | None, *, problem: Problem) -> int:
    """Send a text, or what comes by standard input, as one message."""
    body = sys.stdin.read() if text in (None, "-") else text
    address = url or _url()
    rest = Rest(address, _token(problem))
    try:
        with _said_when_slow(address):
            sent = rest.send(_find(rest, room), body or "")
    except Lost as error:
        raise problem(f"Nobody answers at {address}: {error}") from None
    except Refusal as error:
        raise problem(str(error)) from None
    print(sent.id)
    return 0


def _find(rest: Rest, named: str) -> int:
    if named.isascii() and named.isdecimal():
        return int(named)
    if named.startswith("@"):
        return int(rest.call("POST", "directs", {"username": named[1:]})["room"])
    for room in rest.rooms():
        if named.casefold() in (room.slug, room.name.casefold()):
            return room.room
    raise Refusal({"code": "not_found", "detail": f"There is no room {named} of yours."})


async def _tail(url: str, token: str, named: str, lines: int) -> None:
    async with Client(url, token, on_wait=partial(_say_waiting, url)) as chat:
        async for said in follow(chat, chat.room(named).room, lines):
            _print(*said)


async def follow(chat: Client, room: int, lines: int) -> AsyncIterator[tuple[int, str, str]]:
    """When, who and what: the newest `lines` of a room, then all that is said, each once."""
    happening = chat.events()  # listens before the past is read
    shown = 0
    if lines:
        page = await chat.history(room, limit=lines)
        shown = page.end
        for item in page.messages:
            if item.message is not None:
                yield item.ts, item.username, item.message
    async for event in happening:
        if not isinstance(event, events.ChatMessage) or event.room != room:
            continue
        if event.message and event.seq > shown:  # what came meanwhile is in both
            yield event.ts, event.username, event.message


@contextmanager
def _said_when_slow(url: str) -> Iterator[None]:
    """Say that the server is waited for, if it is."""
    timer = threading.Timer(SILENT, _say_waiting, (url, "no answer yet"))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _say_waiting(url: str, why: str | None) -> None:
    """Beside what is printed for other programs: that one waits, or that the server is back."""
    said = f"{url} is back." if why is None else f"Waiting for {url}: {_plain(why)}"
    print(said, file=sys.stderr, flush=True)


def _print(ts: int, username: str, text: str) -> None:
    """A message of many lines is indented; control characters do not reach the terminal."""
    at = datetime.fromtimestamp(ts / 1000).astimezone().strftime("%H:%M")
    shown = "\n    ".join(_plain(line) for line in text.split("\n"))
    print(f"{at} {username}: {shown}", flush=True)


def _plain(line: str) -> str:
    """Without what a terminal would obey."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in line)


def _url() -> str:
    return os.environ.get("LOOPCHAT_URL") or DEFAULT_URL


def _token(problem: Problem) -> str:
    if file := os.environ.get("LOOPCHAT_TOKEN_FILE"):
        return Path(file).read_text().strip()
    if token := os.environ.get("LOOPCHAT_TOKEN", "").strip():
        return token
    raise problem("set LOOPCHAT_TOKEN or LOOPCHAT_TOKEN_FILE; `loopchat token NAME` makes one")
